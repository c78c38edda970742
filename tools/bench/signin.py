# SPDX-License-Identifier: Apache-2.0
"""Sessions: got through the module's pages, written beside, or by a form."""
import hashlib
import sqlite3
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import replace

from server import PASSWORD, REPO, USER
from setups import ENROL

sys.path.insert(0, str(REPO / "tests" / "e2e"))
from cp2fa.client import Client  # noqa: E402

NAME = "cp2fa"  # over plain HTTP it has no __Host-


def sign_in(site, setup=ENROL):
    """Enrols the site's user; the Cookie header of the session."""
    site.start(replace(ENROL, service=setup.service))
    try:
        client = Client(site, USER, PASSWORD)
        client.enrol()
        return f"{NAME}={client.http.cookies[NAME]}"
    finally:
        site.stop()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def sign_in_by_form(site, setup):
    """mod_auth_form's cookie."""
    site.start(setup)
    try:
        opener = urllib.request.build_opener(
            NoRedirect, urllib.request.ProxyHandler({}))
        form = urllib.parse.urlencode({"httpd_username": USER,
                                       "httpd_password": PASSWORD})
        try:
            answer = opener.open(site.origin + "/login", form.encode(), 60)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.headers["Set-Cookie"].split(";")[0]
    finally:
        site.stop()


SIGN_INS = {"session": sign_in, "session in PostgreSQL": sign_in,
            "form": sign_in_by_form, "sealed form": sign_in_by_form}


def sessions_of(site, setups):
    """The Cookie headers: of each kind that any of them sends."""
    found = {}
    for setup in setups:
        if setup.cookie in SIGN_INS and setup.cookie not in found:
            found[setup.cookie] = SIGN_INS[setup.cookie](site, setup)
    return found


def write_sessions(site, count):
    """So many more sessions of the same account, into a database that no
    server has open; the Cookie headers."""
    now = int(time.time())
    ids = [hashlib.sha256(b"bench %d" % n).digest() for n in range(count)]
    with sqlite3.connect(site.root / "state/cp2fa.db") as database:
        account, = database.execute("SELECT id FROM cp2fa_account").fetchone()
        database.executemany(
            "INSERT OR IGNORE INTO cp2fa_session (hash, account, amr, created,"
            " auth_time, last_seen, ends, address, agent)"
            " VALUES (?, ?, 'pwd otp', ?, ?, ?, ?, '', '')",
            [(hashlib.sha256(one).hexdigest(), account, now, now, now,
              now + 36000) for one in ids])
    database.close()
    return [f"{NAME}={one.hex()}" for one in ids]
