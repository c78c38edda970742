"""Ways past the gate that were tried, and must stay shut."""
import base64
import socket
import ssl
import time
from urllib.parse import urlencode

import pytest

from cp2fa.client import PAGES, SESSION, location
from cp2fa.database import Database
from cp2fa.people import another, enrolled, guard, is_in, newcomer, serve

FORGED = {"Cookie": f"{SESSION}=" + "a" * 64}


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def database(httpd):
    return Database(httpd)


class Held:
    """A POST whose last byte the client keeps back."""

    def __init__(self, client, path, fields):
        self.body = urlencode(fields).encode()
        basic = base64.b64encode(b":".join(client.http.auth)).decode()
        cookies = "; ".join(f"{c.name}={c.value}" for c in client.http.cookies)
        context = ssl._create_unverified_context()
        self.line = context.wrap_socket(
            socket.create_connection(("127.0.0.1", client.httpd.port)),
            server_hostname="localhost")
        self.line.settimeout(60)
        self.line.sendall(
            (f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
             f"Authorization: Basic {basic}\r\nCookie: {cookies}\r\n"
             "Sec-Fetch-Site: same-origin\r\nConnection: close\r\n"
             "Content-Type: application/x-www-form-urlencoded\r\n"
             f"Content-Length: {len(self.body)}\r\n\r\n").encode()
            + self.body[:-1])
        time.sleep(0.3)     # the server has judged the head by now

    def release(self):
        self.line.sendall(self.body[-1:])
        answer = b""
        while chunk := self.line.recv(65536):
            answer += chunk
        self.line.close()
        head = answer.split(b"\r\n\r\n")[0].decode("latin-1")
        return int(head.split(" ")[1]), head


def csrf_of(client, page, form):
    return client.page(PAGES + page).form(PAGES + form).fields["csrf"]


class TestAFormWhoseBodyComesLate:

    def test_does_not_disable_what_was_enabled_meanwhile(
            self, httpd, database):
        owner = newcomer(httpd)
        attacker = another(owner)
        held = Held(attacker, PAGES + "/disable", {
            "csrf": csrf_of(attacker, "/profile", "/enable")})
        owner.enrol()
        status, _ = held.release()
        assert status == 403
        name = owner.http.auth[0].decode()
        assert len(database.devices(name)) == 1
        assert not is_in(attacker)

    def test_does_nothing_for_a_session_that_ended_meanwhile(
            self, httpd, database):
        """SES-04."""
        owner = enrolled(httpd)
        name = owner.http.auth[0].decode()
        held = Held(owner, PAGES + "/disable", {
            "csrf": csrf_of(owner, "/profile", "/disable")})
        copy = another(owner)
        for cookie in owner.http.cookies:
            copy.http.cookies.set_cookie(cookie)
        assert owner.post_form(PAGES + "/logout", {},
                               on=PAGES + "/profile").status_code == 303
        status, _ = held.release()
        assert status == 403
        assert len(database.devices(name)) == 1

    def test_does_not_confirm_an_enrolment_after_log_out(
            self, httpd, database):
        owner = enrolled(httpd)
        name = owner.http.auth[0].decode()
        assert owner.post_form(PAGES + "/enable", {"name": "evil"},
                               on=PAGES + "/profile").status_code == 303
        page = owner.page(PAGES + "/enroll")
        held = Held(owner, PAGES + "/enroll", {
            "csrf": page.form(PAGES + "/enroll").fields["csrf"],
            "token": owner.device.code()})
        owner.post_form(PAGES + "/logout", {}, on=PAGES + "/profile")
        status, head = held.release()
        assert status == 403
        assert f"{SESSION}=" not in head
        assert len(database.devices(name)) == 1


class TestASecretThatDoesNotOpen:

    def test_makes_no_guess_free_at_the_other_device(self, httpd_of):
        """THR-01, CRY-02: a damaged row is a fault, and guesses count."""
        httpd = serve(httpd_of(guard()))
        database = Database(httpd)
        httpd.log.expect("CP2FA003")
        owner = enrolled(httpd)
        name = owner.http.auth[0].decode()
        owner.post_form(PAGES + "/enable", {"name": "second"},
                        on=PAGES + "/profile")
        database.tell("UPDATE cp2fa_device SET state = 'active',"
                      " secret = '1.k.AAAA' WHERE name = 'second'")
        guesser = another(owner)
        for _ in range(5):
            answer = guesser.login_token(owner.device.wrong_code())
            assert answer.status_code in (429, 503)
            assert "PIN isn't valid" not in answer.text or \
                answer.status_code == 429
        assert database.failures(name) == 3


SECTIONS = {
    "if": ("", '<If "true">\nTwoFactor optional\n</If>'),
    "if in a location": ('<If "true">\nTwoFactor optional\n</If>', ""),
    "files": ("", "<Files *.html>\nTwoFactor optional\n</Files>"),
    "files in a directory": (
        "", '<Directory "${DOCS}">\n<Files *.html>\nTwoFactor optional\n'
            "</Files>\n</Directory>"),
}


class TestTwoFactorInASectionThatConfigtestCannotLookInto:

    @pytest.mark.parametrize("section", SECTIONS)
    def test_guards_like_any_other(self, httpd_of, section):
        inside, beside = SECTIONS[section]
        outside = guard(inside, mode="off").replace("TwoFactor off", "")
        httpd = serve(httpd_of(outside + beside))
        stranger = newcomer(httpd)
        forged = stranger.get("/page.html", headers=FORGED)
        assert (forged.status_code, forged.text) == (200, "the content")
        stranger.enrol()
        assert another(stranger).get(
            "/page.html", headers=FORGED).status_code == 303
        assert is_in(stranger)


class TestAPlaceAndItsPages:

    @pytest.mark.parametrize("directive", [
        "TwoFactorFoldUserCase on", "TwoFactorCookieName other",
        "TwoFactorCookieSecure off"])
    def test_must_agree_on(self, httpd_of, directive):
        httpd = httpd_of(guard(directive, where="/app")
                         + guard(where="/2fa", mode="off"))
        status, said = httpd.configtest()
        assert status != 0
        assert said.count("CP2FA001") == 1
        assert directive.split()[0] in said

    @pytest.mark.parametrize("directive", [
        "TwoFactorFailureLimit 3 30d", "TwoFactorClockSkew 60"])
    def test_a_rule_of_the_place_alone_is_said_to_be_in_vain(
            self, httpd_of, directive):
        httpd = httpd_of(guard(directive, where="/app")
                         + guard(where="/2fa", mode="off"))
        status, said = httpd.configtest()
        assert status == 0
        assert "CP2FA007" in said and directive.split()[0] in said

    def test_may_be_guarded_apart(self, httpd_of):
        httpd = httpd_of(guard(where="/app") + guard(where="/2fa", mode="off"))
        assert httpd.configtest()[0] == 0

    @pytest.mark.parametrize("section", ['<If "true">', "<Files x>",
                                         '<LocationMatch "^/x">'])
    def test_the_folding_of_case_must_be_where_they_can_be_compared(
            self, httpd_of, section):
        end = "</" + section[1:].split(" ")[0] + ">"
        httpd = httpd_of(guard()
                         + f"{section}\nTwoFactorFoldUserCase on\n{end}")
        status, said = httpd.configtest()
        assert status != 0 and "TwoFactorFoldUserCase" in said


class TestAHostThatGuardsNothing:

    def test_has_no_pages(self, httpd_of):
        """THR-07: its users are not this realm's, whatever its AuthName."""
        other = """
<VirtualHost 127.0.0.1:${PORT}>
    ServerName other.localhost
    SSLEngine on
    Include conf/tls.conf
    DocumentRoot "${DOCS}"
""" + guard(mode="off") + "</VirtualHost>"
        httpd = serve(httpd_of(guard(), server=other))
        client = newcomer(httpd)
        for page in ("/token", "/profile", "/enroll", "/qr.svg"):
            answer = client.get(PAGES + page,
                                headers={"Host": "other.localhost"})
            assert answer.status_code == 404, page
        assert client.get(PAGES + "/profile").status_code == 200


class TestANameWithStrayBlanks:

    @pytest.mark.parametrize("name", ["alice ", "alice  b"])
    def test_is_refused(self, httpd, name):
        """INP-03: a directory may take it for the account without them."""
        client = newcomer(httpd, name)
        answer = client.get("/page.html")
        assert answer.status_code == 403
        assert "the content" not in answer.text


class TestTheCookie:

    def test_is_hidden_from_an_application_that_is_not_guarded(
            self, httpd_of, backend):
        httpd = serve(httpd_of(
            guard() + guard(where="/open", mode="off")
            + '<Location "/open">\nProxyPass "${BACKEND}"\n</Location>',
            defines={"BACKEND": f"http://127.0.0.1:{backend.port}"}))
        client = enrolled(httpd)
        client.http.cookies.set("theme", "dark", domain="localhost.local")
        answer = client.get("/open/x", headers={
            "Cookie": f"theme=dark; {client.cookie()}"})
        assert answer.status_code == 200
        assert backend.header("Cookie") == "theme=dark"
        assert location(another(client).get("/page.html")).path \
            == PAGES + "/token"
