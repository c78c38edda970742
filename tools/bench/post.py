# SPDX-License-Identifier: Apache-2.0
"""Instructions of a log-in: the POST of a token that is right."""
from count import total
from server import PASSWORD, USER
from setups import ENROL
from signin import Client

TIMES = 6  # of eleven codes that a phone has without waiting


def dump(site, ask):
    """What callgrind counted until an answer that is no 200: see server.py."""
    folder = site.root / "counts"
    before = set(folder.iterdir())
    ask()
    (made,) = set(folder.iterdir()) - before
    return made


def count_log_in(site):
    """Of a site whose user has no device yet: the least of some, since the
    first ones prepare statements; and callgrind's file of that one."""
    site.start(ENROL, callgrind=True)
    try:
        phone = Client(site, USER, PASSWORD).enrol()
        counts = []
        for _ in range(TIMES):
            browser = Client(site, USER, PASSWORD)
            form = browser.page("/2fa/token").form("/2fa/token").fields
            form["token"] = phone.code()
            dump(site, lambda: browser.get("/none"))
            made = dump(site, lambda: browser.post("/2fa/token", form))
            counts.append((total(made), made))
            assert browser.get("/page.html").status_code == 200
        return min(counts)
    finally:
        site.stop()
