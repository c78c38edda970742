# SPDX-License-Identifier: Apache-2.0
"""`make bench-latency`: whether signed-in requests wait for anything.

pace.c asks for a page of 1 KiB at a fixed rate, with a session that the cache
has, and counts from when a request was due: nothing going on; while people log
in as fast as they can; while something unrelated takes as much of the same
cores; while the mail server accepts and says nothing; while each answer of the
database takes 2 s. All in turn, ROUNDS times; prints Markdown for
docs/performance.md.
"""
import os
import statistics
import subprocess
import sys
import time

from crowd import BROWSERS, Crowd, cpu_of, logged_in
from scale_fill import PostgreSQL, SQLite
from server import REPO
from setups import COOKIE
from wire import ANY_COOKIE, Connection

from cp2fa.slowly import Slowly
from cp2fa.smtp import STALL, SmtpServer
from cp2fa.tls import Certificate

ROUNDS = int(os.environ.get("ROUNDS") or 5)
SECONDS = int(os.environ.get("SECONDS") or 10)
SLOW_SECONDS = 70   # a session is noted once a minute
RATE, CONNECTIONS = 500, 8
AHEAD = 1           # of the measuring, that everything else begins
DELAY = 2
BASIC = "Authorization: Basic Ym9iOmFueQ=="     # bob:any
MAIL = """\
TwoFactorMail smtp://localhost:{port}?ca={ca}
TwoFactorMailFrom two-factor@localhost
TwoFactorEmail "%{{REMOTE_USER}}@example.org"
"""
BARE = "bare, nothing else going on"
QUIET = "nothing else going on"
LOGINS = "log-ins at full rate"
LOAD = "as much CPU for something unrelated"
MAIL_STALLS = "the mail server stalls"
SLOW = f"each answer of the database takes {DELAY} s"
WHATS = {SQLite: (BARE, QUIET, LOGINS, LOAD, MAIL_STALLS),
         PostgreSQL: (QUIET, LOGINS, LOAD, SLOW)}


def say(words):
    print(words, file=sys.stderr, flush=True)


class Bench:
    """The states of a server over one database."""

    def __init__(self, kind):
        self.kind = kind
        self.site = Crowd(kind)
        self.program = self.site.root / "pace"
        subprocess.run(["cc", "-std=gnu11", "-O2", "-pthread", "-o",
                        self.program, REPO / "tools/bench/pace.c"], check=True)
        self.config = self.proxy = None
        if kind is PostgreSQL:
            folder = self.site.database.folder
            self.proxy = Slowly(folder / ".s.PGSQL.5432")
            self.config = self.site.database.config.replace(
                f"host={folder}", f"host=127.0.0.1 port={self.proxy.port}")
        self.used, self.numbers = 0, []
        self.sink = self.stalled = self.cookie = None

    def prepare(self):
        self.stalled = self.stall() if MAIL_STALLS in WHATS[self.kind] else ""
        self.site.start(self.site.setup(config=self.config))
        self.cookie = self.site.sign_in("bob")
        self.site.stop()

    def stall(self):
        """Accounts whose mail waits for a server that says nothing."""
        certificate = Certificate(self.site.root)
        self.sink = SmtpServer(certificate, connect=STALL)
        mail = MAIL.format(port=self.sink.port, ca=certificate.path)
        self.site.start(self.site.setup(mail, self.config))
        for number in range(40):
            self.site.sign_in(f"mailed{number}")
        self.site.stop()
        return mail

    def pace(self, seconds, cookie):
        file = self.site.root / "request"
        file.write_text(
            f"GET /page.html HTTP/1.1\r\nHost: 127.0.0.1:{self.site.port}\r\n"
            f"User-Agent: bench\r\nAccept: */*\r\n{BASIC}\r\n"
            f"Cookie: {cookie}\r\n\r\n")
        said = subprocess.run(
            [self.program, str(self.site.port), str(CONNECTIONS), str(RATE),
             str(seconds), file], check=True, text=True,
            stdout=subprocess.PIPE).stdout
        return [int(one) for one in said.split()]

    def measure(self, what):
        """Answers, those that were no page, and the times in us."""
        cookie = ANY_COOKIE if what is BARE else self.cookie
        more = self.stalled if what is MAIL_STALLS else ""
        self.site.start(COOKIE if what is BARE
                        else self.site.setup(more, self.config))
        try:
            first = Connection(self.site, COOKIE, None)
            first.fields.append(BASIC)
            for _ in range(2 * CONNECTIONS):
                first.ask(cookie=cookie)
            first.close()
            return self.during(what, cookie)
        finally:
            self.site.stop()

    def during(self, what, cookie):
        if what is LOGINS:
            before = cpu_of(self.site), os.times()
            crowd = self.site.logging_in(SECONDS + 2 * AHEAD)
            time.sleep(AHEAD)
            found = self.pace(SECONDS, cookie)
            number, seconds = logged_in(self.site, crowd)
            after = os.times()
            self.numbers.append(number / seconds)
            self.used = (cpu_of(self.site) - before[0]
                         + after.children_user - before[1].children_user
                         + after.children_system - before[1].children_system
                         ) / seconds
            return found
        if what is LOAD:
            burner = subprocess.Popen(
                [self.program, "burn", str(BROWSERS),
                 str(max(1, min(95, round(100 * self.used / BROWSERS)))),
                 str(SECONDS + 2 * AHEAD)])
            time.sleep(AHEAD)
            found = self.pace(SECONDS, cookie)
            burner.wait()
            return found
        if what is MAIL_STALLS:
            self.sink.stalls.clear()
            assert self.sink.stalls.wait(60), "no mail was sent"
            return self.pace(SECONDS, cookie)
        if what is SLOW:
            time.sleep(AHEAD)   # every child has come to know the database
            self.proxy.delay = DELAY
            try:
                return self.pace(SLOW_SECONDS, cookie)
            finally:
                self.proxy.delay = 0
        return self.pace(SECONDS, cookie)

    def close(self):
        if self.proxy:
            self.proxy.stop()
        if self.sink:
            self.sink.stop()
        self.site.remove()


def main():
    print(f"{RATE} requests a second on {CONNECTIONS} connections, {ROUNDS} "
          f"rounds of {SECONDS} s ({SLOW_SECONDS} s where the database is "
          f"slow), load {os.getloadavg()[0]:.1f}, "
          f"{time.strftime('%Y-%m-%d')}; milliseconds:\n\n| | | median | p99 |"
          " p99.9 | longest | no page |\n|---|---|---|---|---|---|---|",
          flush=True)
    for kind, whats in WHATS.items():
        say(f"{kind.name}: people enrol")
        bench = Bench(kind)
        try:
            bench.prepare()
            found = {what: [] for what in whats}
            for number in range(ROUNDS):
                say(f"{kind.name}: round {number + 1} of {ROUNDS}")
                for what in whats:
                    found[what].append(bench.measure(what))
                    say(f"  {what}: {found[what][-1]}")
        finally:
            bench.close()
        for what in whats:
            _, bad, *times = map(statistics.median, zip(*found[what]))
            print(f"| {kind.name} | {what} | "
                  + " | ".join(f"{one / 1000:.2f}" for one in times)
                  + f" | {bad:.0f} |", flush=True)
        print(f"| | log-ins a second: {statistics.median(bench.numbers):.0f}, "
              f"{bench.used:.2f} cores | | | | | |", flush=True)


main()
