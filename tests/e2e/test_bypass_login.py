"""The bypass matrix once more, under AuthType TwoFactor.

The same shapes on one server; the first factor is a session of the log-in
page, or Basic credentials. No protected byte leaves without both factors.
"""
import tempfile
from pathlib import Path

import pytest

from cp2fa import shapes_access, shapes_beyond, shapes_inside
from cp2fa.client import location
from cp2fa.database import Database
from cp2fa.httpd import USERS
from cp2fa.pageuser import Visitor
from cp2fa.site import ALICE, BOB, Column, Site, World

GUARD_CONF = """\
AuthType TwoFactor
AuthName "matrix"
TwoFactorProvider file
AuthUserFile conf/users
Include conf/two-factor.conf
"""
# what they say of other authentication is not about this one
OTHERS = ("AuthType Form", "AuthType Basic", "AuthFormProvider",
          "Include conf/two-factor.conf")
SHAPES = [shape.filled() for shape in
          shapes_access.SHAPES + shapes_inside.SHAPES + shapes_beyond.SHAPES
          if "conf/guard.conf" in shape.config + shape.server
          and not any(o in shape.config + shape.server for o in OTHERS)
          and not shape.request.to_proxy and not shape.request.by_form]
WRONG = ("alice", "not her password")
COLUMNS = [
    Column("nothing"),
    Column("wrong password", WRONG),
    Column("password in each request", ALICE),
    Column("session of the first factor", None, "first"),
    Column("session of the first factor and password", ALICE, "first"),
    Column("forged cookie", None, "forged"),
    Column("another user's cookie", BOB, "alice"),
    Column("both", None, "alice"),
]


class LoginSite(Site):

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        (self.httpd.root / "conf/guard.conf").write_text(GUARD_CONF)

    def start(self):
        super().start()
        alice = Visitor(self.httpd, "alice", USERS["alice"])
        assert location(alice.log_in()).path == "/2fa/token"
        self.cookies["first"] = alice.cookie()
        return self


@pytest.fixture(scope="module")
def site(workshop, certificate):
    root = Path(tempfile.mkdtemp(prefix="matrix-", dir=workshop))
    site = LoginSite(root, certificate, SHAPES, mpm="event")
    yield site.start()
    site.stop()


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize("column", COLUMNS, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_no_protected_byte_without_both_and_everything_with_both(
        site, shape, column):
    """HTTP-01, HTTP-02, SES-06, THR-08."""
    protocol = shape.wires[0]
    if column.basic == WRONG:
        forgive(site)           # its guesses are not what is asked about
    answer, leaked = World(site, shape, protocol).ask(column)
    if column.name == "both" and shape.served:
        assert leaked, answer
        assert answer.status == shape.served, answer
    elif column.name != "both":
        assert not leaked, answer
        if answer.status == 401 and shape.challenges:
            assert answer.header("WWW-Authenticate").startswith(
                ("Basic realm=", "TwoFactor realm=")), answer


def forgive(site):
    """As if no password had been wrong so far."""
    Database(site.httpd).tell("DELETE FROM cp2fa_login_failure")


def test_the_error_log_is_clean_after_the_whole_matrix(site):
    assert site.httpd.log.errors() == []
