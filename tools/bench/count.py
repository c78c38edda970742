# SPDX-License-Identifier: Apache-2.0
"""Instructions of user space for a request, counted by callgrind."""
import itertools
import re

from wire import Connection

WARM, SHORT, LONG, BLOCKS = 64, 10, 60, 12
SLOW = (1, 1, 3, 1)  # the same, where one request takes a second


def total(path):
    return int(re.search(r"^(?:totals|summary): (\d+)", path.read_text(),
                         re.M)[1])


class Counter:
    """A server under callgrind, and one client of it, who asks for one
    page."""

    def __init__(self, site, setup, session, path="/page.html"):
        self.site = site
        self.setup = setup
        self.path = path
        self.folder = site.root / "counts"
        for old in self.folder.iterdir():
            old.unlink()
        site.start(setup, callgrind=True)
        self.client = Connection(site, setup, session)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        self.site.stop()

    def dump(self):
        """Ends a count and begins the next, by asking for what is not there:
        see server.py. The file of the count that ended."""
        before = set(self.folder.iterdir())
        self.client.ask("/none", expect=b"404")
        (made,) = set(self.folder.iterdir()) - before
        return made

    def block(self, requests, cookies, blocks):
        """The least of some counts of so many requests: now and then httpd,
        or a thread of ours, has something else to do."""
        counts = []
        for _ in range(blocks):
            self.dump()
            for _ in range(requests):
                self.client.ask(self.path, next(cookies))
            made = self.dump()
            counts.append((total(made), made))
        return min(counts)

    def per_request(self, cookies=(None,)):
        """Instructions of one request, and callgrind's file of the long block
        and how many requests are in it. `cookies` go in turn."""
        warm, short, long, blocks = (SLOW if self.setup.slow else
                                     (WARM, SHORT, LONG, BLOCKS))
        cookies = itertools.cycle(cookies)
        for _ in range(warm):
            self.client.ask(self.path, next(cookies))
        least, _ = self.block(short, cookies, blocks)
        most, made = self.block(long, cookies, blocks)
        return (most - least) / (long - short), made, long


def count(site, setup, session, path="/page.html"):
    """Instructions of a request of this set-up."""
    with Counter(site, setup, session, path) as counter:
        return counter.per_request()[0]
