# SPDX-License-Identifier: Apache-2.0
"""`make bench-soak`: whether httpd's children grow.

Sends REQUESTS signed-in requests on kept connections, by wrk, and LOGINS
log-ins beside them, to children that are never replaced, and prints the memory
of the greatest child after each tenth. MINUTES is when it stops, done or not.
"""
import os
import re
import subprocess
import time

from crowd import Crowd, logged_in
from memory import children, mapped, total
from scale_fill import SQLite

REQUESTS = int(os.environ.get("REQUESTS") or 10_000_000)
LOGINS = int(os.environ.get("LOGINS") or 100_000)
MINUTES = float(os.environ.get("MINUTES") or 60)
PEOPLE = 120000     # none again while his phone shows the same code
SLICE = 10
TENTHS = 10
NICE = 10           # others may use the machine meanwhile
BASIC = "Authorization: Basic Ym9iOmFueQ=="     # bob:any


def asking(site, cookie):
    return subprocess.Popen(
        ["wrk", "-t", "2", "-c", "8", "-d", f"{SLICE}s",
         "--timeout", "30s", "-H", BASIC, "-H", f"Cookie: {cookie}",
         site.origin + "/page.html"], text=True, stdout=subprocess.PIPE)


def asked(wrk):
    """How many: each answer was the page. A busy httpd may end a connection
    that it has kept, which wrk calls an error of reading."""
    said = wrk.communicate()[0]
    number = int(re.search(r"(\d+) requests in", said)[1])
    ended = re.search(r"connect 0, read (\d+), write 0, timeout 0", said)
    assert wrk.returncode == 0 and "Non-2xx" not in said, said
    assert "Socket errors" not in said or ended, said
    assert not ended or int(ended[1]) < number / 1000, said
    return number


class Soak:
    def __init__(self):
        self.site = Crowd(SQLite, PEOPLE)
        self.site.start(self.site.setup("MaxConnectionsPerChild 0\n"))
        self.cookie = self.site.sign_in("bob")
        self.requests = self.logins = 0
        self.began = time.monotonic()
        self.first = None

    def minutes(self):
        return (time.monotonic() - self.began) / 60

    def until(self, requests, logins):
        """Goes on until so many are done, both, or the time is up."""
        while (self.requests < requests or self.logins < logins) \
                and self.minutes() < MINUTES:
            crowd = (self.site.logging_in(SLICE)
                     if self.logins < logins else None)
            wrk = (asking(self.site, self.cookie)
                   if self.requests < requests else None)
            self.logins += logged_in(self.site, crowd)[0] if crowd else 0
            self.requests += asked(wrk) if wrk else 0

    def print(self):
        pids = children(self.site)
        self.first = self.first or set(pids)
        assert self.first <= set(pids), "a child ended"
        found = max((total(mapped(pid)) for pid in pids),
                    key=lambda one: one["Private_Dirty"])
        print(f"| {self.minutes():.1f} | {self.requests:,} | {self.logins:,} |"
              f" {len(pids)} | {found['Rss']:,} | {found['Pss']:,} |"
              f" {found['Private_Dirty']:,} |", flush=True)


def main():
    os.nice(NICE)
    soak = Soak()
    try:
        print("| minutes | requests | log-ins | children | Rss, KiB | Pss |"
              " Private_Dirty |\n|---|---|---|---|---|---|---|", flush=True)
        soak.until(1, 1)     # connections, caches, a child more
        soak.print()
        for tenth in range(1, TENTHS + 1):
            soak.until(REQUESTS * tenth // TENTHS, LOGINS * tenth // TENTHS)
            soak.print()
            if soak.minutes() >= MINUTES:
                break
        print(f"\nload {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
    finally:
        soak.site.remove()


main()
