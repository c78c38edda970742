# SPDX-License-Identifier: Apache-2.0
"""Requests a second, by ab (apache2-utils) on the same machine."""
import re
import subprocess

from server import PASSWORD, USER
from wire import Connection

CLIENTS = 8


def requests_a_second(site, setup, session, seconds):
    """Of one start of this set-up; every answer must have been 200."""
    site.start(setup)
    try:
        first = Connection(site, setup, session)
        first.ask()
        first.close()
        command = ["ab", "-q", "-k", "-c", str(CLIENTS), "-t", str(seconds),
                   "-n", "10000000"]
        if first.cookie:
            command += ["-C", first.cookie]
        if setup.password:
            command += ["-A", f"{USER}:{PASSWORD}"]
        said = subprocess.run([*command, site.origin + "/page.html"],
                              check=True, capture_output=True, text=True).stdout
    finally:
        site.stop()
    if "Non-2xx" in said or not re.search(r"Failed requests: +0\n", said):
        raise RuntimeError(f"{setup.name} answered with errors:\n{said}")
    return float(re.search(r"Requests per second: +([\d.]+)", said)[1])
