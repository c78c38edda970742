# SPDX-License-Identifier: Apache-2.0
"""Where instructions go: a file of callgrind's, by function."""
import re
import subprocess

from server import REPO

ROW = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  (\S+):(\S+)")


def by_function(path, requests, inclusive=True):
    """(instructions of one request, file, function), the most first."""
    said = subprocess.run(
        ["callgrind_annotate", "--threshold=100",
         "--inclusive=" + ("yes" if inclusive else "no"), str(path)],
        check=True, capture_output=True, text=True).stdout
    found = {}
    for row in filter(None, map(ROW.match, said.splitlines())):
        count = int(row[1].replace(",", "")) / requests
        # a function that is called from elsewhere has two rows
        name = (row[2].removeprefix(f"{REPO}/"), row[3])
        found[name] = max(count, found.get(name, 0))
    return sorted(((count, *name) for name, count in found.items()),
                  reverse=True)


def of_module(path, requests):
    """The same of this module's own functions."""
    return [row for row in by_function(path, requests)
            if row[1].startswith(("src/", "mod_cp2fa.c")) and row[0] >= 10]
