"""Names, headers and addresses that nobody should send."""
import base64
import hashlib

import pytest
import requests

from cp2fa.client import Client, dump, location
from cp2fa.database import Database
from cp2fa.forms import Page
from cp2fa.people import (PASSWORD, another, enrolled, guard, is_in, name_of,
                          serve, session_of)
from cp2fa.wire import Request, connect, parse, read_rest, send

SHA = b"{SHA}" + base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest())

# names that can be an account's: taken as they are, and shown as text
GOOD = [
    "o'brien", '"quoted"', "a&b<c>", "<svg/onload=alert(1)>", "%n%n%s%x",
    "${HOME}", "$(id)", "`id`", "'; DROP TABLE cp2fa_account; --",
    "' OR '1'='1", '<!--#exec cmd="id" -->', '<!--#echo var="CP2FA_CSRF" -->',
    "--><script>alert(1)</script>", "../../etc/passwd", "a/b", "a\\b", "a;b",
    "a%00b", "a%0d%0ab", "{{7*7}}", "<%= 7*7 %>", "alice@example.com", "null",
    "élodie", "Ωmega", "日本語", "\u202eecila", "a\u200bb", "e\u0301",
    "\U0001f600", "\ufeffbom", "x" * 255, "é" * 127, "-rf", "=1+1",
]
# … and names that can't: too long, control characters, no UTF-8
BAD = [
    b"x" * 256, b"x" * 4000, "é".encode() * 128, b"caf\xe9", b"\xff\xfe",
    b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"a\xc3", b"a\x01b",
    b"a\x07b", b"a\x1b[31mb", b"a\tb", b"a\x7fb", b"\xc2\x80", b"a\xc2\x9bb",
    b"a\rb", b"a  b",
]


def know(httpd, names):
    """Puts these names into conf/users; htpasswd would refuse some."""
    with open(httpd.root / "conf" / "users", "ab") as users:
        for name in names:
            users.write(name + b":" + SHA + b"\n")


def client_of(httpd, name):
    client = Client(httpd, "x", PASSWORD)
    client.http.auth = (name, PASSWORD.encode())
    return client


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


class TestAUserName:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard())
        know(httpd, [name.encode() for name in GOOD] + BAD)
        # names that httpd reads otherwise; and who is refused may not see
        # the page of the error either
        httpd.log.expect("AH0161[78]", "AH00687")
        return serve(httpd)

    @pytest.mark.parametrize("name", GOOD, ids=lambda name: ascii(name[:20]))
    def test_is_shown_as_it_is(self, httpd, name):
        """INP-01: escaped once, and neither run nor parsed."""
        client = client_of(httpd, name.encode())
        answer = client.get("/2fa/profile")
        assert answer.status_code == 200, dump(answer)
        assert name in shown(answer)
        for piece in ("<svg/", "<script", "<!--#", "uid=", "{{49"):
            assert piece not in answer.text

    @pytest.mark.parametrize("name", GOOD[::3],
                             ids=lambda name: ascii(name[:20]))
    def test_is_an_account(self, httpd, name):
        """INP-01, INP-02."""
        client = client_of(httpd, name.encode())
        client.device = client.enrol()
        assert Database(httpd).devices(name)
        browser = client_of(httpd, name.encode())
        page = browser.get("/2fa/token")
        assert name in shown(page) and "<svg/" not in page.text
        assert browser.login_token(
            client.device.wrong_code()).status_code == 422
        location(browser.login_token(client.device.code()))
        assert is_in(browser)

    @pytest.mark.parametrize("name", BAD, ids=lambda name: ascii(name[:20]))
    def test_that_can_be_no_account_is_refused(self, httpd, name):
        """INP-01, F23: 403 and a line in the log, wherever it goes."""
        before = httpd.log.text().count("CP2FA104")
        client = client_of(httpd, name)
        asked = 0
        for path in ("/page.html", "/2fa/profile", "/2fa/token"):
            answer = client.get(path)
            if answer.status_code == 401:
                continue        # httpd itself reads another name
            asked += 1
            assert answer.status_code == 403, dump(answer)
            assert "the content" not in answer.text
            assert session_of(answer) is None
        assert client.post("/2fa/enable", {}).status_code in (401, 403)
        assert asked or name in (b"a\rb",)
        assert (httpd.log.text().count("CP2FA104") > before) == bool(asked)
        assert not Database(httpd).ask(
            "SELECT id FROM cp2fa_account WHERE CAST(name AS BLOB) = ?", name)

    def test_of_64_kilobytes_is_httpds_own_400(self, httpd):
        """INP-01, F23."""
        answer = client_of(httpd, b"x" * 65536).get("/page.html")
        assert answer.status_code == 400

    @pytest.mark.parametrize("basic", [
        "", "=", "YQ", "YQ==", "Og==", "!!!!", "A" * 4000, "\xff\xfe",
        base64.b64encode(b"\0:\0").decode(),
        base64.b64encode(b"alice\0:x").decode(),
        base64.b64encode(b":" * 100).decode()], ids=lambda b: ascii(b[:12]))
    def test_may_be_missing_or_broken(self, httpd, basic):
        """INP-01: 401 and the way to do it better (HTTP-02)."""
        answer = Client(httpd).get("/page.html", headers={
            "Authorization": b"Basic " + basic.encode("latin-1")})
        assert answer.status_code in (400, 401)
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Basic")


def shown(answer):
    """What a reader sees of a page, in one line."""
    page = Text(answer.text)
    return " ".join(page.seen)


class Text(Page):
    def __init__(self, html):
        self.seen = []
        super().__init__(html)

    def handle_data(self, data):
        super().handle_data(data)
        self.seen.append(data)


class TestATokenInAHeader:

    HOSTILE = [
        b"", b"0", b"12345", b"1234567", b"12345678", b"abcdef",
        b"-12345", b"+12345", b"0x1234", b"1e5000", b"12345\xb2",
        "１２３４５６".encode(), "٠١٢٣٤٥".encode(), b"123456,654321", b"\xff" * 6,
        b"' OR 1=1 --", b"%n%n%n%n", b"<svg>", b"1" * 8000, b"-" * 4000,
        b"1 2 3 4 5", b"123456;", b'"123456"', b"Basic 123456", b"%31" * 6,
        b"null", b"[]", b"{}", b"1\t2\t3"]

    @pytest.mark.parametrize("token", HOSTILE, ids=lambda t: ascii(t[:16]))
    def test_that_is_none_is_no_guess_either(self, httpd, alice, token):
        """INP-01, OTP-08."""
        for accept in ("text/html", "application/json"):
            answer = another(alice).get("/page.html", headers={
                "TwoFactor-Token": token, "Accept": accept})
            assert answer.status_code in (303, 400, 403, 422), dump(answer)
            assert session_of(answer) is None
            assert "the content" not in answer.text
        assert Database(httpd).failures(name_of(alice)) == 0
        assert is_in(alice)

    def test_is_checked_once_however_often_it_comes(self, httpd):
        """INP-01, THR-01: httpd joins the fields with a comma."""
        alice = enrolled(httpd)
        name, password = alice.http.auth
        basic = requests.auth._basic_auth_str(name, password)
        code = alice.device.code()
        with connect(httpd.port, "localhost") as stream:
            stream.sendall((
                "GET /page.html HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: {basic}\r\nTwoFactor-Token: 000000\r\n"
                f"TwoFactor-Token: {code}\r\nConnection: close\r\n\r\n"
            ).encode())
            answer = parse(read_rest(stream))
        assert answer.status in (400, 403, 422)
        assert not answer.has("the content") and not answer.has("Set-Cookie")
        assert Database(httpd).failures(name_of(alice)) == 0


class TestAnAddress:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard())
        httpd.log.expect("AH10244", "AH00127", "AH00036",    # ill-formed paths
                         "AH01276")     # the site's own folder
        return serve(httpd)

    TAILS = [
        "%", "%%", "%0", "%zz", "%00", "%01", "%0a", "%0d%0aX:%20y", "%1b[31m",
        "%7f", "%80", "%ff", "%c0%af", "%ed%a0%80", "%f0%9f%98%80", "é",
        "\xff",
        "<svg>", "%3Csvg%3E", "'", '"', "';--", "%27%20OR%201=1", "%n%n%n%s",
        "${HOME}", "<!--#exec%20cmd=id-->", "{{7*7}}", "|id", "`id`", "$(id)",
        "\\", "..\\..", "%5c..%5c", "con", "nul", ":$DATA", "~root", "*", "?",
        "??", "?=", "?&&&", "?return", "?return=", "?return=%", "?return=%zz",
        "?return=%00", "?return=%ff", "?return=" + "%41" * 2500,
        "?" + "return=/&" * 800, "?" + "a" * 7000, "x" * 300, "x" * 7000,
        "/".join("x" * 300), "token" * 50, ".", "..", "...", "token..", "@",
        "#", "token#x", "a:b", "token:80", "token%2f", "token%3f", "token%23",
        "a=b;c=d", "[", "]", "[::1]", "^", "|", "{", "}", "+", "token+"]

    @pytest.mark.parametrize("tail", TAILS, ids=lambda t: ascii(t[:16]))
    def test_below_the_pages_never_breaks_anything(self, httpd, alice, tail):
        """INP-01, HTTP-04."""
        name, password = (part.decode() for part in alice.http.auth)
        for place in ("/2fa/", "/2fa/token", "/page.html"):
            for cookie in (None, alice.cookie()):
                for method in ("GET", "POST"):
                    answer = send(Request(place + tail, method).signed(
                        (name, password), cookie), httpd.port)
                    assert 200 <= answer.status < 500, (place, answer)
                    assert cookie or not answer.has("the content")
                    assert not answer.has("<svg>"), answer
                    assert not answer.has("uid=")
                    assert answer.header("X") is None

    def test_that_is_none_leaves_all_well(self, httpd, alice):
        """INP-01: the same children answer, and nobody's session ended."""
        assert "exit signal" not in httpd.log.text()
        assert is_in(alice)
        assert Database(httpd).ask("PRAGMA integrity_check") == [("ok",)]
