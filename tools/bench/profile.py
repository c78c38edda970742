# SPDX-License-Identifier: Apache-2.0
"""Where instructions go: a file of callgrind's, by function."""
import re
import subprocess

ROW = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  (\S+):(\S+)")


def by_function(path, requests, inclusive=True):
    """(instructions of one request, file, function), the most first."""
    said = subprocess.run(
        ["callgrind_annotate", "--threshold=100",
         "--inclusive=" + ("yes" if inclusive else "no"), str(path)],
        check=True, capture_output=True, text=True).stdout
    return [(int(row[1].replace(",", "")) / requests, row[2], row[3])
            for row in map(ROW.match, said.splitlines()) if row]


def of_module(path, requests, repo):
    """The same of this module's own functions."""
    return [row for row in by_function(path, requests)
            if row[1].startswith(f"{repo}/") and row[0] >= 1]
