# SPDX-License-Identifier: Apache-2.0
"""`make bench-logins`: log-ins a second, beside their statements alone.

A log-in is the POST of a token that is right, by 1, 8 and 64 browsers at once.
loop.c sends the same statements through apr_dbd, as many of them, from as many
connections, with no httpd; browsers.c sends the forms, which are filled in
beforehand. Both in turn, ROUNDS times, and each for half a second and more,
since a disk that others use is quick now and slow then; prints Markdown for
docs/performance.md. With one browser mod_statements.c has its turn, too: an
httpd that does nothing but the statements, whose one connection a child has
with more browsers would say nothing.
"""
import base64
import os
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from operator import truediv
from urllib.parse import urlencode

from scale_fill import PostgreSQL, SQLite
from server import REPO, Site
from setups import ANYBODY, OF_BASIC, Setup
from wire import Connection

sys.path.insert(0, str(REPO / "tests" / "e2e"))
from cp2fa.client import Client  # noqa: E402
from cp2fa.oath import code_at, now_step  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS") or 15)
WORKERS = 64  # of the server
CLIENTS = {1: 600, 8: 80, WORKERS: 10}  # so many log-ins of each, and one more
PEOPLE = [f"person{n}" for n in range(max(
    clients * (each + 1) for clients, each in CLIENTS.items()))]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REALM = "Console"
STATEMENTS = """\
LoadModule statements_module {module}
Statements {driver} "{params}" {realm}
<Location "/statements">
    SetHandler statements
    TwoFactor off
    AuthType None
    Require all granted
</Location>
"""


DATABASE = REPO / "src/store/sql.c", REPO / "src/store/dialect.c"


def built(folder, name, *sources):
    """A program out of tools/bench, against APR; or a module."""
    module = name.startswith("mod_")
    flags = [subprocess.run([tool, *options], check=True, text=True,
                            capture_output=True).stdout.split()
             for tool, *options in (("apr-1-config", "--includes",
                                     "--cppflags"),
                                    ("apr-1-config", "--link-ld"),
                                    ("apu-1-config", "--link-ld"))]
    if module:
        flags[0] += ["-shared", "-fPIC", "-I" + subprocess.run(
            ["apxs", "-q", "INCLUDEDIR"], check=True, text=True,
            capture_output=True).stdout.strip()]
    made = folder / (name + ".so" * module)
    subprocess.run(["cc", "-std=gnu11", "-O2", f"-I{REPO}/include", *flags[0],
                    REPO / f"tools/bench/{name}.c", *sources,
                    "-o", made, *flags[1], *flags[2]], check=True)
    return made


CODE = "000000"


def request_of(site, name):
    """The token page's form, as somebody's browser sends it with that code."""
    client = Client(site, name, "any")
    fields = client.page("/2fa/token").form("/2fa/token").fields
    both = base64.b64encode(f"{name}:any".encode()).decode()
    cookies = "; ".join(f"{c.name}={c.value}" for c in client.http.cookies)
    body = urlencode({**fields, "token": CODE})
    return "\r\n".join([
        "POST /2fa/token HTTP/1.1", f"Host: 127.0.0.1:{site.port}",
        "User-Agent: bench", "Accept: text/html",
        f"Authorization: Basic {both}", "Sec-Fetch-Site: same-origin",
        f"Cookie: {cookies}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}", "", body])


class Console(Site):
    """A server over one database, in which all people have the same phone."""

    def __init__(self, kind):
        super().__init__()
        self.database = kind(self.root, 0)
        self.setup = Setup("", self.database.config + ANYBODY, True,
                           modules=(*OF_BASIC, "authn_anon"))
        self.start(self.setup)
        Connection(self, self.setup, None).ask("/none", expect=b"401")
        self.stop()
        driver, params = self.database.opened
        self.setup = replace(self.setup, text=self.setup.text
                             + STATEMENTS.format(
                                 module=built(self.root, "mod_statements",
                                              *DATABASE),
                                 driver=driver, params=params, realm=REALM))
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

    def forms(self, clients):
        """Of all who log in; a form is good more than once."""
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda name: request_of(self, name),
                                 PEOPLE[:clients * (CLIENTS[clients] + 1)]))

    def served(self, clients, program, forms):
        """Log-ins a second, by so many browsers; and of as many requests that
        are refused at once, which is what httpd takes for any."""
        self.rewind()
        code = code_at(SECRET, now_step())
        return [self.rate(clients, program, requests, status)
                for requests, status in (
                    ([form.replace(f"token={CODE}", f"token={code}")
                      for form in forms], "303"),
                    ([self.none()] * len(forms), "401"))]

    def stated(self, clients, program):
        """By an httpd that does nothing but the statements, for one browser;
        else nothing."""
        if clients > 1:
            return 0
        self.rewind()
        return self.rate(clients, program, [
            f"GET /statements?{person} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.port}\r\n\r\n"
            for person in range(CLIENTS[clients] + 1)], "303")

    def none(self):
        return f"GET /none HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n"

    def rate(self, clients, program, requests, status):
        """As many as the server has workers keep no connection: each worker
        would wait for one browser, and those that come next for a worker."""
        file = self.root / "requests"
        file.write_bytes(b"".join(b"%d\n%s" % (len(one), one.encode())
                                  for one in requests))
        done = subprocess.run(
            [program, str(self.port), file, str(clients),
             str(CLIENTS[clients]), status, str(int(clients != WORKERS))],
            check=True, text=True, stdout=subprocess.PIPE)
        return float(done.stdout)

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
          "| | clients | log-ins/s | their statements alone | × | httpd and"
          " the statements | × | requests that are refused |\n"
          "|---|---|---|---|---|---|---|---|", flush=True)
    for kind in (SQLite, PostgreSQL):
        site = Console(kind)
        loop = built(site.root, "loop", *DATABASE)
        browsers = built(site.root, "browsers")
        try:
            for clients in CLIENTS:
                served, looped, stated = [], [], []
                site.start(site.setup)
                forms = site.forms(clients)
                for _ in range(ROUNDS):
                    looped.append(site.looped(clients, loop))
                    stated.append(site.stated(clients, browsers))
                    served.append(site.served(clients, browsers, forms))
                site.stop()
                ratio = statistics.median(
                    log_ins / alone for (log_ins, _), alone in zip(served,
                                                                   looped))
                floor = "– | –" if clients > 1 else (
                    f"{statistics.median(stated):,.0f} | "
                    f"{statistics.median(map(truediv, stated, looped)):.2f}")
                log_ins, refused = (statistics.median(one)
                                    for one in zip(*served))
                print(f"| {kind.name} | {clients} | {log_ins:,.0f} | "
                      f"{statistics.median(looped):,.0f} | {ratio:.2f} | "
                      f"{floor} | "
                      f"{refused:,.0f} |", flush=True)
        finally:
            site.stop()
            site.database.stop()
            shutil.rmtree(site.root, ignore_errors=True)


main()
