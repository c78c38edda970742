"""The logs: all that happened, one line each, and nothing secret."""
import base64
import re
from urllib.parse import quote

import pytest

from cp2fa.client import location
from cp2fa.database import Database
from cp2fa.people import (another, csrf_of, enrolled, guard, name_of,
                          newcomer, serve, session_of)
from test_hostile_input import client_of, know

PRE = "__Host-cp2fa-pre"
PASSWORD = "Gr8-Pa55word+of/hers"
# when, which process and which port may look like a PIN
STAMPS = re.compile(r"^\[[^]]*\] |\[pid \d+(:tid \d+)?\] |127\.0\.0\.1:\d+"
                    r"|localhost:\d+", re.MULTILINE)


def spellings(secret):
    """A text secret in every guise in which it could get into a log."""
    raw = secret.encode()
    yield from (secret, secret.lower(), quote(secret, safe=""), raw.hex(),
                base64.b64encode(raw).decode().rstrip("="),
                base64.urlsafe_b64encode(raw).decode().rstrip("="))


def raw_spellings(raw):
    """The same of bytes."""
    yield from (raw.decode("latin-1"), raw.hex(), raw.hex().upper(),
                base64.b64encode(raw).decode().rstrip("="),
                base64.b32encode(raw).decode().rstrip("="),
                " ".join(f"{one:02x}" for one in raw))


def logged(httpd):
    """All that any log of the server says, without its time stamps."""
    files = [path for path in (httpd.root / "logs").iterdir()]
    assert len(files) >= 3
    return STAMPS.sub("", "\n".join(
        path.read_bytes().decode("latin-1") for path in files))


class TestNoLog:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard(), trace=True)
        httpd.log.expect("CP2FA003", "AH01617")
        return serve(httpd)

    def test_holds_a_secret_at_any_level(self, httpd):
        """LOG-01, ENR-07: after everything that can be done, and go wrong."""
        used = []
        pins = []
        client = newcomer(httpd, password=PASSWORD)
        csrfs = [csrf_of(client, "/2fa/profile")]
        client.device = client.enrol()
        secret = client.device.secret
        browser = another(client)
        answer = browser.get("/2fa/token?return=/page.html")
        used.append(session_of(answer, PRE))
        csrfs.append(csrf_of(browser))
        pins += [client.device.wrong_code(), client.device.code()]
        assert browser.login_token(pins[0]).status_code == 422
        answer = browser.login_token(pins[1])
        location(answer)
        used.append(session_of(answer))
        another(client).login_token(pins[1])        # used before
        pins.append(client.device.code())
        Database(httpd).tell("UPDATE cp2fa_account SET failures = '',"
                             " next_try = 0")
        answer = another(client).get("/page.html", headers={
            "TwoFactor-Token": pins[2]})
        used.append(session_of(answer))
        pins.append(client.device.code())
        browser.post("/2fa/token", {"csrf": "no", "token": pins[3]})
        browser.post("/2fa/token", {"csrf": csrfs[1], "token": pins[3]},
                     headers={"Sec-Fetch-Site": "cross-site"})
        browser.post("/2fa/token", b"token=%ff" + pins[3].encode(), headers={
            "Content-Type": "application/x-www-form-urlencoded"})
        browser.post("/2fa/token", {"token": pins[3]},
                     headers={"Content-Type": "text/plain"})
        (device,) = Database(httpd).devices(name_of(client))
        (sealed,), = Database(httpd).ask("SELECT secret FROM cp2fa_device")
        Database(httpd).tell("UPDATE cp2fa_device SET secret = ?",
                             sealed[:-4] + "AAAA")
        assert another(client).login_token(pins[3]).status_code == 503
        Database(httpd).tell("UPDATE cp2fa_device SET secret = ?", sealed)
        location(browser.post_form("/2fa/logout", {}, on="/2fa/profile"))
        client.get("/page.html", headers={"Cookie": f"__Host-cp2fa={used[1]}"})
        wrong = another(client)
        wrong.http.auth = (wrong.http.auth[0], b"wr0ng-" + PASSWORD.encode())
        assert wrong.get("/page.html").status_code == 401
        httpd.graceful()

        said = logged(httpd)
        assert "CP2FA301" in said and "CP2FA003" in said    # it did log
        assert name_of(client) in said
        key = (httpd.state / "cp2fa.key").read_text().split(":")[-2]
        assert all(used) and all(csrfs) and len(pins) == 4
        pair = f"{name_of(client)}:{PASSWORD}"
        for one in [PASSWORD, secret, key, pair, sealed, *used, *csrfs]:
            for spelling in spellings(one):
                assert spelling not in said, (one, spelling)
        for raw in [base64.b32decode(secret), base64.b64decode(key),
                    *map(bytes.fromhex, used)]:
            for spelling in raw_spellings(raw):
                assert spelling not in said, (raw, spelling)
        for pin in pins:
            assert not re.search(rf"(?<!\d){pin}(?!\d)", said), pin

    def test_is_searched_in_vain(self, httpd):
        """LOG-01: the search itself finds what is there."""
        with open(httpd.root / "logs" / "planted", "w") as log:
            log.write("[now] [cp2fa:info] [pid 1:tid 2] token 123456, "
                      + quote("a+b/c", safe="") + "\n")
        said = logged(httpd)
        assert re.search(r"(?<!\d)123456(?!\d)", said)
        assert any(spelling in said for spelling in spellings("a+b/c"))

    def test_lacks_an_event_of_a_log_in(self, httpd):
        """LOG-01: when, who, whence, what, and how it ended."""
        alice = enrolled(httpd)
        name = name_of(alice)
        another(alice).login_token(alice.device.wrong_code())
        location(another(alice).login_token(alice.device.code()))
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        lines = [line for line in httpd.log.text().splitlines()
                 if f"user {name}" in line and re.search("CP2FA3[01]", line)]
        assert len(lines) >= 5, lines
        for line in lines:
            assert re.match(r"\[\w{3} \w{3} \d\d [\d:.]+ 20\d\d\] ", line)
            assert "[client 127.0.0.1:" in line
        said = "\n".join(lines)
        for word in ("enrolment begun", "enrolment confirmed", "accepted",
                     "disabled"):
            assert word in said, word


class TestALine:

    EVIL = b"\r\n[Mon Jan 01] [cp2fa:error] CP2FA003: forged \x1b[31m\x07"

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard(), trace=True)
        know(httpd, [b"eve\x1b[31m", b"eve\x07\x08", b"eve\xc2\x9b31m",
                     b"eve\xff", b"eve\xe2\x80\xa8x"])
        httpd.log.expect("AH0161[78]", "AH00687", "AH10244", "Mon Jan 01")
        return serve(httpd)

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return enrolled(httpd)

    def check(self, httpd):
        """No line but httpd's own, and no control character in any."""
        for name in ("error.log", "access.log"):
            raw = (httpd.root / "logs" / name).read_bytes()
            assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", raw), name
        for line in httpd.log.text().splitlines():
            assert re.match(r"\[\w{3} \w{3} \d\d \d\d:", line), line
            assert not re.match(r"\[Mon Jan 01\]", line)

    def test_is_one_whatever_the_user_is_called(self, httpd):
        """LOG-02."""
        before = len(httpd.log.text().splitlines())
        names = [b"eve\x1b[31m", b"eve\x07\x08", b"eve\xc2\x9b31m", b"eve\xff",
                 b"eve\xe2\x80\xa8x", b"eve" + self.EVIL, b"eve\nx", b"eve\r",
                 b"eve\0x"]
        for name in names:
            client = client_of(httpd, name)
            for path in ("/page.html", "/2fa/token", "/2fa/profile"):
                client.get(path)
            client.post("/2fa/enable", {})
        self.check(httpd)
        assert httpd.log.text().count("CP2FA104") >= 4
        assert len(httpd.log.text().splitlines()) > before + len(names)

    @pytest.mark.parametrize("header", [
        "Origin", "Referer", "User-Agent", "TwoFactor-Token", "Cookie",
        "X-Forwarded-For", "Accept", "Content-Type"])
    def test_is_one_whatever_a_header_says(self, httpd, alice, header):
        """LOG-02: obs-fold, C1 and what else httpd lets through."""
        for value in (b"https://x\t[Mon Jan 01] [cp2fa:error]",
                      b"https://x\xc2\x9b31m\xff\x80", b"https://x\\n\\r\\x1b",
                      b"https://x%0d%0a[Mon Jan 01] forged"):
            browser = another(alice)
            csrf = csrf_of(browser)
            browser.post("/2fa/token", {"csrf": csrf, "token": "12"}, headers={
                "Sec-Fetch-Site": None, header: value})
            browser.get("/page.html", headers={header: value})
        self.check(httpd)
        if header == "Origin":
            assert "CP2FA203" in httpd.log.text()

    def test_is_one_whatever_the_form_or_the_address_says(self, httpd, alice):
        """LOG-02."""
        evil = quote(self.EVIL)
        csrf = csrf_of(alice, "/2fa/profile")
        for path in (f"/2fa/{evil}", f"/2fa/token?return={evil}",
                     f"/page.html?{evil}", f"/{evil}", f"/2fa/token/{evil}"):
            for browser in (alice, another(alice)):
                browser.get(path)
                browser.post(path, {"csrf": csrf, "token": self.EVIL})
        for fields in ({"name": self.EVIL}, {"name": b"\xc2\x9b31m"},
                       {"name": "phone\x1b[31m"}):
            alice.post("/2fa/enable", {"csrf": csrf, **fields})
        alice.post("/2fa/token", {"csrf": csrf, "token": self.EVIL})
        self.check(httpd)
