"""Realms: two hosts of one server, and whose account is whose."""
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from cp2fa.client import location
from cp2fa.database import Database
from cp2fa.people import (another, enrolled, guard, is_in, name_of,
                          newcomer, serve)

SECOND = "second.localhost"
HOST = """
<VirtualHost 127.0.0.1:${PORT}>
    ServerName second.localhost
    Include conf/tls.conf
%s
</VirtualHost>
"""


def two_hosts(httpd_of, first=(), second=(), realm="Second console"):
    """One server: localhost, and second.localhost beside it."""
    return serve(httpd_of(guard(*first),
                          server=HOST % guard(*second, realm=realm)))


def at_second(client):
    """A fresh browser of the same person at the second host."""
    other = another(client)
    other.http.headers["Host"] = f"{SECOND}:{client.httpd.port}"
    return other


def shows(browser, cookie):
    answer = browser.get("/page.html", headers={"Cookie": cookie})
    assert answer.status_code in (200, 303), answer
    return answer.text == "the content"


def link_of(client):
    """The otpauth link of a fresh enrolment: (label, fields)."""
    location(client.post_form("/2fa/enable", {}, on="/2fa/profile"))
    link = client.page("/2fa/enroll").link("otpauth://")
    return unquote(urlsplit(link).path[1:]), parse_qs(urlsplit(link).query)


def realms_of(httpd, name):
    return sorted(Database(httpd).ask(
        "SELECT realm FROM cp2fa_account WHERE name = ?", name))


class TestTwoAuthNames:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return two_hosts(httpd_of)

    @pytest.fixture()
    def alice(self, httpd):
        return enrolled(httpd)

    @pytest.fixture()
    def twin(self, alice):
        """Her account at the second host, with a phone of its own."""
        twin = at_second(alice)
        twin.device = twin.enrol()
        return twin

    def test_are_two_accounts_of_one_name(self, httpd, alice):
        twin = at_second(alice)
        assert is_in(twin)              # nothing is enabled there
        assert "Enable 2-factor" in twin.get("/2fa/profile").text
        twin.enrol()
        assert realms_of(httpd, name_of(alice)) == [
            ("Cloud console",), ("Second console",)]
        assert not is_in(at_second(alice)) and not is_in(another(alice))

    def test_have_two_secrets(self, alice, twin):
        assert alice.device.secret != twin.device.secret
        theirs = [(at_second(alice), alice), (another(alice), twin)]
        for browser, owner in theirs:
            answer = browser.login_token(owner.device.code())
            assert answer.status_code == 422
            assert not is_in(browser)
        assert location(another(alice).login_token(alice.device.code()))
        assert location(at_second(alice).login_token(twin.device.code()))

    def test_share_no_session(self, alice, twin):
        """SES-06."""
        here, there = alice.cookie(), twin.cookie()
        assert here and there and here != there
        assert shows(another(alice), here) and shows(at_second(alice), there)
        assert not shows(another(alice), there)
        assert not shows(at_second(alice), here)
        assert shows(another(alice), here) and shows(at_second(alice), there)

    def test_share_no_failures(self, alice, twin):
        """THR-02: a budget is an account's."""
        for _ in range(3):
            another(alice).login_token(alice.device.wrong_code())
        answer = another(alice).login_token(alice.device.code())
        assert answer.status_code == 429
        assert location(at_second(alice).login_token(twin.device.code()))

    def test_disable_one_of_them_alone(self, alice, twin):
        """SES-05."""
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert is_in(another(alice))
        assert is_in(twin)
        assert not is_in(at_second(alice))

    def test_take_no_form_of_one_another(self, alice, twin):
        """CSRF-01."""
        csrf = alice.page("/2fa/profile").forms[0].fields["csrf"]
        answer = twin.post("/2fa/disable", {"csrf": csrf})
        assert answer.status_code == 403
        assert is_in(twin) and not is_in(at_second(alice))

    def test_name_two_issuers_in_the_link(self, httpd):
        """ENR-05."""
        client = newcomer(httpd)
        for browser, realm in [(client, "Cloud console"),
                               (at_second(client), "Second console")]:
            label, fields = link_of(browser)
            assert label == f"{realm}:{name_of(client)}"
            assert fields["issuer"] == [realm]


class TestTwoFactorRealm:

    def test_joins_what_has_two_auth_names(self, httpd_of):
        """One account, one session, one budget, one phone."""
        httpd = two_hosts(httpd_of, ["TwoFactorRealm Common"],
                          ["TwoFactorRealm Common"])
        alice = enrolled(httpd)
        assert realms_of(httpd, name_of(alice)) == [("Common",)]
        assert not is_in(at_second(alice))
        assert shows(at_second(alice), alice.cookie())
        code = alice.device.code()
        location(at_second(alice).login_token(code))
        answer = another(alice).login_token(code)       # OTP-02
        assert answer.status_code == 422
        assert Database(httpd).failures(name_of(alice)) == 1
        cookie = alice.cookie()
        location(alice.post_form("/2fa/logout", {}, on="/2fa/profile"))
        assert not shows(at_second(alice), cookie)

    def test_splits_what_has_one_auth_name(self, httpd_of):
        httpd = two_hosts(httpd_of, ["TwoFactorRealm one"],
                          ["TwoFactorRealm two"], realm="Cloud console")
        alice = enrolled(httpd)
        twin = at_second(alice)
        assert is_in(twin)
        twin.enrol()
        assert realms_of(httpd, name_of(alice)) == [("one",), ("two",)]
        assert not shows(at_second(alice), alice.cookie())
        assert not shows(another(alice), twin.cookie())

    @pytest.mark.parametrize("one, two", [
        ("Console", "console"), ("Console", "Console "), ("\u00e9", "e\u0301"),
        ("a' OR '1'='1", "a")], ids=ascii)
    def test_is_compared_byte_for_byte(self, httpd_of, one, two):
        """INP-02, INP-03: names alike are not the same."""
        httpd = two_hosts(httpd_of, [f'TwoFactorRealm "{one}"'],
                          [f'TwoFactorRealm "{two}"'])
        alice = enrolled(httpd)
        assert is_in(at_second(alice))
        assert not is_in(another(alice))
        assert realms_of(httpd, name_of(alice)) == [(one,)]

    def test_and_the_user_are_told_apart(self, httpd_of):
        """CRY-02: "ab" of "c" is not "a" of "bc"."""
        httpd = two_hosts(httpd_of, ["TwoFactorRealm ab"],
                          ["TwoFactorRealm a"])
        here = enrolled(httpd, "c")
        there = at_second(newcomer(httpd, "bc"))
        there.device = there.enrol()
        database = Database(httpd)
        secrets = dict(database.ask(
            "SELECT a.name, d.secret FROM cp2fa_account a"
            " JOIN cp2fa_device d ON d.account = a.id"))
        httpd.log.expect("CP2FA003")
        database.tell("UPDATE cp2fa_device SET secret = ? WHERE secret = ?",
                      secrets["bc"], secrets["c"])
        answer = another(here).login_token(there.device.code())
        assert answer.status_code == 503


class TestTwoFactorIssuer:

    @pytest.mark.parametrize("issuer", [
        "Cloud", "Käse & Co: 100% #1?", 'a"b<svg>', "x" * 255],
        ids=lambda one: ascii(one[:12]))
    def test_is_what_the_app_shows(self, httpd_of, issuer):
        """ENR-05, ENR-06: the realm stays what it was."""
        quoted = issuer.replace('"', '\\"')
        httpd = serve(httpd_of(guard(f'TwoFactorIssuer "{quoted}"')))
        client = newcomer(httpd)
        label, fields = link_of(client)
        assert fields["issuer"] == [issuer]
        issuer_of_label, _, user = label.rpartition(":")
        assert user.strip() == name_of(client)
        assert issuer_of_label in (issuer, issuer.replace(":", ""))
        page = client.get("/2fa/enroll").text
        assert "<svg>" not in page
        assert realms_of(httpd, name_of(client)) == [("Cloud console",)]


class TestTwoFactorFoldUserCase:

    def people(self, httpd):
        """One name in three spellings, each with the password."""
        spellings = ("alicia", "Alicia", "ALICIA")
        return [newcomer(httpd, name) for name in spellings]

    def test_on_makes_them_one_account(self, httpd_of):
        """INP-03, THR-02."""
        httpd = serve(httpd_of(guard("TwoFactorFoldUserCase on")))
        low, first, up = self.people(httpd)
        device = first.enrol()
        assert Database(httpd).ask("SELECT name FROM cp2fa_account") == [
            ("alicia",)]
        assert not is_in(low) and not is_in(up)
        assert is_in(first)
        assert shows(up, first.cookie())
        code = device.code()
        location(low.login_token(code))
        assert is_in(low)
        for one in (first, up):         # OTP-02
            one.http.cookies.clear()
            assert one.login_token(code).status_code == 422
        assert Database(httpd).failures("alicia") == 2
        assert another(low).login_token(
            device.wrong_code()).status_code == 422
        assert another(up).login_token(device.code()).status_code == 429
        location(low.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert is_in(another(up)) and is_in(another(first))

    def test_off_leaves_them_three(self, httpd_of):
        """INP-03."""
        httpd = serve(httpd_of(guard()))
        low, first, up = self.people(httpd)
        first.enrol()
        assert is_in(low) and is_in(up)
        up.enrol()
        assert sorted(Database(httpd).ask(
            "SELECT name FROM cp2fa_account")) == [("ALICIA",), ("Alicia",)]
        assert not is_in(another(up)) and not is_in(another(first))
        answer = another(up).get("/page.html",
                                 headers={"Cookie": first.cookie()})
        assert location(answer).path == "/2fa/token"

    def test_folds_no_letters_beyond_ascii(self, httpd_of):
        """INP-03: what a directory takes for one, only it knows."""
        httpd = serve(httpd_of(guard("TwoFactorFoldUserCase on")))
        for name in ("élan", "Élan"):
            newcomer(httpd, name).enrol()
        assert sorted(Database(httpd).ask(
            "SELECT name FROM cp2fa_account")) == [("Élan",), ("élan",)]

    def test_tells_the_application_one_name(self, httpd_of):
        httpd = httpd_of(guard("TwoFactorFoldUserCase on") + """
            <Directory "${DOCS}">\nOptions +Includes
            AddOutputFilter INCLUDES .shtml\n</Directory>""")
        httpd.write("who.shtml", '<!--#echo var="CP2FA_USER" -->|'
                                 '<!--#echo var="REMOTE_USER" -->')
        serve(httpd)
        for name in ("berta", "BERTA"):
            answer = newcomer(httpd, name).get("/who.shtml")
            assert re.fullmatch(f"berta[|]{name}", answer.text)
