# SPDX-License-Identifier: Apache-2.0
"""The memory of httpd's children, by /proc/PID/smaps, in KiB; and beside that
of an httpd that serves HTTPS without this module: `make bench-memory`."""
import re
import socket
import ssl
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from server import REPO, Site
from services import ON_POSTGRESQL
from setups import COOKIE, LOADED, OURS
from signin import sessions_of

sys.path.insert(0, str(REPO / "tests" / "e2e"))
from cp2fa.tls import Certificate  # noqa: E402

KINDS = ("Rss", "Pss", "Private_Dirty")
MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)$")
FIELD = re.compile(rf"^({'|'.join(KINDS)}): +(\d+)")
REQUESTS, CONNECTIONS = 200, 8
TLS = """\
SSLEngine on
SSLCertificateFile {certificate.path}
SSLCertificateKeyFile {certificate.key}
"""


def children(site):
    return [int(pid) for pid in subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(site.process.pid)],
        capture_output=True, text=True).stdout.split()]


def mapped(pid):
    """{what: {kind: KiB}} of a process."""
    found, name = {}, None
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if head := MAPPING.match(line):
            name = head[1].rpartition("/")[2] or "[anonymous]"
            found.setdefault(name, Counter())
        elif field := FIELD.match(line):
            found[name][field[1]] += int(field[2])
    return found


def total(mappings):
    return sum(mappings.values(), Counter())


def ask(site, cookie):
    """Some pages, over HTTPS."""
    context = ssl.create_default_context(cafile=site.certificate.path)
    request = ("GET /page.html HTTP/1.1\r\nHost: localhost\r\n"
               f"Cookie: {cookie or 'none=1'}\r\n\r\n").encode()
    for _ in range(CONNECTIONS):
        with socket.create_connection(("127.0.0.1", site.port)) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as tls:
            for _ in range(REQUESTS // CONNECTIONS):
                tls.sendall(request)
                data = b""
                while b"\r\n\r\nxxx" not in data or not data.endswith(b"\n"):
                    data += tls.recv(65536)
                assert data.startswith(b"HTTP/1.1 200"), data


def measured(site, setup, session):
    """The mappings of the one child, after some requests over HTTPS."""
    site.start(replace(setup, text=TLS.format(certificate=site.certificate)
                       + setup.text, modules=(*setup.modules, "ssl",
                                              "socache_shmcb")))
    try:
        ask(site, session)
        (pid,) = children(site)
        return mapped(pid)
    finally:
        site.stop()


def main():
    site = Site()
    try:
        rows = (COOKIE, LOADED, OURS, ON_POSTGRESQL)
        sessions = sessions_of(site, rows)
        site.certificate = Certificate(site.root)
        found = {row: measured(site, row, sessions.get(row.cookie))
                 for row in rows}
    finally:
        site.remove()
    print("| KiB of a child that serves HTTPS | " + " | ".join(KINDS)
          + " |\n|---|---|---|---|")
    bare = total(found[COOKIE])
    for row in rows:
        here = total(found[row])
        print(f"| {row.name} | " + " | ".join(
            f"{here[kind]:,} ({here[kind] - bare[kind]:+,})" for kind in KINDS)
            + " |")
    print("\n| more with AuthType TwoFactor than with the same modules | "
          + " | ".join(KINDS) + " |\n|---|---|---|---|")
    here, there = found[OURS], found[LOADED]
    more = {name: [here.get(name, Counter())[kind]
                   - there.get(name, Counter())[kind] for kind in KINDS]
            for name in {*here, *there}}
    for name, values in sorted(more.items(), key=lambda row: -row[1][0]):
        if max(map(abs, values)) >= 16:
            print(f"| {name} | " + " | ".join(f"{v:,}" for v in values)
                  + " |")


if __name__ == "__main__":
    main()
