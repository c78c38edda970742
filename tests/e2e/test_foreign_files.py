"""What is below /2fa and no page, and pages whose set-up is broken."""
import re

import pytest

from cp2fa.client import Client, dump, location
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in, newcomer,
                          serve)
from cp2fa.wire import Request, send
from test_pages import check_headers, own_htdocs

MARK = "a foreign file"
FILES = ["note.txt", "note.html", "note.shtml.en", "note.cgi", ".htpasswd",
         "token.shtml.en.bak", "token.shtml.en~", "index.html",
         "index.shtml.en", "error.html", "sub/index.html", "sub/note.html",
         "sub/token.shtml.en", "token.d/note.html", "_note.shtml.en",
         "style.css.bak", "x.svg"]
PATHS = [*FILES, "note", "sub", "sub/", "sub/note", "sub/token", "_note",
         "x", ".", "token.shtml.en", "token.shtml", "token.en",
         "profile.shtml.en", "enroll.shtml.en", "error.shtml.en",
         "_error.shtml.en", "_error", "_error.shtml", "_top.shtml.en",
         "_devices.shtml.en", "TOKEN", "Token", "token/", "token/x",
         "token;x", "token.html", "/note.txt", "token%20", "token%0a",
         "token%2e", "token%5c", "%5ctoken", "style.css/", "style.css/x",
         "STYLE.CSS", "style.css.en", "mark", "style", "profile/../note.txt",
         "sub/../note.txt", "%2e/note.txt", "./note.txt", "token/../note.txt",
         "style.css/../note.txt", "%6eote.txt", "note%2etxt",
         "sub%2fnote.html", "qr", "qr.svg/x", "?x", "enroll/", "bypass/..;/"]


class TestAFileThatIsNoPage:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        """Folders are listed, and programs run, wherever httpd is let."""
        httpd = own_htdocs(httpd_of, """
            <Directory "${CP2FA_HTDOCS}">
                Options +Indexes +ExecCGI
                DirectoryIndex index.html
                AddHandler cgi-script .cgi
            </Directory>""")
        httpd.log.expect("AH10244", "AH00036")
        for name in FILES:
            path = httpd.htdocs / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("#!/bin/sh\necho Content-Type: text/plain\n"
                            f"echo\necho {MARK}\n" if name.endswith(".cgi")
                            else MARK)
            path.chmod(0o755)
        return serve(httpd)

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return enrolled(httpd)

    @pytest.mark.parametrize("path", PATHS)
    def test_is_not_served(self, httpd, alice, path):
        """HTTP-04: nor in part, nor as a listing, whoever asks."""
        name, password = (part.decode() for part in alice.http.auth)
        asked = Request(f"/2fa/{path}")
        for request in (asked.signed((name, password)),
                        asked.signed((name, password), alice.cookie())):
            answer = send(request, httpd.port)
            if path in ("?x", "."):     # of the front page
                assert answer.status in (303, 404)
            else:
                assert answer.status in (400, 403, 404), (path, answer)
            for word in (MARK, "Index of", "<!--#", "Parent Directory"):
                assert not answer.has(word), (path, answer)

    def test_is_404_in_words(self, alice):
        """HDR-01."""
        for path in ("note.html", "token.shtml.en", "_error", "sub/"):
            answer = alice.get(f"/2fa/{path}")
            assert answer.status_code == 404, dump(answer)
            assert alert_of(answer).startswith("There is no such page")
            check_headers(answer)
            answer = alice.get(f"/2fa/{path}",
                               headers={"Accept": "application/json"})
            assert answer.json()["code"] == "not-found"
            check_headers(answer)

    def test_needs_a_password_all_the_same(self, httpd):
        """HTTP-02: an address that is none tells a stranger nothing."""
        stranger = Client(httpd)
        for path in ("/2fa/note.txt", "/2fa/nowhere", "/2fa/token", "/2fa/"):
            answer = stranger.get(path)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic")

    def test_keeps_no_page_from_working(self, httpd, alice):
        """The control: the copied pages are those that answer."""
        marked = httpd.htdocs / "profile.shtml.en"
        marked.write_text(marked.read_text() + "<!-- ours -->")
        assert "<!-- ours -->" in alice.get("/2fa/profile").text
        assert alice.get("/2fa/style.css").status_code == 200
        assert location(alice.get("/2fa")).path == "/2fa/profile"

    @pytest.mark.parametrize("target", [
        "/2fa/../conf/users", "/2fa/..%2fconf/users", "/2fa/%2e%2e/x",
        "/2fa/%2e%2e%2f%2e%2e%2fetc/passwd", "/2fa/....//x", "/2fa/..;/x",
        "/2fa/.%2e/conf/httpd.conf", "/2fa/..\\conf", "/2fa%2f..%2fstate",
        "/2fa/..%c0%af..%c0%afetc/passwd", "/2fa../state/cp2fa.key",
        "/2fa../conf/users", "/2fa./note.txt", "/2fapages/note.txt",
        "/2fa-/note.txt", "/2fa/../pages/note.txt", "//2fa/note.txt",
        "/2fa//note.txt", "/2fa/sub//note.html", "/./2fa/note.txt"])
    def test_is_not_reached_from_beside(self, httpd, alice, target):
        """HTTP-04."""
        name, password = (part.decode() for part in alice.http.auth)
        answer = send(Request(target).signed((name, password),
                                             alice.cookie()), httpd.port)
        assert answer.status in (400, 403, 404), answer
        for word in (MARK, "root:", "alice:", ":active", "Index of", "$2y$"):
            assert not answer.has(word)


BROKEN = {
    "Options None": '<Location "/2fa">\nOptions None\n</Location>',
    "no includes": '<Location "/2fa">\nOptions MultiViews\n</Location>',
    "minus": '<Location "/2fa">\nOptions -Includes -IncludesNoExec\n'
             "</Location>",
    "in a match": '<LocationMatch "^/2fa/token">\nOptions None\n'
                  "</LocationMatch>",
    "in an If": '<If "true">\nOptions None\n</If>',
    "indexes": '<Location "/2fa">\nOptions Indexes FollowSymLinks\n'
               "</Location>",
}


class TestASectionThatTakesIncludesAway:

    @pytest.mark.parametrize("section", BROKEN)
    def test_makes_500_of_a_page_and_never_its_source(
            self, httpd_of, section):
        """Fact of mod_include: without Options the raw file goes out."""
        httpd = httpd_of(guard() + BROKEN[section])
        httpd.log.expect("CP2FA20[12]", "AH00033")
        serve(httpd)
        client = newcomer(httpd)
        for path in ("profile", "token", "enroll", "error", "nowhere",
                     "token.shtml.en", "_error.shtml.en", "signed-out"):
            for method in ("GET", "POST"):
                answer = client.request(method, f"/2fa/{path}")
                assert "<!--#" not in answer.text, (method, path)
                assert answer.status_code in (403, 404, 405, 500, 415, 303,
                                              400) or section == "in a match"
        answer = client.get("/2fa/token")
        assert answer.status_code == 500, dump(answer)
        assert re.search("CP2FA20[12].*(Options|MultiViews)",
                         httpd.log.text())

    @pytest.mark.parametrize("config", [
        "ForceType text/plain", "SetHandler server-status",
        "SetHandler cgi-script", "AddHandler send-as-is .shtml .en",
        "RemoveType .shtml", "SetOutputFilter NONE", "DefaultType none",
        "RemoveOutputFilter shtml", "SetHandler None",
        "AddType application/x-httpd-cgi .shtml"])
    def test_or_its_handler_shows_no_source_either(self, httpd_of, config):
        httpd = httpd_of(guard()
                         + f'<Location "/2fa">\n{config}\n</Location>')
        httpd.log.expect("CP2FA20[12]", "AH00082", "AH00687",
                         "include:error.*content type not text")
        if httpd.configtest()[0] != 0:
            pytest.skip(f"{config} does not exist here")
        serve(httpd)
        client = newcomer(httpd)
        for path in ("profile", "token", "enroll", "nowhere"):
            answer = client.get(f"/2fa/{path}")
            assert "<!--#" not in answer.text, dump(answer)


class TestMod_includesOwnDirectives:
    """HDR-01: of a site that writes its own SSI pages in another way."""

    SECTION = """<Location "/">
        SSILegacyExprParser on
        SSIUndefinedEcho "(nothing)"
        SSIErrorMsg "(an error)"
        XBitHack full
        </Location>
        <Location "/site">
        Options +IncludesNoExec
        SetOutputFilter INCLUDES
        </Location>"""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard() + 'SSIStartTag "<%"\nSSIEndTag "%>"\n'
                         + self.SECTION)
        httpd.write("site/own.html", '<%echo var="NOWHERE" %><!--#echo')
        return serve(httpd)

    def test_leave_the_pages_as_they_are(self, httpd):
        """HDR-01: none of it goes out raw, misread, or twice read."""
        alice = enrolled(httpd)
        expected = another(alice)
        pages = {"profile": "My Profile", "token": "Enter your PIN",
                 "nowhere": "There is no such page"}
        for browser in (alice, expected):
            for path, words in pages.items():
                answer = browser.get(f"/2fa/{path}")
                if answer.status_code == 303:
                    continue
                assert words in answer.text
                for word in ("<!--#", "<%", "(nothing)", "(an error)", "[an"):
                    assert word not in answer.text, dump(answer)
                assert answer.text.rstrip().endswith("</html>")

    def test_hold_for_the_pages_of_the_site(self, httpd):
        """The control."""
        alice = enrolled(httpd)
        assert alice.get("/site/own.html").text == "(nothing)<!--#echo"


class TestASectionForAPartOfAPage:
    """Each part is a request of its own, with a configuration of its own."""

    PARTS = ["top", "error", "foot", "clock"]

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        # of different sizes, so that what is left of one is no other's
        httpd = own_htdocs(httpd_of, "".join(
            f'<Files "_{name}.shtml.en">\n'
            + ("AddDefaultCharset Off\n" if n % 2 else
               "ForceType application/x-not\nErrorDocument 404 a\n"
               "ErrorDocument 405 b\n") + "</Files>\n"
            for n, name in enumerate(self.PARTS)))
        httpd.log.expect("unable to include")
        for name in self.PARTS:
            part = httpd.htdocs / f"_{name}.shtml.en"
            part.write_text(f"[{name}]" + part.read_text())
        return serve(httpd)

    def test_holds_for_that_part_alone(self, httpd):
        """HDR-01: a part that is read after another takes nothing of it."""
        client = another(enrolled(httpd))
        for _ in range(3):
            answer = client.post("/2fa/token", {
                "csrf": csrf_of(client), "token": "000000"})
            said = set(re.findall(r"\[(\w+)\]", answer.text))
            assert said & set(self.PARTS) == {"error", "clock"}
            assert answer.text.count("[an error occurred") == 2


class TestLanguages:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        """The token page in Latvian, beside it and in the same folder."""
        httpd = own_htdocs(httpd_of, """
            <Directory "${CP2FA_HTDOCS}">
                AddLanguage lv .lv
            </Directory>""")
        text = (httpd.htdocs / "token.shtml.en").read_text()
        (httpd.htdocs / "token.shtml.lv").write_text(
            text.replace("Enter your PIN", "Ievadiet PIN"))
        return serve(httpd)

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return enrolled(httpd)

    @pytest.mark.parametrize("wanted, given", [
        ("lv", "lv"), ("lv, en;q=0.5", "lv"), ("lv-LV,lv;q=0.9", "lv"),
        ("en", "en"), ("en-GB, en;q=0.9, lv;q=0.2", "en"), ("fr", "en"),
        ("*", "en"),
        ("lv;q=0, en", "en"), ("x" * 4000, "en"), ("", "en"), (None, "en"),
        (",;=,", "en"), ("../../etc/passwd", "en"), ("lv/../en", "en"),
        ("en;q=0", None), ("\xe9", "en"), ("lv;q=abc", None)])
    def test_are_chosen_by_httpd(self, alice, wanted, given):
        """HDR-01: by Accept-Language; there is always a page."""
        answer = another(alice).get("/2fa/token", headers={
            "Accept-Language": wanted and wanted.encode("latin-1")})
        assert answer.status_code == 200, dump(answer)
        assert given in (answer.headers["Content-Language"], None)
        assert ("Ievadiet" in answer.text) == (
            answer.headers["Content-Language"] == "lv")
        assert "<!--" not in answer.text
        check_headers(answer)

    def test_are_those_of_an_error_too(self, alice):
        """HDR-01: the page that a POST is answered with."""
        browser = another(alice)
        browser.http.headers["Accept-Language"] = "lv"
        answer = browser.login_token("12")
        assert answer.status_code == 422
        assert "Ievadiet" in answer.text and alert_of(answer)
        assert "token.shtml" not in answer.headers.get("Location", "")
        location(browser.login_token(alice.device.code()))
        assert is_in(browser)
