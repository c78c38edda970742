"""AuthType TwoFactor: its providers, and set-ups that can't work."""
import subprocess

import pytest

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.httpd import USERS
from cp2fa.pageuser import (API, Visitor, again, enrolled, guard, words)

BEFORE = """
LoadModule authn_dbm_module /usr/lib/apache2/modules/mod_authn_dbm.so
<AuthnProviderAlias file others>
    AuthUserFile conf/others
</AuthnProviderAlias>
"""


def before_hosts(httpd, text):
    """Puts text into the configuration before any virtual host."""
    path = httpd.root / "conf" / "httpd.conf"
    path.write_text(path.read_text().replace(
        "<VirtualHost", text + "<VirtualHost", 1))
    return httpd


class TestSeveralProviders:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        made = before_hosts(httpd_of(guard(
            "AuthDBMType SDBM", "AuthDBMUserFile conf/dbm",
            providers="file others dbm")), BEFORE)
        conf = made.root / "conf"
        subprocess.run(["htpasswd", "-c", "-b", "-B", "-C", "4",
                        conf / "others", "oscar", "oscars"],
                       check=True, capture_output=True)
        subprocess.run(["htdbm", "-c", "-b", "-TSDBM", conf / "dbm", "dora",
                        "doras"], check=True, capture_output=True)
        made.write("page.html", "the content")
        return made.start()

    @pytest.mark.parametrize("name, password", [
        ("alice", USERS["alice"]), ("oscar", "oscars"), ("dora", "doras")])
    def test_are_asked_in_their_order(self, httpd, name, password):
        visitor = Visitor(httpd, name, password)
        assert visitor.log_in(password="wrong").status_code == 422
        assert location(visitor.log_in())
        assert visitor.get("/page.html").text == "the content"
        program = Visitor(httpd)
        program.http.auth = (name, password)
        assert program.get("/page.html", headers=API).status_code == 200

    def test_know_no_one_else(self, httpd):
        assert Visitor(httpd, "zoe", "x").log_in().status_code == 422


def test_a_provider_that_can_not_tell_is_no_no(httpd_of):
    """FAIL-01: 503, and nothing is held against anyone."""
    httpd = httpd_of(guard().replace("conf/users", "conf/no-such-file"))
    httpd.log.expect("AH01620", "CP2FA120", "CP2FA105")
    httpd.write("page.html", "the content")
    httpd.start()
    visitor = Visitor(httpd, "alice", USERS["alice"])
    for _ in range(6):
        answer = visitor.log_in()
        assert answer.status_code == 503, dump(answer)
        assert int(answer.headers["Retry-After"]) > 0
    assert "can't check right now" in words(answer)
    visitor.http.auth = ("alice", USERS["alice"])
    answer = visitor.get("/page.html", headers=API)
    assert answer.status_code == 503 and "the content" not in answer.text
    # what an operator sees of it, and fail2ban's filter doesn't
    said = httpd.log.text()
    assert "CP2FA121: Basic credentials unavailable, user alice" in said
    assert "CP2FA105: 503, it can't be told whether user alice" in said
    assert " refused" not in said


def test_an_address_that_is_denied_does_not_see_the_log_in_page(httpd_of):
    """What Require says of anything but users holds for it, too."""
    httpd = httpd_of(guard().replace(
        "    Require valid-user", """<RequireAll>
        Require ip 192.0.2.1
        Require valid-user
    </RequireAll>"""))
    httpd.log.expect("AH01630", "AH00687")
    httpd.start()
    for page in ("login", "style.css", "signed-out"):
        assert Visitor(httpd).get(f"/2fa/{page}").status_code == 403


def test_a_page_for_everybody_lends_its_address_to_no_other_file(httpd_of):
    """Not even where another alias would have it so."""
    httpd = httpd_of(guard() + """
Alias "/2fa/style.css" "${DOCS}/page.html"
Alias "/2fa/login" "${DOCS}/page.html"
""")
    httpd.write("page.html", "the content")
    httpd.start()
    for page in ("login", "style.css"):
        answer = Visitor(httpd).get(f"/2fa/{page}")
        assert answer.status_code == 404, dump(answer)
        assert "the content" not in answer.text


def test_there_is_no_log_in_page_under_another_auth_type(httpd_of):
    httpd = httpd_of(guard().replace("AuthType TwoFactor", "AuthType Basic")
                     .replace("TwoFactorProvider", "AuthBasicProvider"))
    httpd.start()
    stranger = Visitor(httpd)
    for page in ("login", "style.css", "signed-out", "error"):
        answer = stranger.get(f"/2fa/{page}")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    alice = Visitor(httpd)
    alice.http.auth = ("alice", USERS["alice"])
    assert alice.get("/2fa/login").status_code == 404
    assert alice.get("/2fa/style.css").status_code == 200


@pytest.mark.parametrize("config, words", [
    (guard().replace("    TwoFactorProvider file\n", ""),
     "add TwoFactorProvider file"),
    (guard(providers="nothing"), 'no authn provider "nothing"'),
    (guard(where="/a") + """
<Location "/2fa">
    AuthType Basic
    AuthName "Cloud console"
    AuthBasicProvider file
    AuthUserFile conf/users
    Require valid-user
</Location>
""", "needs AuthType TwoFactor and TwoFactorProvider as well"),
    (guard() + """
<Location "/others">
    TwoFactor required
    TwoFactorProvider file file
</Location>
""", "need the same TwoFactorProvider"),
])
def test_a_set_up_that_can_not_work_does_not_start(httpd_of, config, words):
    """CFG: one line that says what to change."""
    status, said = httpd_of(config).configtest()
    assert status != 0
    assert words in said


def test_a_database_out_of_reach_stops_all_but_known_sessions(httpd_of):
    """FAIL-01: 503, never the content; a cached session asks no database."""
    httpd = httpd_of(guard())
    httpd.log.expect("CP2FA003", "CP2FA105")
    httpd.write("page.html", "the content")
    httpd.start()
    both = enrolled(httpd)
    first = again(both)
    first.log_in()
    assert both.get("/page.html").text == "the content"
    database = Database(httpd)
    for table in ("session", "account", "login_failure"):
        database.tell(f"ALTER TABLE cp2fa_{table} RENAME TO gone_{table}")
    assert both.get("/page.html").text == "the content"
    program = again(both)
    program.http.auth = (both.name, both.password)
    unknown = again(both)
    unknown.http.cookies.set("__Host-cp2fa", "a" * 64)
    for visitor in (first, program, unknown):
        for headers in (API, {}):
            answer = visitor.get("/page.html", headers=headers)
            assert answer.status_code == 503, dump(answer)
            assert int(answer.headers["Retry-After"]) > 0
            assert "the content" not in answer.text
    answer = again(both).log_in()
    assert answer.status_code == 503, dump(answer)
    assert "can't check right now" in words(answer)
