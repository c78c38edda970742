"""Several accounts, separate codes: two consoles in one virtual host."""
import pytest

from cp2fa import pageuser
from cp2fa.client import location
from cp2fa.console import SCRIPT, check_problem
from cp2fa.database import Database
from cp2fa.httpd import USERS
from cp2fa.pageuser import API, Visitor

PAGES = """
Alias "/b/2fa" "${CP2FA_HTDOCS}"
<Location "/b/2fa">
    TwoFactorPages on
    Options IncludesNoExec MultiViews
</Location>
<Directory "${DOCS}">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
"""
A = "__Host-cp2fa"
B = "__Host-cp2fa+b+2fa"


def two(guard):
    """Console A at /a, with the pages at /2fa; console B at /b, with its own."""
    return (PAGES + guard(where="/a", realm="Console A")
            + guard(where="/2fa", realm="Console A")
            + guard('TwoFactorPath "/b/2fa"', where="/b", realm="Console B"))


def serve(httpd):
    for folder in ("a", "b"):
        httpd.write(f"{folder}/page.html", f"the content of {folder}")
        httpd.write(f"{folder}/env.cgi", SCRIPT, 0o755)
    return httpd.start()


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(two(pageuser.guard)))


class Person:
    """One browser; `a` and `b` are it in each console."""

    def __init__(self, httpd, name, b="/b/2fa"):
        self.a = Visitor(httpd, name, USERS[name])
        self.b = Visitor(httpd, name, USERS[name], pages=b)
        self.b.http = self.a.http

    def status(self, console):
        answer = getattr(self, console).get(f"/{console}/page.html",
                                            headers=API)
        assert (answer.status_code == 200) == (
            answer.text == f"the content of {console}")
        return answer.status_code


def test_two_paths_may_differ_in_case_alone(httpd_of):
    httpd = serve(httpd_of(
        two(pageuser.guard).replace('"/b/2fa"', '"/2FA"')
        + pageuser.guard('TwoFactorPath "/2FA"', where="/2FA",
                         realm="Console B")))
    person = Person(httpd, "alice", "/2FA")
    person.a.log_in()
    person.b.log_in()
    assert (person.status("a"), person.status("b")) == (200, 200)


class TestTwoRealmsInOneVirtualHost:

    def test_each_asks_on_pages_of_its_own(self, httpd):
        person = Person(httpd, "alice")
        assert location(person.a.get("/a/page.html")).path == "/2fa/login"
        assert location(person.b.get("/b/page.html")).path == "/b/2fa/login"
        assert "Console B" in person.b.get("/b/2fa/login").text

    def test_one_browser_can_be_in_both(self, httpd):
        person = Person(httpd, "alice")
        assert location(person.a.log_in(back="/a/page.html")).path == \
            "/a/page.html"
        assert (person.status("a"), person.status("b")) == (200, 401)
        assert location(person.b.log_in(back="/b/page.html")).path == \
            "/b/page.html"
        assert (person.status("a"), person.status("b")) == (200, 200)
        assert person.a.session(A) and person.b.session(B)
        person.b.log_out()
        assert (person.status("a"), person.status("b")) == (200, 401)

    def test_a_session_does_not_cross(self, httpd):
        """Whatever the cookie is called."""
        person = Person(httpd, "bob")
        person.a.log_in()
        for name in (A, B):
            crossed = Person(httpd, "bob")
            crossed.a.http.cookies.set(name, person.a.session(A))
            assert crossed.status("b") == 401
            assert crossed.status("a") == (200 if name == A else 401)

    def test_the_same_name_is_two_accounts_with_two_secrets(self, httpd):
        person = Person(httpd, "carol")
        person.a.log_in()
        phone = person.a.enrol()
        assert person.status("a") == 200
        # no device in B: the password is enough there
        assert location(person.b.log_in(back="/b/page.html")).path == \
            "/b/page.html"
        assert person.status("b") == 200
        other = Person(httpd, "carol")
        other.a.log_in()
        check_problem(other.a.get("/a/page.html", headers=API),
                      "token-required")
        link = begin_in_b(person)
        assert "Console%20B" in link and phone.secret not in link
        assert Database(httpd).ask(
            "SELECT realm FROM cp2fa_account WHERE name = 'carol'"
            " ORDER BY realm") == [("Console A",), ("Console B",)]

    def test_an_application_sees_no_cookie_of_either(self, httpd):
        person = Person(httpd, "dave")
        person.a.log_in()
        person.b.log_in()
        person.a.http.cookies.set("theirs", "1")
        for console in ("a", "b"):
            said = person.a.get(f"/{console}/env.cgi").json()
            assert said["HTTP_COOKIE"] == "theirs=1"
            assert said["CP2FA_REALM"] == f"Console {console.upper()}"


def begin_in_b(person):
    person.b.post_form("/b/2fa/enable", {}, on="/b/2fa/profile")
    return person.b.page("/b/2fa/enroll").link("otpauth://")


def test_a_cookie_name_of_its_own_is_taken_as_it_is(httpd_of):
    config = two(pageuser.guard).replace(
        'TwoFactorPath "/b/2fa"',
        'TwoFactorPath "/b/2fa"\n    TwoFactorCookieName __Host-b')
    httpd = serve(httpd_of(config))
    person = Person(httpd, "alice")
    person.b.log_in()
    assert person.b.session("__Host-b")
    assert (person.status("a"), person.status("b")) == (401, 200)


def test_two_realms_with_one_set_of_pages_do_not_start(httpd_of):
    httpd = httpd_of(PAGES + pageuser.guard(realm="Console A")
                     + pageuser.guard(where="/b", realm="Console B"))
    status, said = httpd.configtest()
    assert status != 0
    assert "its pages at /2fa are of realm" in said
