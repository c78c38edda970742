# SPDX-License-Identifier: Apache-2.0
"""A session with both factors, got through the module's own pages."""
import sys

from setups import ENROL
from server import PASSWORD, REPO, USER

sys.path.insert(0, str(REPO / "tests" / "e2e"))
from cp2fa.client import Client  # noqa: E402

NAME = "cp2fa"  # over plain HTTP it has no __Host-


def sign_in(site):
    """Enrols the site's user; the Cookie header of the session."""
    site.start(ENROL)
    try:
        client = Client(site, USER, PASSWORD)
        client.enrol()
        return f"{NAME}={client.http.cookies[NAME]}"
    finally:
        site.stop()
