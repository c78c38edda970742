"""What every page and answer of the module says, and what is none of it."""
import re
import shutil
from email.utils import formatdate
from html.parser import HTMLParser

import pytest

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.httpd import REPO
from cp2fa.people import (another, csrf_of, enrolled, guard, is_in, newcomer,
                          serve)

API = {"Accept": "application/json"}
ASSETS = ("style.css", "mark.svg")
PAGES = ("profile", "token", "enroll", "signed-out", "error")


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


def own_htdocs(httpd_of, config="", **more):
    """A server whose pages are a copy, in httpd.htdocs; not started."""
    httpd = httpd_of(guard() + config, **more)
    httpd.htdocs = httpd.root / "pages"
    shutil.copytree(REPO / "htdocs", httpd.htdocs)
    conf = httpd.root / "conf" / "httpd.conf"
    conf.write_text(re.sub('Define CP2FA_HTDOCS ".*"',
                           f'Define CP2FA_HTDOCS "{httpd.htdocs}"',
                           conf.read_text()))
    return httpd


class Inert(HTMLParser):
    """Collects whatever in a page could run or be loaded from elsewhere."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "iframe", "object", "embed", "base"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action") and not re.match(
                    r"/(?!/)|otpauth://", value or ""):
                self.found.append(f"{tag} {name}={value}")


def policy_of(answer):
    return {words.split()[0]: words.split()[1:] for words in
            answer.headers["Content-Security-Policy"].split(";")}


def check_headers(answer, asset=False):
    """HDR-01."""
    for name in ("Content-Security-Policy", "X-Content-Type-Options",
                 "Referrer-Policy", "Cross-Origin-Opener-Policy",
                 "Cache-Control"):
        assert len(answer.raw.headers.getlist(name)) == 1, (name, dump(answer))
    said = answer.headers
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "no-referrer"
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert "unsafe" not in said["Content-Security-Policy"]
    assert not {"script-src", "connect-src", "frame-src"} & set(policy)
    if asset:
        assert "public" not in said["Cache-Control"]
        return
    assert said["Cache-Control"] == "no-store"
    if answer.content and answer.status_code != 303:
        kind = said["Content-Type"]
        assert kind in ("text/html; charset=utf-8", "application/json",
                        "application/problem+json",
                        "image/svg+xml", "image/svg+xml; charset=utf-8")
        if kind.startswith("text/html"):
            assert Inert(answer.text).found == []
            assert "<!--" not in answer.text


class TestEveryAnswer:
    """HDR-01."""

    def test_to_a_get_has_the_headers(self, httpd, alice):
        """HDR-01: pages, redirects, and errors."""
        guest = newcomer(httpd)
        location(guest.post_form("/2fa/enable", {}, on="/2fa/profile"))
        stranger = another(alice)
        seen = set()
        for browser in (alice, guest, stranger):
            for path in ("", "/", *[f"/{page}" for page in PAGES], "/qr.svg",
                         "/nowhere", "/enable", "/disable", "/logout",
                         "/signed-out.svg", "/enroll/cancel", "/a/b/c",
                         "/token?return=%2Fpage.html", "/%ff", "/token.html"):
                for headers in ({}, API, {"Accept": "*/*"}):
                    answer = browser.get("/2fa" + path, headers=headers)
                    check_headers(answer)
                    seen.add(answer.status_code)
        assert {200, 303, 403, 404, 405} <= seen
        assert max(seen) < 500

    @pytest.mark.parametrize("asset", ASSETS)
    def test_to_an_asset_has_them_too(self, alice, asset):
        """HDR-01: but it may be kept, privately."""
        for browser in (alice, another(alice)):
            answer = browser.get(f"/2fa/{asset}")
            assert answer.status_code == 200
            check_headers(answer, asset=True)

    def test_to_a_form_has_them(self, httpd, alice):
        """HDR-01: a success, and everything that can be wrong with one."""
        browser = another(alice)
        csrf = csrf_of(browser)
        form = {"csrf": csrf, "token": "12"}
        seen = []
        for headers in ({}, API):
            for fields, more in [
                    (form, {}), ({"csrf": "x"}, {}), ({**form, "x": "\0"}, {}),
                    (form, {"Content-Type": "text/plain"}),
                    ({"x": "y" * 9000}, {}),
                    (form, {"Sec-Fetch-Site": "cross-site"})]:
                answer = browser.post("/2fa/token", fields,
                                      headers={**headers, **more})
                check_headers(answer)
                seen.append(answer.status_code)
        assert set(seen) == {422, 403, 400, 415, 413}
        check_headers(answer := browser.post(
            "/2fa/token", {**form, "token": alice.device.code()}))
        assert answer.status_code == 303
        check_headers(browser.request("PUT", "/2fa/token", data="x"))
        check_headers(browser.post("/2fa/profile", form))
        check_headers(browser.post_form("/2fa/logout", {},
                                        on="/2fa/profile"))

    def test_to_a_refused_pin_has_them(self, httpd):
        """HDR-01: 422, and 429 from the third on."""
        alice = enrolled(httpd)
        statuses = []
        for _ in range(4):
            answer = another(alice).login_token(alice.device.wrong_code())
            check_headers(answer)
            statuses.append(answer.status_code)
        assert statuses[0] == 422 and statuses[-1] == 429

    def test_to_a_fault_has_them(self, httpd_of):
        """HDR-01: 503."""
        httpd = httpd_of(guard(), server="TwoFactorSessionCache none")
        httpd.log.expect("CP2FA003", "CP2FA105")
        serve(httpd)
        alice = enrolled(httpd)
        database = Database(httpd)
        database.tell("ALTER TABLE cp2fa_device RENAME TO away")
        for browser in (another(alice), newcomer(httpd)):
            for path in ("profile", "token", "enroll"):
                for headers in ({}, API):
                    answer = browser.get(f"/2fa/{path}", headers=headers)
                    # the token's form may be shown: it is judged later
                    assert answer.status_code == 503 or path == "token"
                    check_headers(answer)
        database.tell("ALTER TABLE away RENAME TO cp2fa_device")

    @pytest.mark.parametrize("path", [f"/2fa/{page}" for page in PAGES])
    def test_to_head_is_that_to_get_without_a_body(self, alice, path):
        """HDR-01."""
        got, head = alice.get(path), alice.request("HEAD", path)
        assert head.status_code == got.status_code
        assert head.content == b""
        check_headers(head)
        assert head.headers.get("Location") == got.headers.get("Location")

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "MOVE",
                                        "PROPFIND", "BREW", "HEAD"])
    def test_to_a_strange_method_is_no_page(self, alice, method):
        """HTTP-03."""
        answer = alice.request(method, "/2fa/disable")
        assert answer.status_code in (405, 501)
        assert is_in(alice)


class TestAPageIsNeverKept:

    CONDITIONS = [
        {"If-Modified-Since": formatdate(usegmt=True)},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-None-Match": "*"}, {"If-None-Match": '"x", W/"y"'},
        {"Range": "bytes=0-10"}, {"Range": "bytes=-5"},
        {"Range": "bytes=0-1,3-4"}, {"Range": "bytes=99999-"},
        {"If-Range": "Fri, 01 Jan 2100 00:00:00 GMT", "Range": "bytes=0-10"},
        {"Cache-Control": "only-if-cached"}]

    def check(self, browser):
        for path in ("/2fa/profile", "/2fa/token", "/2fa/nowhere"):
            plain = browser.get(path)
            for sent in self.CONDITIONS:
                answer = browser.get(path, headers=sent)
                assert answer.status_code == plain.status_code, (sent, path)
                assert "Content-Range" not in answer.headers
                assert "Last-Modified" not in answer.headers
                assert "ETag" not in answer.headers
                assert answer.text.endswith(plain.text[-20:])

    def test_answers_304_or_206_to_nobody(self, alice):
        """HDR-01, SES-04."""
        for browser in (alice, another(alice)):
            self.check(browser)

    def test_nor_where_httpd_keeps_ssi_pages(self, httpd_of):
        """HDR-01: XBitHack full makes mod_include say Last-Modified."""
        httpd = own_htdocs(httpd_of, "XBitHack full\n")
        for path in httpd.htdocs.iterdir():
            path.chmod(0o775)
        serve(httpd)
        self.check(newcomer(httpd))


class TestTheFilesOfAPage:
    """It is negotiated of two, and includes others: requests of httpd's."""

    @pytest.mark.parametrize("section", [
        '<Location "/2fa/{}">\n{}\n</Location>',
        "<If \"%{{REQUEST_URI}} == '/2fa/{}'\">\n{}\n</If>",
        "<If \"true\">\n<If \"%{{REQUEST_URI}} == '/2fa/{}'\">\n{}\n"
        "</If>\n</If>"], ids=["location", "if", "if in if"])
    @pytest.mark.parametrize("words", [
        "Require user nobody",
        'AuthName "Another console"\nAuthUserFile /dev/null'],
        ids=["require", "users"])
    def test_are_judged_each_by_its_own_section(
            self, httpd_of, section, words):
        """That they have the page's password verified already, too
        (test_page_cost.py), is for those of its own AuthName."""
        httpd = httpd_of(guard() + section.format("_foot.shtml.en", words))
        httpd.log.expect("unable to include", "AH01617", "AH01618",
                         "authorization")
        alice = newcomer(serve(httpd))
        answer = alice.get("/2fa/profile")
        assert answer.status_code == 200, dump(answer)
        assert "keeps Cloud console safe" not in answer.text
        assert "an error occurred" in answer.text

    def test_go_out_as_one(self, alice):
        answer = alice.get("/2fa/profile")
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        assert "Accept-Ranges" not in answer.headers
