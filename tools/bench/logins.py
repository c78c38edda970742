# SPDX-License-Identifier: Apache-2.0
"""`make bench-logins`: log-ins a second, beside their statements alone.

A log-in is the POST of a token that is right, by 1, 8 and 64 browsers at once.
loop.c sends the same statements through apr_dbd, as many of them, from as many
connections, with no httpd. Both in turn, ROUNDS times; prints Markdown for
docs/performance.md.
"""
import base64
import os
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from scale_fill import PostgreSQL, SQLite
from server import REPO, Site
from setups import PLACE, Setup
from wire import Connection

sys.path.insert(0, str(REPO / "tests" / "e2e"))
from cp2fa.client import Client  # noqa: E402
from cp2fa.oath import code_at, now_step  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS") or 5)
WORKERS = 64  # of the server
CLIENTS = {1: 100, 8: 40, WORKERS: 10}  # so many log-ins of each
PEOPLE = [f"person{n}" for n in range(max(
    clients * each for clients, each in CLIENTS.items()))]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REALM = "Console"
# whoever comes is let in: what a password costs is not asked here
ANYBODY = PLACE.format(lines="""\
    AuthType Basic
    AuthName "Console"
    AuthBasicProvider anon
    Anonymous *
    Anonymous_MustGiveEmail off
    Anonymous_LogEmail off
    Require valid-user
    TwoFactor optional""")


def compile_loop(folder):
    program = folder / "loop"
    flags = [subprocess.run([tool, *options], check=True, text=True,
                            capture_output=True).stdout.split()
             for tool, *options in (("apr-1-config", "--includes",
                                     "--cppflags"),
                                    ("apr-1-config", "--link-ld"),
                                    ("apu-1-config", "--link-ld"))]
    subprocess.run(["cc", "-std=gnu11", "-O2", f"-I{REPO}/include", *flags[0],
                    REPO / "tools/bench/loop.c", REPO / "src/store/sql.c",
                    REPO / "src/store/dialect.c", "-o", program,
                    *flags[1], *flags[2]], check=True)
    return program


class Person:
    """Somebody's browser before the token page's form."""

    def __init__(self, site, name):
        client = Client(site, name, "any")
        self.fields = client.page("/2fa/token").form("/2fa/token").fields
        both = base64.b64encode(f"{name}:any".encode()).decode()
        cookies = "; ".join(f"{c.name}={c.value}" for c in client.http.cookies)
        self.head = ["Accept: text/html", f"Authorization: Basic {both}",
                     "Sec-Fetch-Site: same-origin",
                     f"Cookie: {cookies}",
                     "Content-Type: application/x-www-form-urlencoded"]

    def post(self, connection, code):
        body = urlencode({**self.fields, "token": code})
        connection.ask("/2fa/token", expect=b"303", body=body,
                       fields=self.head)


class Console(Site):
    """A server over one database, in which all people have the same phone."""

    def __init__(self, kind):
        super().__init__()
        self.database = kind(self.root, 0)
        self.setup = Setup("", self.database.config + ANYBODY, True,
                           modules=("authn_anon",))
        self.start(self.setup)
        Connection(self, self.setup, None).ask("/none", expect=b"401")
        self.stop()
        uris = "".join(f"otpauth://totp/{REALM}:{name}?secret={SECRET}"
                       f"&issuer={REALM}\n" for name in PEOPLE)
        subprocess.run([REPO / "build/cp2factl", "--config",
                        self.root / "conf/httpd.conf", "import", "otpauth"],
                       check=True, input=uris, text=True,
                       stdout=subprocess.DEVNULL)

    def rewind(self):
        """Codes that were used are good again."""
        self.database.do("UPDATE cp2fa_device SET last_step = -1, skew = 0,"
                         " half_step = -1", "DELETE FROM cp2fa_session")
        self.database.settle()

    def served(self, clients):
        """Log-ins a second, by so many browsers; and of as many requests that
        are refused at once, which is what clients and httpd take."""
        self.rewind()
        each = CLIENTS[clients]
        self.start(self.setup)
        try:
            with ThreadPoolExecutor(clients) as pool:
                people = list(pool.map(lambda name: Person(self, name),
                                       PEOPLE[:clients * each]))
                code = code_at(SECRET, now_step())
                return [self.rate(pool, clients, people, act) for act in (
                    lambda person, line: person.post(line, code),
                    lambda _, line: line.ask("/none", expect=b"401"))]
        finally:
            self.stop()

    def rate(self, pool, clients, people, act):
        def work(number):
            connection = Connection(self, self.setup, None)
            for person in people[number::clients]:
                act(person, connection)
                if clients == WORKERS:  # which keep none then
                    connection.close()

        began = time.monotonic()
        list(pool.map(work, range(clients)))
        return len(people) / (time.monotonic() - began)

    def looped(self, clients, program):
        """The same of their statements."""
        self.rewind()
        done = subprocess.run(
            [program, *self.database.opened, REALM, str(clients),
             str(CLIENTS[clients])], check=True, text=True,
            stdout=subprocess.PIPE)
        return float(done.stdout)


def main():
    print(f"{ROUNDS} rounds, load {os.getloadavg()[0]:.1f}, "
          f"{time.strftime('%Y-%m-%d')}:\n\n"
          "| | clients | log-ins/s | their statements alone | × | requests"
          " that are refused |\n|---|---|---|---|---|---|", flush=True)
    for kind in (SQLite, PostgreSQL):
        site = Console(kind)
        program = compile_loop(site.root)
        try:
            for clients in CLIENTS:
                served, looped = [], []
                for _ in range(ROUNDS):
                    looped.append(site.looped(clients, program))
                    served.append(site.served(clients))
                ratio = statistics.median(
                    log_ins / loop for (log_ins, _), loop in zip(served,
                                                                 looped))
                log_ins, refused = (statistics.median(one)
                                    for one in zip(*served))
                print(f"| {kind.name} | {clients} | {log_ins:,.0f} | "
                      f"{statistics.median(looped):,.0f} | {ratio:.2f} | "
                      f"{refused:,.0f} |", flush=True)
        finally:
            site.stop()
            site.database.stop()
            shutil.rmtree(site.root, ignore_errors=True)


main()
