"""Where a log-in leads: on, to the page that was wanted, and never away."""
import re
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest

from cp2fa.client import SESSION, dump
from cp2fa.forms import Page
from cp2fa.people import another, csrf_of, enrolled, guard, newcomer, serve


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


EVIL = "evil.example"
HOSTILE = [
    "", "evil", EVIL, f"//{EVIL}", f"///{EVIL}", f"////{EVIL}", f"/\\{EVIL}",
    f"\\/{EVIL}", f"\\\\{EVIL}", f"/\\/{EVIL}", f"//\\{EVIL}", f"\\{EVIL}",
    f"/\\\\{EVIL}", f"https://{EVIL}", f"http://{EVIL}", f"https:/{EVIL}",
    f"https:{EVIL}", f"https:\\\\{EVIL}", f"http:\\{EVIL}", f"ftp://{EVIL}",
    f"HtTpS://{EVIL}", f"//{EVIL}@localhost", f"//localhost@{EVIL}",
    f"https://localhost@{EVIL}/", f"https://localhost.{EVIL}",
    f"https://localhost:8443@{EVIL}", f"//{EVIL}:80", f"//{EVIL}/%2e%2e",
    f"//{EVIL}#", f"//{EVIL}?x", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)",
    "\x01javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:x", "file:///etc/passwd", "about:blank", "blob:x", "mailto:x",
    f"/\t/{EVIL}", f"/\n/{EVIL}", f"/\r/{EVIL}", f"/\r\n/{EVIL}",
    f"\t//{EVIL}", f"\n//{EVIL}", f" //{EVIL}", f"/ /{EVIL}", f"/\t\\{EVIL}",
    f"\x00//{EVIL}", f"/\x00/{EVIL}", f"/\x0b/{EVIL}", f"/\x0c/{EVIL}",
    f"/\x7f/{EVIL}", f"/\u00a0/{EVIL}", f"/\u2028/{EVIL}", f"/\u3002/{EVIL}",
    f"\uff0f\uff0f{EVIL}", f"/\uff0f{EVIL}", f"/\u2215{EVIL}",
    "//evil\u3002example", "//\u24d4vil.example", f"/.//{EVIL}",
    f"/..//{EVIL}", f"/.\\{EVIL}", f"/..\\{EVIL}", f"/x/..//{EVIL}",
    f"/x/../..//{EVIL}", f"/%2e//{EVIL}", f"/%2e%2e//{EVIL}",
    f"/%2E/%2E//{EVIL}", f"/.%2e//{EVIL}", f"/x/%2e%2e//{EVIL}",
    f"./{EVIL}", f"../{EVIL}", f".{EVIL}", f"@{EVIL}", f":{EVIL}", f"?{EVIL}",
    f"#{EVIL}", f";//{EVIL}", f"//;@{EVIL}", f"//[::1]@{EVIL}", "//1.2.3.4",
    "//0x7f000001", "//2130706433", "//[::ffff:1.2.3.4]", "//1.1", "///a//b",
    f"/x//{EVIL}", f"/x\\{EVIL}", "/a/./b", "/a/../b", "/%2e%2e/", "/..",
    "/.", "/../", "/x/..", "/page.html#frag", "/é", "/\ud7ff", "/ x", "/x y",
    "/x\r\nSet-Cookie: a=b", "/x\r\n\r\n<script>", "/x\nLocation: //evil",
    "/x\r\n Location: //evil", "/%0d%0a\r\nx", "/\x80", "/<script>\x00",
    f"{EVIL}/..;/", f"//{EVIL}/..;/", f"http:///{EVIL}", f"http:////{EVIL}",
    f"https:///{EVIL}", f"//https://{EVIL}", f"/https://{EVIL}\\",
    f"%2f%2f{EVIL}", f"%2f/{EVIL}", f"%5c%5c{EVIL}", f"%09//{EVIL}",
    f"\\x2f\\x2f{EVIL}", "/" + "a" * 5000, "//" + "a" * 3000,
    "/x?" + "b" * 8000,
]
# the same once more as the query's own encoding of a spelling, and prefixed
HOSTILE += [prefix + one for one in HOSTILE if EVIL in one
            for prefix in (" ", "\t")]
HARMLESS = ["/page.html", "/page.html?a=b&c=%2F%2Fevil", "/", "/a/b/c/",
            "/x?u=https://evil.example", "/%C3%A9", "/a:b@c", "/;x"]


def leads_home(where, origin):
    """As a browser reads it, with its tolerance for blanks and slashes."""
    bare = re.sub(r"[\t\r\n]", "", where).strip(
        "".join(map(chr, range(33)))).replace("\\", "/")
    ends = urljoin(origin + "/2fa/token", bare)
    parts = urlsplit(ends)
    path = re.sub("(?i)%2e", ".", parts.path)
    return (ends.startswith(origin + "/") and not parts.path.startswith("//")
            and not re.match(r"/(\.{1,2}/)+/", path)
            and bare[:1] == "/" and bare[:2] != "//")


class TestAReturnAddress:
    """HTTP-05."""

    def test_that_leads_away_is_told_from_one_that_does_not(self):
        """HTTP-05: the check itself."""
        home = "https://localhost:1"
        assert all(leads_home(one, home) for one in HARMLESS)
        for one in (f"//{EVIL}", f"/\\{EVIL}", f"/\t/{EVIL}", f"https:{EVIL}",
                    f"/.//{EVIL}", f"/%2e//{EVIL}", "javascript:x"):
            assert not leads_home(one, home), one
        assert len(set(HOSTILE)) >= 200

    def test_of_someone_who_is_in_stays_here(self, alice):
        """HTTP-05: GET goes on at once."""
        origin = alice.httpd.origin
        for one in HOSTILE:
            query = quote(one.encode("utf-8", "surrogatepass"), safe="")
            answer = alice.get(f"/2fa/token?return={query}")
            if answer.status_code != 303:
                assert answer.status_code in (400, 414), dump(answer)
                continue
            where = answer.headers["Location"]
            assert leads_home(where, origin), (one, where)
            assert EVIL not in where or where == one, (one, where)
            assert answer.raw.headers.getlist("Set-Cookie") == []

    def test_goes_into_the_form_only_if_it_stays_here(self, alice):
        """HTTP-05."""
        browser = another(alice)
        for one in HOSTILE:
            query = urlencode({"return": one.encode("utf-8",
                                                    "surrogatepass")})
            answer = browser.get(f"/2fa/token?{query}")
            if answer.status_code != 200:
                assert answer.status_code in (400, 414), dump(answer)
                continue
            form = Page(answer.text).form("/token")
            assert leads_home(form.fields["return"], alice.httpd.origin), one

    def test_in_a_form_stays_here(self, httpd):
        """HTTP-05: of one who has no device, whose POST goes on at once."""
        client = newcomer(httpd)
        csrf = csrf_of(client, "/2fa/profile")
        for one in HOSTILE:
            body = urlencode({"csrf": csrf, "token": "123456",
                              "return": one.encode("utf-8", "surrogatepass")})
            answer = client.post("/2fa/token", body, headers={
                "Content-Type": "application/x-www-form-urlencoded"})
            if answer.status_code != 303:
                assert answer.status_code in (400, 413), (one, dump(answer))
                continue
            where = answer.headers["Location"]
            assert leads_home(where, httpd.origin), (one, where)

    @pytest.mark.parametrize("hostile", [
        f"//{EVIL}", f"/\\{EVIL}", f"https://{EVIL}", f"/.//{EVIL}",
        f"/\t/{EVIL}"], ids=ascii)
    def test_stays_here_after_a_right_pin(self, httpd, hostile):
        """HTTP-05."""
        alice = enrolled(httpd)
        answer = another(alice).login_token(alice.device.code(), hostile)
        assert leads_home(answer.headers["Location"], httpd.origin)
        browser = another(alice)
        answer = browser.post("/2fa/token", {
            "csrf": csrf_of(browser), "token": alice.device.code(),
            "return": hostile})
        assert answer.headers["Location"] == "/2fa/profile"

    @pytest.mark.parametrize("good", HARMLESS)
    def test_is_kept_as_it_was(self, httpd, alice, good):
        """HTTP-05: the control."""
        browser = another(alice)
        page = browser.page("/2fa/token?" + urlencode({"return": good}))
        assert page.form("/token").fields["return"] == good
        answer = alice.get("/2fa/token?" + urlencode({"return": good}))
        assert answer.headers["Location"] == good
        guest = newcomer(httpd)
        answer = guest.post("/2fa/token", {
            "csrf": csrf_of(guest, "/2fa/profile"), "token": "1",
            "return": good})
        assert answer.headers["Location"] == good

    def test_that_comes_twice_is_no_way_around(self, alice):
        """HTTP-05, INP-01."""
        answer = alice.get(f"/2fa/token?return=/page.html&return=//{EVIL}")
        assert leads_home(answer.headers["Location"], alice.httpd.origin)
        answer = alice.get(f"/2fa/token?xreturn=//{EVIL}&Return=//{EVIL}")
        assert answer.headers["Location"] == "/2fa/profile"
        assert SESSION not in answer.headers.get("Set-Cookie", "")
