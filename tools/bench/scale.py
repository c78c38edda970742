# SPDX-License-Identifier: Apache-2.0
"""`make bench-scale`: what a log-in and a request cost with many accounts.

Fills databases with 1,000 and 1,000,000 accounts (MANY=n), asks two servers
over them in turn, and prints Markdown for docs/scaling.md. A log-in is the POST
of a token; a request has a session, which the cache knows as a rule: what one
costs that no cache knows is there, too. Then all sessions of the big one
expire, and people log in while the janitor deletes them.
"""
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from scale_fill import BATCH, PostgreSQL, SQLite, session_hash, session_id
from server import PASSWORD, Site
from setups import OF_BASIC, OURS, Setup, basic
from signin import NAME
from wire import Connection

from cp2fa.client import Client, dump
from cp2fa.oath import code_at, now_step

FEW, MANY = 1000, int(os.environ.get("MANY") or 1000000)
ROUNDS = int(os.environ.get("ROUNDS") or 10)
PEOPLE = [f"bench{n}" for n in range(20)]
WARM, REQUESTS = 1000, 1300
PURGE_SECONDS = int(os.environ.get("PURGE_SECONDS") or 60)
BATCHES = 200
KNOWN = "requests_known"
NAMES = {"logins": "a log-in", KNOWN: "a request",
         "requests": "a request that no cache knows, of 1,000 at work",
         "requests_of_anyone": "the same, of anyone"}
UNCACHED = "TwoFactorSessionCache none\n"


def say(words):
    print(words, file=sys.stderr, flush=True)


def cpu_of(site):
    """Nanoseconds of each process: httpd's, and those of the database."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            parent, session = int(stat[1]), int(stat[3])
            if site.process.pid == session or site.database.pid == parent:
                found[folder.name] = sum(
                    int(one.read_text().split()[0])
                    for one in folder.glob("task/*/schedstat"))
        except OSError:
            continue
    return found


class Block:
    """The CPU that is used inside of it."""

    def __init__(self, site):
        self.site = site

    def __enter__(self):
        self.before = cpu_of(self.site)
        return self

    def __exit__(self, *_):
        after = cpu_of(self.site)
        self.used = sum(used - self.before[pid] for pid, used in after.items()
                        if pid in self.before) / 1e6


class Filled(Site):
    """A server over so many accounts, of which PEOPLE have a phone at hand."""

    def __init__(self, kind, count):
        super().__init__()
        self.count = count
        self.database = kind(self.root, count)
        (self.root / "conf/many").touch()
        for name in PEOPLE:
            subprocess.run(["htpasswd", "-b", "-s", self.root / "conf/many",
                            name, PASSWORD], check=True, capture_output=True)
        more = self.database.config + UNCACHED
        self.for_logins = Setup("", more + basic("many", "TwoFactor optional"),
                                True, modules=OF_BASIC)
        self.for_requests = Setup("", more + OURS.text, True,
                                  cookie="session")
        self.for_known = Setup("", self.database.config + OURS.text, True,
                               cookie="session")
        self.start(self.for_logins)
        self.phones = {name: Client(self, name, PASSWORD).enrol()
                       for name in PEOPLE}
        self.stop()
        # found now, while nobody else is there
        ids = ", ".join(f"'{one}'" for one, in self.database.do(
            f"SELECT id FROM cp2fa_account WHERE name LIKE 'bench%'"))
        self.ours = f"account IN ({ids})"
        say(f"{kind.name}: filling {count:,}")
        self.database.fill(count)

    def rewind(self):
        """Codes that were used are good again."""
        self.database.do(
            "UPDATE cp2fa_device SET last_step = -1, half_step = -1, skew = 0"
            f" WHERE {self.ours}",
            f"DELETE FROM cp2fa_session WHERE {self.ours}")

    def log_in(self, name, form=None):
        """The seconds that a token took."""
        client, fields = form or self.form(name)
        code = code_at(self.phones[name].secret, now_step())
        began = time.monotonic()
        answer = client.post("/2fa/token", {**fields, "token": code})
        took = time.monotonic() - began
        assert answer.status_code == 303, dump(answer)
        return took

    def form(self, name):
        client = Client(self, name, PASSWORD)
        return client, client.page("/2fa/token").form("/2fa/token").fields

    def logins(self):
        """Milliseconds of each, and of CPU of one."""
        self.rewind()
        forms = {name: self.form(name) for name in PEOPLE}
        with Block(self) as block:
            times = [self.log_in(name, form) for name, form in forms.items()]
        return times, block.used / len(times)

    def prepare(self, what):
        """The sessions of all rounds: of a thousand who are at work, anywhere
        among them all, or of anyone."""
        step = 1 if what == "requests_of_anyone" else self.count // FEW
        self.samples = [[random.randrange(0, self.count, step)
                         for _ in range(REQUESTS)] for _ in range(ROUNDS)]
        if what == KNOWN:
            # who was there in the first thousand requests comes again
            for one in self.samples:
                one[WARM:] = random.choices(one[:WARM], k=REQUESTS - WARM)
        # Once a minute a session is noted, and that must not be in it, nor
        # what the database does about pages that were written to. A clock may
        # be a minute behind.
        hashes = {f"'{session_hash(n)}'" for one in self.samples for n in one}
        self.database.do(
            f"UPDATE cp2fa_session SET last_seen = {int(time.time()) + 45}"
            f" WHERE hash IN ({', '.join(hashes)})")
        self.database.settle()

    def start_for(self, what):
        self.start({"logins": self.for_logins, KNOWN: self.for_known}.get(
            what, self.for_requests))

    def requests(self):
        sample = self.samples.pop()
        client = Connection(self, self.for_requests, None)
        for number in sample[:WARM]:
            client.ask(cookie=f"{NAME}={session_id(number).hex()}")
        times = []
        with Block(self) as block:
            for number in sample[WARM:]:
                cookie = f"{NAME}={session_id(number).hex()}"
                began = time.monotonic()
                client.ask(cookie=cookie)
                times.append(time.monotonic() - began)
        client.close()
        return times, block.used / len(times)


def row(what, kind, found):
    """The medians over rounds of both sizes, and the ratio by rounds."""
    cells = []
    for pick, form in ((lambda one: statistics.median(one[0]) * 1e3, "ms"),
                       (lambda one: one[1], "ms of CPU")):
        few, many = ([pick(one) for one in of] for of in found)
        ratio = statistics.median(b / a for a, b in zip(few, many))
        cells.append(f"{statistics.median(few):.2f} | "
                     f"{statistics.median(many):.2f} | {ratio:.2f}")
    print(f"| {kind.name}, {what} | " + " | ".join(cells) + " |", flush=True)


def compare(sites, kind, what):
    """A server of its own for each block: one process may be faster than the
    next for as long as it lives."""
    found = [[], []]
    logs_in = what == "logins"
    for site in sites:
        if not logs_in:
            site.prepare(what)
    for number in range(ROUNDS):
        order = list(zip(sites, found))
        for site, results in order[::-1 if number % 2 else 1]:
            site.start_for(what)
            try:
                results.append(site.logins() if logs_in else site.requests())
            finally:
                site.stop()
    row(NAMES[what], kind, found)


def expired(site, now):
    return site.database.do("SELECT count(*) FROM cp2fa_session WHERE ends <="
                            f" {now}")[0][0]


def purge(site, kind):
    """All sessions have expired: log-ins, with nothing to purge and with."""
    site.start(site.for_logins)
    try:
        calm = [one for _ in range(5) for one in site.logins()[0]]
    finally:
        site.stop()
    now = int(time.time()) - 1
    say(f"{kind.name}: {site.count:,} sessions expire")
    site.database.do(f"UPDATE cp2fa_session SET ends = {now}")
    by_hand = site.database.timed(BATCH.format(now=now), BATCHES)
    before = expired(site, now)
    site.start(site.for_logins)
    try:
        began = time.monotonic()
        times = []
        while time.monotonic() - began < PURGE_SECONDS:
            times += site.logins()[0]
        took = time.monotonic() - began
    finally:
        site.stop()
    gone = before - expired(site, now)
    print(f"\n{kind.name}, of {before:,} expired sessions: {gone / took:,.0f}"
          f" deleted a second, {BATCHES} batches by hand took "
          f"{statistics.median(by_hand):.1f} ms in the median, at most "
          f"{max(by_hand):.0f}. {len(times)} log-ins meanwhile: median "
          f"{statistics.median(times) * 1e3:.1f} ms, the slowest "
          f"{max(times) * 1e3:.0f}; {len(calm)} before that: "
          f"{statistics.median(calm) * 1e3:.1f} and {max(calm) * 1e3:.0f}.\n",
          flush=True)


def main():
    print(f"With {FEW:,} and with {MANY:,} accounts, {ROUNDS} rounds of "
          f"{len(PEOPLE)} log-ins and {REQUESTS} requests, load "
          f"{os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}:\n\n"
          "| | ms, few | many | × | CPU ms, few | many | × |\n"
          "|---|---|---|---|---|---|---|", flush=True)
    kinds = {"sqlite": SQLite, "pgsql": PostgreSQL}
    for name in (os.environ.get("DATABASES") or "sqlite pgsql").split():
        kind = kinds[name]
        sites = []
        try:
            for count in (FEW, MANY):
                sites.append(Filled(kind, count))
            for what in NAMES:
                compare(sites, kind, what)
            purge(sites[1], kind)
        finally:
            for site in sites:
                site.stop()
            for site in sites:
                site.database.stop()
                shutil.rmtree(site.root, ignore_errors=True)


main()
