# SPDX-License-Identifier: Apache-2.0
"""Instructions of user space for a request, counted by callgrind."""
import base64
import re
import socket

from server import PASSWORD, USER

ANY_COOKIE = "theme=dark; language=en; seen=0123456789abcdef0123456789abcdef"
WARM, SHORT, LONG, BLOCKS = 64, 50, 250, 3


def headers_of(setup, session):
    """What the client of a set-up sends with each request."""
    lines = []
    if setup.cookie:
        lines.append("Cookie: " + (session if setup.cookie == "session"
                                   else ANY_COOKIE))
    if setup.password:
        both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        lines.append("Authorization: Basic " + both)
    return lines


class Connection:
    """One kept alive; every answer must be the page."""

    def __init__(self, site, lines, path="/page.html", expect=b"200"):
        self.expect = expect
        self.request = "\r\n".join(
            [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{site.port}",
             "User-Agent: bench", "Accept: */*", *lines, "", ""]).encode()
        self.socket = socket.create_connection(("127.0.0.1", site.port), 60)
        self.rest = b""

    def ask(self):
        self.socket.sendall(self.request)
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + self.expect), data.decode()
        length = re.search(rb"Content-Length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += self._more()
        self.rest = body[int(length[1]):] if length else b""
        return head

    def _more(self):
        data = self.socket.recv(65536)
        assert data, "the server hung up"
        return data

    def close(self):
        self.socket.close()


def total(path):
    return int(re.search(r"^(?:totals|summary): (\d+)", path.read_text(),
                         re.M)[1])


class Counter:
    """A server under callgrind."""

    def __init__(self, site, setup):
        self.site = site
        self.folder = site.root / "counts"
        for old in self.folder.iterdir():
            old.unlink()
        site.start(setup, callgrind=True)

    def dump(self, lines):
        """Ends a count and begins the next, by asking for what is not there:
        see server.py. The file of the count that ended."""
        before = set(self.folder.iterdir())
        connection = Connection(self.site, lines, "/none", expect=b"404")
        connection.ask()
        connection.close()
        (made,) = set(self.folder.iterdir()) - before
        return made

    def block(self, connection, lines, requests):
        """The least of some counts of so many requests: now and then httpd,
        or a thread of ours, has something else to do."""
        counts = []
        for _ in range(BLOCKS):
            self.dump(lines)
            for _ in range(requests):
                connection.ask()
            made = self.dump(lines)
            counts.append((total(made), made))
        return min(counts)

    def per_request(self, lines, path="/page.html"):
        """Instructions of one request, and callgrind's file of LONG ones."""
        connection = Connection(self.site, lines, path)
        for _ in range(WARM):
            connection.ask()
        least, _ = self.block(connection, lines, SHORT)
        most, made = self.block(connection, lines, LONG)
        connection.close()
        return (most - least) / (LONG - SHORT), made


def count(site, setup, session, **more):
    counter = Counter(site, setup)
    try:
        return counter.per_request(headers_of(setup, session), **more)
    finally:
        site.stop()
