"""The Debian package, built; and a machine with Debian's own apache2."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

import requests

from .httpd import REPO, free_port
from .machine import Machine

NAME = "libapache2-mod-cp2fa"
STATE = "/var/lib/cp2fa"
SITE = "/etc/apache2/sites-enabled/000-default.conf"
# what tools/deps has fetched, and not installed here
APACHE = REPO / "build/debs"
NO_STARTS = "/usr/sbin/policy-rc.d"

PORTS = "Listen 127.0.0.1:{port} https\nServerName localhost\n"
HOST = """\
<VirtualHost 127.0.0.1:{port}>
    DocumentRoot /var/www/html
    SSLEngine on
    SSLCertificateFile /etc/apache2/site.pem
{guard}
</VirtualHost>
"""
GUARD = """\
<Location "/">
    AuthType Basic
    AuthName "Cloud console"
    AuthBasicProvider file
    AuthUserFile /etc/apache2/users
    Require valid-user
    TwoFactor optional
</Location>
"""


def build(out, source=REPO, **environment):
    """Runs tools/deb of a tree; the folder of what it made."""
    done = subprocess.run(
        [source / "tools/deb"], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "OUT": str(out),
             "DEB_BUILD_OPTIONS": "nocheck parallel=2", **environment})
    assert done.returncode == 0, done.stdout
    return Path(out)


def next_version(deb):
    """The same package under a greater version; its pages are newer."""
    folder = Path(tempfile.mkdtemp(dir=deb.parent))
    subprocess.run(["dpkg-deb", "-R", deb, folder], check=True)
    control = folder / "DEBIAN/control"
    control.write_text(control.read_text().replace(
        "\nVersion: ", "\nVersion: 9", 1))
    with open(folder / "usr/share/cp2fa/htdocs/style.css", "a") as style:
        style.write("/* newer */\n")
    newer = deb.parent / "newer.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, newer],
                   check=True, stdout=subprocess.DEVNULL)
    return newer


class Server:
    """Debian's apache2 on a machine, as the harness's Client sees it."""

    def __init__(self, folder, certificate):
        self.machine = Machine(folder)
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.certificate = certificate
        try:
            self._install()
        except BaseException:
            self.machine.stop()
            raise

    def _install(self):
        run, write = self.machine.run, self.machine.write
        write(NO_STARTS, "#!/bin/sh\nexit 101\n")
        run("chmod", "755", NO_STARTS)
        debs = sorted(APACHE.glob("*.deb"))
        assert debs, f"nothing in {APACHE}: run tools/deps test"
        self.machine.install(*debs)
        run("rm", NO_STARTS)
        write("/etc/apache2/ports.conf", PORTS.format(port=self.port))
        write("/etc/apache2/site.pem", self.certificate.path.read_text()
              + self.certificate.key.read_text())
        run("htpasswd", "-bcB", "-C", "4", "/etc/apache2/users", "alice",
            "alice's password")
        run("a2enmod", "-q", "ssl")
        self.guard("")
        self.restart()

    def guard(self, lines):
        """What the virtual host says; counts from the next restart."""
        self.machine.write(SITE, HOST.format(port=self.port, guard=lines))

    def restart(self):
        self.machine.run("service", "apache2", "restart")

    def configtest(self):
        return self.machine.run("apache2ctl", "configtest", check=False)

    def pid(self):
        return self.machine.said("cat", "/run/apache2/apache2.pid")

    def stat(self, path):
        """Mode, user and group of a file."""
        return self.machine.said("stat", "-c", "%a %U %G", path)

    def log(self):
        return self.machine.said("cat", "/var/log/apache2/error.log")

    def status(self, path, **more):
        """What an address answers somebody without cookies."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return requests.Session().get(
                    self.origin + path, verify=str(self.certificate.path),
                    allow_redirects=False, timeout=20, **more).status_code
            except requests.ConnectionError:
                # started, and not listening yet
                if time.monotonic() > deadline:
                    raise AssertionError(self.log())
                time.sleep(0.1)

    def stop(self):
        self.machine.stop()
