# SPDX-License-Identifier: Apache-2.0
"""A server with many people who log in, by wrk, as fast as they can."""
import os
import re
import subprocess
import sys
from pathlib import Path

from server import REPO, Site
from setups import ANYBODY, OF_BASIC, Setup
from wire import Connection

sys.path.insert(0, str(REPO / "tests" / "e2e"))
from cp2fa.client import Client  # noqa: E402
from cp2fa.oath import codes_from, now_step  # noqa: E402

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REALM = "Console"
PEOPLE = 40000      # more than log in within 20 seconds
STEPS = 480
BROWSERS = 8


def cpu_of(site):
    """Seconds that the processes of a site have used: httpd's, its
    database's."""
    leaders = {site.process.pid, site.database.pid}
    used = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if leaders & {int(folder.name), int(stat[1]), int(stat[3])}:
            used += int(stat[11]) + int(stat[12])
    return used / os.sysconf("SC_CLK_TCK")


class Crowd(Site):
    """Over one database; `more` goes into the configuration."""

    def __init__(self, kind, people=PEOPLE):
        super().__init__()
        self.people = people
        self.came = 0
        self.database = kind(self.root, 0)
        self.start(self.setup())
        Connection(self, self.setup(), None).ask("/none", expect=b"401")
        self.stop()
        uris = "".join(f"otpauth://totp/{REALM}:person{n}?secret={SECRET}"
                       f"&issuer={REALM}\n" for n in range(people))
        subprocess.run([REPO / "build/cp2factl", "--config",
                        self.root / "conf/httpd.conf", "import", "otpauth"],
                       check=True, input=uris, text=True,
                       stdout=subprocess.DEVNULL)
        step = now_step() - 1
        self.codes = self.root / "codes"
        self.codes.write_text("".join(
            f"{step + n} {code}\n"
            for n, code in enumerate(codes_from(SECRET, step, STEPS))))

    def setup(self, more="", config=None):
        return Setup("", (config or self.database.config) + more + ANYBODY,
                     True, cookie="session", modules=(*OF_BASIC, "authn_anon"))

    def sign_in(self, name):
        """Somebody of no crowd: the Cookie header, on the running server."""
        client = Client(self, name, "any")
        client.enrol()
        return f"cp2fa={client.http.cookies['cp2fa']}"

    def logging_in(self, seconds, browsers=BROWSERS):
        """wrk, as it runs."""
        return subprocess.Popen(
            ["wrk", "-t", str(browsers), "-c", str(browsers),
             "-d", f"{seconds}s", "--timeout", "30s",
             "-s", REPO / "tools/bench/logins.lua",
             self.origin, "--", self.codes, str(self.people), str(browsers),
             str(self.came)],
            text=True, stdout=subprocess.PIPE)

    def remove(self):
        self.stop()
        self.database.stop()
        super().remove()


def logged_in(site, wrk):
    """How many have, and in what time; hardly any was refused."""
    said = wrk.communicate()[0]
    found = re.search(r"logged in (\d+) refused (\d+) seconds ([\d.]+)", said)
    assert wrk.returncode == 0 and found, said
    number, refused, seconds = int(found[1]), int(found[2]), float(found[3])
    assert refused <= number / 100, said
    # some browsers are faster than others, and have had more people
    site.came += (number * 3 + BROWSERS) // BROWSERS * BROWSERS
    return number, seconds
