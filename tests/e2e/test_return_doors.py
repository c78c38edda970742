"""Open redirects, through every door that takes a return address; and other
headers that somebody else wrote."""
from urllib.parse import quote, urlencode

import pytest

from cp2fa.client import dump, location
from cp2fa.forms import Page
from cp2fa.pageuser import again, enrolled, guard, newcomer
from cp2fa.people import serve
from cp2fa.wire import Request, send
from test_return_address import EVIL, HOSTILE, leads_home

# two separators before, and what a lenient reader takes for one between
EDGES = ["/", "\\", "%2f", "%5c", "\t", "\n", "\x00", "/%09", "/.", "/%2e"]
STRINGS = sorted({*HOSTILE, *(
    f"{one}{two}{EVIL}{end}" for one in EDGES for two in EDGES
    for end in ("", "/2fa/profile")
    if one + two not in ("/%2f", "/%5c", "/%09%2f", "/%2e%2f"))})
DOORS = ["token", "recovery"]


def asked(path, one):
    return f"/2fa/{path}?return=" + quote(
        one.encode("utf-8", "surrogatepass"), safe="")


def posted(client, path, one, **fields):
    """The answer to that form, with the return address put into it."""
    body = urlencode({**fields, "return": one.encode("utf-8",
                                                     "surrogatepass")})
    return client.post(f"/2fa/{path}", body, headers={
        "Content-Type": "application/x-www-form-urlencoded"})


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


class TestTheDoors:
    """HTTP-05."""

    def test_meet_300_strings(self):
        """HTTP-05: which are not all refused for the same reason."""
        assert len(STRINGS) >= 300
        assert len({one[:2] for one in STRINGS}) >= 50

    def test_of_the_log_in_page_lead_home(self, httpd):
        """HTTP-05: its form, an error's form, and a right password."""
        visitor = newcomer(httpd)
        seen = 0
        csrf = visitor.page("/2fa/login").form("/login").fields["csrf"]
        for one in STRINGS:
            answer = visitor.get(asked("login", one))
            if answer.status_code == 200:
                form = Page(answer.text).form("/login")
                assert leads_home(form.fields["return"], httpd.origin), one
                seen += 1
            else:
                assert answer.status_code in (400, 414), dump(answer)
            if one not in STRINGS[::3]:
                continue
            answer = posted(visitor, "login", one, csrf=csrf, password="",
                            username="")
            assert answer.status_code in (400, 413, 422, 429), dump(answer)
            if answer.status_code in (422, 429):
                fields = Page(answer.text).form("/login").fields
                assert leads_home(fields["return"], httpd.origin), one
        assert seen >= 300

    def test_of_the_log_in_lead_home_after_a_right_password(self, httpd):
        """HTTP-05: at once, or by way of the token page."""
        for visitor in (newcomer(httpd), again(enrolled(httpd))):
            for one in STRINGS[::16]:
                csrf = visitor.page("/2fa/login").form("/login").fields["csrf"]
                answer = posted(visitor, "login", one, csrf=csrf,
                                username=visitor.name,
                                password=visitor.password)
                if answer.status_code != 303:
                    assert answer.status_code in (400, 413), dump(answer)
                    continue
                where = answer.headers["Location"]
                assert leads_home(where, httpd.origin), (one, where)
                if EVIL in where:
                    assert where == one or where.startswith("/2fa/token?")

    @pytest.mark.parametrize("door", DOORS)
    def test_after_the_password_lead_home(self, httpd, alice, door):
        """HTTP-05: shown, refused, and shown again with the refusal."""
        browser = again(alice)
        location(browser.log_in())
        csrf = browser.page(f"/2fa/{door}").form("/" + door).fields["csrf"]
        seen = 0
        for one in STRINGS:
            answers = [browser.get(asked(door, one))]
            if one in STRINGS[::3]:
                answers.append(posted(browser, door, one, csrf=csrf, token="1",
                                      code="1"))
            for answer in answers:
                if answer.status_code in (400, 413, 414):
                    continue
                assert answer.status_code in (200, 422, 429), dump(answer)
                fields = Page(answer.text).form("/" + door).fields
                assert leads_home(fields["return"], httpd.origin), one
                seen += 1
        assert seen >= 350

    def test_of_who_is_in_lead_home(self, httpd, alice):
        """HTTP-05: at once, and My Profile's Go on."""
        for one in STRINGS:
            for path in ("token", "recovery"):
                answer = alice.get(asked(path, one))
                if answer.status_code == 303:
                    where = answer.headers["Location"]
                    assert leads_home(where, httpd.origin), (one, where)
        for one in STRINGS[::16]:
            answer = alice.get(asked("profile", one))
            if answer.status_code == 200:
                assert f'href="//{EVIL}' not in answer.text
                for link in Page(answer.text).links:
                    assert leads_home(link, httpd.origin), (one, link)


class TestAHeader:
    """HTTP-05, INP-01: that the client wrote."""

    LINES = ["/page.html%0d%0aSet-Cookie:%20evil=1", "/x%0aLocation:%20//e",
             "/%E5%98%8A%E5%98%8DSet-Cookie:evil=1", "/x%0d%0a%0d%0a<b>",
             "/x%00%0d%0aevil:1"]

    @pytest.mark.parametrize("line", LINES)
    def test_can_not_be_put_into_an_answer(self, alice, line):
        """INP-01: by a return address, a user name, or a language."""
        browser = again(alice)
        answers = [alice.get(f"/2fa/token?return={line}"),
                   browser.get(f"/2fa/login?return={line}"),
                   browser.log_in(name=line.replace("%0d%0a", "\r\n")),
                   browser.get(line)]
        for answer in answers:
            assert answer.status_code < 500, dump(answer)
            names = {name.lower() for name in answer.headers}
            assert not names & {"evil"}, dump(answer)
            for field in answer.raw.headers.getlist("Set-Cookie"):
                assert not field.startswith("evil"), dump(answer)
            where = answer.headers.get("Location", "/")
            assert leads_home(where, alice.httpd.origin), where

    @pytest.mark.parametrize("headers", [
        {"Host": EVIL}, {"X-Forwarded-Host": EVIL},
        {"X-Forwarded-Server": EVIL}, {"Forwarded": f"host={EVIL}"},
        {"X-Original-URL": f"//{EVIL}"}, {"X-Rewrite-URL": f"//{EVIL}"},
        {"X-Forwarded-Prefix": f"//{EVIL}"}], ids=str)
    def test_names_no_other_host_in_an_answer(self, httpd, alice, headers):
        """HTTP-05: neither where it leads nor on the page."""
        host = headers.get("Host", "localhost")
        more = {name: value for name, value in headers.items()
                if name != "Host"}
        cookie = f"__Host-cp2fa={alice.session()}"
        for path in ("/page.html", "/2fa/token", "/2fa/login", "/2fa/",
                     "/2fa/profile", "/2fa/nowhere", "/2fa/signed-out"):
            for cookies in ({}, {"Cookie": cookie}):
                answer = send(Request(path, host=host, headers={
                    "Accept": "text/html", **more, **cookies}), httpd.port)
                assert answer.status < 500, (path, answer)
                assert not answer.has(EVIL), (path, answer)
