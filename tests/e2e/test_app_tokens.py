"""Application tokens: what programs show in the place of both factors."""
import re

import pytest

from cp2fa import people, wire
from cp2fa.client import Client, dump, location
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, text_of
from cp2fa.people import alert_of, another, guard, name_of
from cp2fa.program import (JSON, MAKE, Program, ask, listed, of,
                           one_called, raw, revoke, token_of)

ENV = """#!/usr/bin/python3
import json, os
print("Content-Type: application/json\\n")
print(json.dumps(dict(os.environ)))
"""
CONFIG = """
SetEnvIf Authorization "(.*)" COPY=$1
SetEnvIf Authorization "[^ ]* +(.*)" CREDENTIALS=$1
SetEnvIf Authorization "(cp2fa_[^ ]*)" TOKEN=$1
SetEnvIf Authorization "^." THERE_IS_ONE
<Directory "${DOCS}">
    Options +ExecCGI +IncludesNoExec
    AddHandler cgi-script .cgi
    AddOutputFilter INCLUDES .shtml
    CGIPassAuth On
    RewriteEngine On
    RewriteRule ^same/away$ /secret.txt [L]
    RewriteRule ^same/along$ /same/here.txt [L]
</Directory>
DavLockDB var/dav-lock
<Location "/dav">
    Dav On
</Location>
ProxyPass "/app/" "${BACKEND}/"
<Location "/required">
    TwoFactor required
</Location>
<Location "/open">
    TwoFactor off
    AuthType None
    Require all granted
</Location>
RewriteEngine On
<Location "/limited">
    ErrorDocument 404 /secret.txt
</Location>
<Directory "${DOCS}/limited">
    RewriteEngine On
    RewriteRule ^away$ /secret.txt [L]
    RewriteRule ^along$ /limited/here.txt [L]
</Directory>
ProxyPass "/limited/app/" "${BACKEND}/"
Alias "/elsewhere/2fa" "${CP2FA_HTDOCS}"
<Location "/elsewhere/2fa">
    TwoFactorPages on
    Options IncludesNoExec MultiViews
</Location>
""" + guard('TwoFactorPath "/elsewhere/2fa"', where="/elsewhere",
            realm="Another console")
FILES = {
    "limited/here.txt": "within its path", "limited/sub/x.txt": "within, too",
    "limitedly/here.txt": "a secret", "secret.txt": "a secret",
    "limited/part.shtml": 'a page with <!--#include virtual="/secret.txt" -->'
                          ' and <!--#include virtual="here.txt" -->',
    "same/here.txt": "within its path", "same/index.html": "within",
    "same/part.shtml": 'a page with <!--#include virtual="/secret.txt" -->'
                       ' and <!--#include virtual="here.txt" -->',
    "required/page.html": "for who has enrolled", "open/env.cgi": ENV,
    "elsewhere/page.html": "of another realm", "dav/file.txt": "a file",
}


@pytest.fixture(scope="class")
def httpd(httpd_of, backend):
    # the first section is the first to be merged, the others are in it
    httpd = httpd_of(guard() + CONFIG, trace=True, defines={
        "BACKEND": f"http://127.0.0.1:{backend.port}"})
    httpd.write("env.cgi", ENV, 0o755)
    for name, text in FILES.items():
        httpd.write(name, text, 0o755 if name.endswith(".cgi") else 0o644)
    httpd.give_to_httpd("docs/dav")
    # what SSI and DAV say of a part that they may not have
    httpd.log.expect("unable to include", "AH00129")
    return people.serve(httpd)


@pytest.fixture(scope="class")
def alice(httpd):
    return people.enrolled(httpd)


@pytest.fixture(scope="class")
def token(alice):
    return token_of(alice)


def shut_out(answer):
    """401 with a challenge, and not a word of the content."""
    assert answer.status_code == 401, dump(answer)
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "the content" not in answer.text
    assert "Set-Cookie" not in answer.headers
    return True


def check_problem(answer, status, code):
    assert answer.status_code == status, dump(answer)
    assert answer.json()["code"] == code
    assert "the content" not in answer.text


class TestAProgramWithAToken:

    @pytest.mark.parametrize("path", ["/page.html", "/required/page.html"])
    @pytest.mark.parametrize("scheme", ["Basic", "Bearer", "bEARER"])
    def test_is_let_in_without_a_cookie(self, alice, token, scheme, path):
        program = of(alice, token) if scheme == "Basic" \
            else Program(alice.httpd, token, scheme=scheme)
        answer = program.get(path)
        assert answer.status_code == 200, dump(answer)
        assert "Set-Cookie" not in answer.headers

    @pytest.mark.parametrize("behind", ["", "x-oauth-basic"])
    def test_may_have_it_where_the_user_name_is(self, alice, token, behind):
        """As git and curl have it in an address: no directory sees it."""
        answer = Program(alice.httpd, behind, token).get("/page.html")
        assert answer.status_code == 200, dump(answer)
        assert token not in alice.httpd.log.text()

    @pytest.mark.parametrize("path", ["/env.cgi", "/open/env.cgi"])
    def test_is_in_no_variable_that_copied_its_header(self, alice, token,
                                                      path):
        """SetEnvIf Authorization, as PHP behind FastCGI has it."""
        for program in (of(alice, token), Program(alice.httpd, token),
                        Program(alice.httpd, "x", token)):
            sent = program.http.auth or ("", "")
            env = program.get(path).json()
            assert env["THERE_IS_ONE"] == "1"
            assert not {"COPY", "CREDENTIALS", "TOKEN"} & set(env), sent
            assert token not in str(env)
        # what only looks like one is nobody's secret, and nobody's lever
        env = Program(alice.httpd, "cp2fa_").get("/open/env.cgi").json()
        assert env["TOKEN"] == "cp2fa_"

    def test_is_shown_to_the_application_for_what_it_is(self, alice, token):
        """No word of RFC 8176 says it; "otp" would be a lie."""
        env = of(alice, token).get("/env.cgi").json()
        assert env["REMOTE_USER"] == env["CP2FA_USER"] == name_of(alice)
        assert env["CP2FA_REALM"] == "Cloud console"
        assert env["CP2FA_AMR"] == "app"
        assert env["AUTH_TYPE"] == "TwoFactor"
        made = Database(alice.httpd).ask(
            "SELECT created FROM cp2fa_app_token t WHERE t.account = (SELECT"
            " id FROM cp2fa_account WHERE name = ?)", name_of(alice))
        assert (int(env["CP2FA_AUTH_TIME"]),) in made

    @pytest.mark.parametrize("path", ["/env.cgi", "/open/env.cgi", "/app/x"])
    def test_does_not_hand_it_to_the_application(
            self, alice, token, backend, path):
        """LOG-01: not even where TwoFactor is off."""
        for program in (of(alice, token), Program(alice.httpd, token)):
            answer = program.get(path)
            assert answer.status_code == 200, dump(answer)
            assert "HTTP_AUTHORIZATION" not in answer.text
            assert token not in answer.text
        if path == "/app/x":
            assert backend.header("Authorization") is None

    def test_hands_on_what_is_no_token_of_ours(self, alice, httpd):
        mine = Client(httpd, name_of(alice), people.PASSWORD)
        mine.http.auth = None
        env = mine.get("/open/env.cgi",
                       headers={"Authorization": "Bearer of.another"}).json()
        assert env["HTTP_AUTHORIZATION"] == "Bearer of.another"

    def test_can_use_a_network_drive(self, alice):
        drive = of(alice, token_of(alice, path="/dav/"))
        assert drive.request("PUT", "/dav/new", data="x").status_code == 201
        assert drive.request("MKCOL", "/dav/folder").status_code == 201
        found = drive.request("PROPFIND", "/dav/", headers={"Depth": "1"})
        assert found.status_code == 207 and "/dav/new" in found.text
        # a copy out of its path asks for the other address as well
        for method in ("COPY", "MOVE"):
            answer = drive.request(method, "/dav/new", headers={
                "Destination": alice.url("/secret2.txt")})
            assert answer.status_code in (401, 403, 502), dump(answer)
            assert not (alice.httpd.docs / "secret2.txt").exists()
        assert drive.request("MOVE", "/dav/new", headers={
            "Destination": alice.url("/dav/folder/new")}).status_code == 201

    def test_is_no_session_and_makes_none(self, alice, token):
        before = Database(alice.httpd).sessions(name_of(alice))
        assert of(alice, token).get("/page.html").status_code == 200
        assert Database(alice.httpd).sessions(name_of(alice)) == before


# what a token for /limited reaches
REACH = [
    ("/limited", 301), ("/limited/here.txt", 200), ("/limited/sub/x.txt", 200),
    ("/limited/./here.txt", 200), ("/limited//here.txt", 200),
    ("//limited/here.txt", 200), ("/%6cimited/here.txt", 200),
    ("/x/../limited/here.txt", 200), ("/limited/along", 200),
    ("/limited/here.txt?x=/../y", 200), ("/limited/app/x", 200),
    ("/", 401), ("/secret.txt", 401), ("/limitedly/here.txt", 401),
    ("/limited/../secret.txt", 401), ("/limited/%2e%2e/secret.txt", 401),
    ("/limited/..%2fsecret.txt", 404), ("/limited%2f..%2fsecret.txt", 404),
    ("/limited/%252e%252e/secret.txt", 401), ("/LIMITED/here.txt", 401),
    ("/limited/app/..;/x", 401), ("/limited/app/%5c..%5cx", 401),
    ("/limited;/../secret.txt", 401), ("/limited%00/secret.txt", 404),
    ("/limited/away", 401), ("/limited/nothing", 404),
    ("https://localhost/secret.txt", 401), ("/2fa/profile", 401),
]


class TestATokenOfOnePath:

    @pytest.fixture(scope="class")
    def limited(self, alice):
        return token_of(alice, path="/limited")

    @pytest.mark.parametrize("target, status", REACH,
                             ids=[target for target, _ in REACH])
    def test_reaches_that_and_what_is_below(
            self, httpd, limited, target, status):
        """HTTP-04: judged by the address as httpd understood it."""
        answer = wire.send(raw(limited, target), httpd.port)
        assert answer.status == status, answer.raw
        assert not answer.has("a secret")
        if status == 200:
            assert answer.has("within") or answer.has("the application")

    @pytest.mark.parametrize("path", ["/limited", "/same"])
    def test_reaches_no_other_part_of_its_pages(self, alice, path):
        """HTTP-04: a subrequest is judged anew."""
        answer = wire.send(raw(token_of(alice, path=path),
                               path + "/part.shtml"), alice.httpd.port)
        assert answer.status == 200 and answer.has("within its path")
        assert not answer.has("a secret")

    def test_goes_no_further_where_httpd_inherits_the_log_in(self, alice):
        """HTTP-04: of one configuration, httpd asks nobody a second time."""
        same = Program(alice.httpd, token_of(alice, path="/same"))
        assert same.get("/same/along").text == "within its path"
        assert same.get("/same/").text == "within"
        answer = same.get("/same/away")
        assert answer.status_code == 403 and "a secret" not in answer.text
        assert "CP2FA103" in alice.httpd.log.text()

    def test_is_a_path_with_one_reading(self, alice):
        def kept():
            """But for when the session was used, noted once a minute."""
            return [Database(alice.httpd).ask(f"SELECT * FROM cp2fa_{table}")
                    for table in ("app_token", "account", "event", "device")]
        before = kept()
        for path in ("repo", "/a/../b", "/a%2fb", "//a", "/a\\b"):
            answer = ask(alice, path=path)
            assert answer.status_code == 422, dump(answer)
            assert "path" in alert_of(answer)
        assert kept() == before


class TestWhatIsRefused:

    def test_what_looks_like_one_is_never_tried_as_a_password(
            self, alice, httpd):
        """A directory must not learn a token that has a digit wrong."""
        httpd.set_password("mallory", "cp2fa_my own password")
        shut_out(Program(httpd, "cp2fa_my own password", "mallory")
                 .get("/page.html"))
        assert "CP2FA131" in httpd.log.text()
        assert "AH01617" not in httpd.log.text()
        assert "AH01618" not in httpd.log.text()

    def test_an_unknown_or_mistyped_one(self, alice, token):
        last = "0" if token[-1] != "0" else "1"
        for wrong in (token[:-1] + last, token[:-1], token + "0", "cp2fa_"):
            shut_out(of(alice, wrong).get("/page.html"))
            shut_out(Program(alice.httpd, wrong).get("/page.html"))

    def test_one_of_another_user(self, httpd, alice, token):
        bob = people.enrolled(httpd)
        shut_out(of(bob, token).get("/page.html"))
        shut_out(Program(httpd, token, "").get("/page.html"))
        shut_out(Program(httpd, token, name_of(alice).upper())
                 .get("/page.html"))

    def test_one_of_another_realm(self, alice, token):
        shut_out(of(alice, token).get("/elsewhere/page.html"))
        shut_out(Program(alice.httpd, token).get("/elsewhere/page.html"))

    @pytest.mark.parametrize("page", [
        "", "profile", "enroll", "app-tokens", "recovery-codes", "token",
        "bypass", "qr.svg"])
    def test_one_on_the_modules_own_pages(self, alice, token, page):
        """Even of who is logged in: it is nobody's to change factors with."""
        cookie = {"Cookie": alice.cookie(), **JSON}
        for program in (of(alice, token), Program(alice.httpd, token)):
            shut_out(program.get("/2fa/" + page, headers=cookie))

    def test_a_form_of_the_modules_sent_with_one(self, alice, token):
        csrf = alice.get("/2fa/profile", headers=JSON).json()["csrf"]
        answer = Program(alice.httpd, token).post(
            "/2fa/disable", {"csrf": csrf}, {"Cookie": alice.cookie()})
        shut_out(answer)
        assert Database(alice.httpd).devices(name_of(alice))

    def test_all_while_the_database_can_not_be_asked(self, alice, token):
        """FAIL-01."""
        database = Database(alice.httpd)
        alice.httpd.log.expect("CP2FA003", "CP2FA105")
        database.tell("ALTER TABLE cp2fa_app_token RENAME TO elsewhere")
        answer = of(alice, token).get("/page.html")
        database.tell("ALTER TABLE elsewhere RENAME TO cp2fa_app_token")
        check_problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"]
        assert of(alice, token).get("/page.html").status_code == 200

    def test_a_revoked_one_at_once(self, alice):
        program = of(alice, token_of(alice, name="short-lived"))
        assert program.get("/page.html").status_code == 200
        assert location(revoke(alice, "short-lived")).query == "notice=app-token-ended"
        shut_out(program.get("/page.html"))
        assert "short-lived" not in [one["name"] for one in listed(alice)]


class TestMakingOne:

    def test_shows_it_once_to_the_session_that_asked(self, alice):
        ask(alice)
        other = another(alice)
        other.login_token(other.device.code())
        for client, method in ((other, "GET"), (alice, "HEAD")):
            assert "cp2fa_" not in client.request(method, MAKE).text
        shown = re.findall(r"cp2fa_[0-9a-f]{72}", alice.get(MAKE).text)
        assert len(shown) == 1
        assert of(alice, shown[0]).get("/page.html").status_code == 200
        assert "cp2fa_" not in alice.get(MAKE).text
        assert shown[0] not in alice.get("/2fa/profile").text

    def test_leaves_its_hmac_in_the_database_and_nothing_in_the_logs(
            self, alice, token):
        """CRY-01, LOG-01."""
        of(alice, token).get("/page.html")
        secret = token[6 + 32:6 + 64]
        kept = Database(alice.httpd).dump() + alice.httpd.log.text() + (
            alice.httpd.root / "logs" / "access.log").read_text()
        assert "CP2FA130" in kept and token[6:14] in kept
        assert secret not in kept and token not in kept

    def test_takes_a_second_factor_of_its_maker(self, httpd):
        carol = people.newcomer(httpd)
        answer = carol.post(MAKE, {
            "csrf": people.csrf_of(carol, "/2fa/profile"), "name": "git"})
        assert answer.status_code == 422, dump(answer)
        check_problem(another(carol).post(MAKE, {"name": "x"}, JSON),
                      403, "csrf-invalid")
        assert Database(httpd).ask("SELECT 1 FROM cp2fa_app_token t JOIN"
                                   " cp2fa_account a ON a.id = t.account"
                                   " WHERE a.name = ?", name_of(carol)) == []

    @pytest.mark.parametrize("fields, code", [
        ({"name": ""}, "bad-request"), ({"name": "x" * 256}, "bad-request"),
        ({"expires": "367d"}, "app-expiry-invalid"),
        ({"expires": "never"}, "app-expiry-invalid"),
        ({"path": "repo"}, "app-path-invalid"),
    ])
    def test_says_what_is_wrong(self, alice, fields, code):
        csrf = alice.get("/2fa/profile", headers=JSON).json()["csrf"]
        answer = alice.post(MAKE, {"csrf": csrf, "name": "x", **fields}, JSON)
        check_problem(answer, 422, code)

    def test_shows_where_it_was_used_last(self, alice):
        program = of(alice, token_of(alice, name="used", path="/limited/"))
        assert one_called(alice, "used")["last_used"] is None
        program.get("/limited/here.txt")
        one = one_called(alice, "used")
        assert one["path"] == "/limited" and one["expired"] is False
        assert one["address"] == "127.0.0.1" and one["last_used"]

    def test_tells_the_owner(self, alice):
        address = f"{name_of(alice)}@example.org"
        Database(alice.httpd).tell(
            "UPDATE cp2fa_account SET email = ? WHERE name = ?", address,
            name_of(alice))
        made = token_of(alice, name="told of")
        revoke(alice, "told of")
        mails = [text_of(m) for m in
                 Mailbox(alice.httpd.root / "mail").wait(2, address)]
        assert all("told of" in text for text in mails)
        assert not any(made in text for text in mails)

    def test_ends_with_the_second_factor(self, httpd):
        dave = people.enrolled(httpd)
        program = of(dave, token_of(dave))
        assert program.get("/page.html").status_code == 200
        location(dave.post_form("/2fa/disable", {}, on="/2fa/profile"))
        shut_out(program.get("/page.html"))
