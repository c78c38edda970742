"""The module's own log-in page, AuthType TwoFactor."""
import re
from urllib.parse import parse_qs

import pytest

from cp2fa.client import dump, location
from cp2fa.console import SCRIPT, check_problem
from cp2fa.database import Database
from cp2fa.forms import Page
from cp2fa.pageuser import (API, PASSWORD, Visitor, again, enrolled, guard,
                            newcomer, words)
from cp2fa.people import session_of

PUBLIC = ["login", "signed-out", "style.css", "mark.svg"]


def serve(httpd):
    httpd.write("page.html", "the content")
    httpd.write("required/page.html", "the content")
    httpd.write("env.cgi", SCRIPT, 0o755)
    return httpd.start()


SITE = """
<Directory "${DOCS}">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
"""


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(SITE + guard() + """
<Location "/required/">
    TwoFactor required
</Location>
<Location "/bobs/">
    Require user bob
</Location>
""", trace=True))


@pytest.fixture()
def visitor(httpd):
    return newcomer(httpd)


class TestWhoHasNotSaidWhoItIs:

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("target", [
        "/page.html", "/page.html?a=1&b=2", "/no-such-page", "/2fa/profile",
        "/2fa/token", "/2fa/enroll", "/2fa/qr.svg", "/2fa/", "/2fa/nothing"])
    def test_a_navigation_is_sent_to_the_log_in_page(
            self, httpd, method, target):
        """HTTP-01."""
        sent = location(Visitor(httpd).request(method, target))
        assert sent.path == "/2fa/login"
        assert parse_qs(sent.query) == {"return": [target]}

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS",
                                        "DELETE", "PROPFIND"])
    @pytest.mark.parametrize("target", ["/page.html", "/2fa/profile",
                                        "/2fa/nothing"])
    def test_a_program_is_asked_for_basic_credentials(
            self, httpd, method, target):
        """HTTP-02."""
        answer = Visitor(httpd).request(method, target, headers=API)
        assert answer.status_code == 401, dump(answer)
        assert answer.headers["WWW-Authenticate"] == \
            'Basic realm="Cloud console"'
        assert "the content" not in answer.text

    @pytest.mark.parametrize("name", PUBLIC)
    def test_the_pages_for_everybody_are_there(self, httpd, name):
        answer = Visitor(httpd).get(f"/2fa/{name}")
        assert answer.status_code == 200, dump(answer)

    @pytest.mark.parametrize("target", [
        "/2fa/login.shtml.en", "/2fa/_top.shtml.en", "/2fa/token.shtml.en",
        "/2fa/login/", "/2fa/login/profile", "/2fa/login;x", "/2fa/LOGIN",
        "/2fa/style.css/x", "/2fa/profile?login", "/2fa/login%2fx",
        "/2fa//profile", "/2fa/./profile", "/2fa/login/../profile",
        "/2fa/style.css/../../page.html", "/2fa/../page.html"])
    def test_nothing_else_is_freed_with_them(self, httpd, target):
        answer = Visitor(httpd).get(target, headers=API)
        assert answer.status_code in (401, 404), dump(answer)
        assert "the content" not in answer.text

    @pytest.mark.parametrize("name", PUBLIC)
    @pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
    def test_they_know_no_other_methods(self, httpd, name, method):
        answer = Visitor(httpd).request(method, f"/2fa/{name}")
        assert answer.status_code == 405, dump(answer)


class TestTheLogInPage:

    def test_leads_where_one_wanted_to_go(self, visitor):
        """HTTP-05."""
        target = "/env.cgi?a=1&b=%26"
        sent = visitor.get(target).headers["Location"]
        done = visitor.post_form("/2fa/login", {
            "username": visitor.name, "password": PASSWORD}, on=sent)
        assert done.headers["Location"] == target, dump(done)
        assert visitor.get(target).json()["QUERY_STRING"] == "a=1&b=%26"

    def test_asks_for_the_token_on_the_next_page_and_leads_back(self, httpd):
        owner = enrolled(httpd)
        browser = again(owner)
        sent = location(browser.log_in(back="/page.html?x=1"))
        assert sent.path == "/2fa/token"
        assert parse_qs(sent.query) == {"return": ["/page.html?x=1"]}
        assert location(browser.get("/page.html")).path == "/2fa/token"
        done = browser.login_token(owner.device.code(), back="/page.html?x=1")
        assert done.headers["Location"] == "/page.html?x=1"
        assert browser.get("/page.html").text == "the content"

    def test_leads_to_the_profile_without_a_return_address(self, visitor):
        assert location(visitor.log_in()).path == "/2fa/profile"
        assert "My Profile" in visitor.get("/2fa/profile").text

    @pytest.mark.parametrize("back", [
        "https://evil.example/", "//evil.example", "/\\evil.example",
        "javascript:alert(1)", "/%5c/evil\r\nX: y"])
    def test_ignores_a_return_address_elsewhere(self, visitor, back):
        """HTTP-05."""
        assert location(visitor.log_in(back=back)).path == "/2fa/profile"

    def test_answers_an_unknown_name_as_a_wrong_password(self, visitor):
        """In status, words, and all fields but the cookie."""
        wrong = visitor.log_in(password="wrong")
        unknown = Visitor(visitor.httpd).log_in(name="nobody", password="x")
        assert wrong.status_code == unknown.status_code == 422
        assert "User name or password isn't right" in words(wrong)
        assert words(wrong) == words(unknown)
        strip = re.compile(r'name="csrf" value="\w+"|value="user\d+"'
                           r'|value="nobody"')
        assert strip.sub("", wrong.text) == strip.sub("", unknown.text)
        assert wrong.headers.keys() == unknown.headers.keys()
        assert session_of(wrong) is None and session_of(unknown) is None

    @pytest.mark.parametrize("name, password", [
        ("", PASSWORD), ("alice", ""), ("", ""), ("x" * 300, "y"),
        ("a\x01b", "y"), ("a\nb", "y"), ("a:b", "y"), (" alice", "y"),
        ("alice\x7f", "y")])
    def test_refuses_what_is_no_name_or_no_password(
            self, httpd, name, password):
        """INP-03."""
        browser = Visitor(httpd)
        answer = browser.log_in(name=name, password=password)
        assert answer.status_code in (422, 429), dump(answer)
        assert browser.session() is None

    def test_keeps_the_name_that_was_typed_and_shows_it_as_text(self, httpd):
        """INP-03."""
        typed = '"><script>alert(1)</script><!--#exec cmd="id" -->'
        answer = Visitor(httpd).log_in(name=typed, password="x")
        fields = Page(answer.text).form("/login").fields
        assert fields["username"] == typed
        assert fields["password"] == ""
        assert "<script" not in answer.text

    def test_sends_to_enrol_where_that_is_required(self, visitor):
        visitor.log_in(back="/required/page.html")
        assert location(visitor.get("/required/page.html")).path == \
            "/2fa/enroll"
        visitor.device = visitor.enrol()
        assert visitor.get("/required/page.html").text == "the content"

    def test_tells_a_program_what_is_wrong_as_json(self, visitor):
        csrf = visitor.page("/2fa/login").form("/login").fields["csrf"]
        answer = visitor.post("/2fa/login", {
            "csrf": csrf, "username": "x", "password": "y"},
            headers={"Accept": "application/json"})
        assert answer.status_code == 422
        assert answer.json()["code"] == "login-invalid"


class TestTheForm:

    def fields(self, visitor, **more):
        return {"username": visitor.name, "password": PASSWORD, **more}

    def check_refused(self, visitor, answer):
        assert answer.status_code == 403, dump(answer)
        assert session_of(answer) is None
        assert visitor.get("/page.html", headers=API).status_code == 401

    def test_is_refused_without_its_hidden_field(self, visitor):
        """CSRF-03: nobody is logged in as somebody else unawares."""
        visitor.get("/2fa/login")
        self.check_refused(visitor, visitor.post(
            "/2fa/login", self.fields(visitor)))

    def test_is_refused_from_another_origin(self, visitor):
        """CSRF-03."""
        csrf = visitor.page("/2fa/login").form("/login").fields["csrf"]
        for headers in [{"Sec-Fetch-Site": "cross-site"},
                        {"Sec-Fetch-Site": None,
                         "Origin": "https://evil.example"}]:
            self.check_refused(visitor, visitor.post(
                "/2fa/login", self.fields(visitor, csrf=csrf),
                headers=headers))

    def test_is_refused_with_the_field_of_another_browser(self, visitor):
        """CSRF-03: it is bound to the cookie from before the log-in."""
        other = Visitor(visitor.httpd)
        csrf = other.page("/2fa/login").form("/login").fields["csrf"]
        visitor.get("/2fa/login")
        self.check_refused(visitor, visitor.post(
            "/2fa/login", self.fields(visitor, csrf=csrf)))

    def test_works_from_the_page_that_showed_an_error(self, visitor):
        wrong = visitor.log_in(password="wrong", back="/page.html")
        form = Page(wrong.text).form("/login")
        done = visitor.post("/2fa/login", {
            **form.fields, "username": visitor.name, "password": PASSWORD})
        assert done.headers["Location"] == "/page.html"


class TestTheSession:

    def test_has_a_new_id_at_every_rise_in_trust(self, httpd):
        """SES-02."""
        owner = enrolled(httpd)
        browser = again(owner)
        browser.log_in()
        first = browser.session()
        browser.login_token(owner.device.code())
        second = browser.session()
        assert first and second and first != second
        old = again(owner)
        old.http.cookies.set("__Host-cp2fa", first)
        assert old.get("/page.html", headers=API).status_code == 401
        browser.log_in()
        assert browser.session() not in (first, second)
        old.http.cookies.set("__Host-cp2fa", second)
        assert old.get("/page.html", headers=API).status_code == 401

    def test_takes_no_id_that_the_browser_brings(self, visitor):
        """SES-02: fixation."""
        planted = {"Cookie": "__Host-cp2fa=" + "a" * 64}
        page = visitor.get("/2fa/login", headers=planted)
        pre = session_of(page, "__Host-cp2fa-pre")
        visitor.http.cookies.clear()
        answer = visitor.post("/2fa/login", {
            "username": visitor.name, "password": PASSWORD,
            "csrf": Page(page.text).form("/login").fields["csrf"]},
            headers={"Cookie": f"{planted['Cookie']}; __Host-cp2fa-pre={pre}"})
        assert location(answer)
        assert session_of(answer) not in (None, "a" * 64)

    def test_of_the_first_factor_is_no_second(self, httpd):
        owner = enrolled(httpd)
        browser = again(owner)
        browser.log_in()
        check_problem(browser.get("/page.html", headers=API),
                      "token-required")
        for page in ("profile", "enroll"):
            assert location(browser.get(f"/2fa/{page}")).path == "/2fa/token"
        for page in ("disable", "enable"):
            refused = browser.post(f"/2fa/{page}", {})
            assert refused.status_code in (403, 422), dump(refused)
        assert Database(httpd).devices(owner.name)

    def test_tells_the_application_which_factors_it_has(self, httpd):
        owner = enrolled(httpd)
        said = owner.get("/env.cgi").json()
        assert said["REMOTE_USER"] == owner.name
        assert said["AUTH_TYPE"] == "TwoFactor"
        assert said["CP2FA_AMR"] == "pwd otp"
        assert "cp2fa" not in said.get("HTTP_COOKIE", "")
        visitor = newcomer(httpd)
        visitor.log_in()
        said = visitor.get("/env.cgi").json()
        assert said["CP2FA_AMR"] == "pwd"
        assert "CP2FA_AUTH_TIME" not in said

    def test_spares_the_password_from_then_on(self, visitor):
        """Verified once: the provider is not asked again."""
        visitor.log_in()
        visitor.httpd.set_password(visitor.name, "changed meanwhile")
        assert visitor.get("/page.html").text == "the content"
        assert again(visitor).log_in().status_code == 422

    def test_ends_with_the_log_out(self, visitor):
        visitor.log_in()
        cookie = visitor.session()
        assert location(visitor.log_out()).path == "/2fa/signed-out"
        assert visitor.get("/2fa/signed-out").status_code == 200
        assert Database(visitor.httpd).sessions(visitor.name) == []
        visitor.http.cookies.set("__Host-cp2fa", cookie)
        assert visitor.get("/page.html", headers=API).status_code == 401

    def test_goes_on_under_a_new_id_after_two_factor_is_disabled(self, httpd):
        """SES-02: every other one has ended."""
        owner = enrolled(httpd)
        other = again(owner)
        other.log_in()
        before = owner.session()
        done = owner.post_form("/2fa/disable", {}, on="/2fa/profile")
        assert location(done).path == "/2fa/profile"
        assert owner.session() not in (None, before)
        assert owner.get("/page.html").text == "the content"
        assert other.get("/page.html", headers=API).status_code == 401

    def test_survives_a_restart(self, visitor):
        visitor.log_in()
        visitor.httpd.restart()
        assert visitor.get("/page.html").text == "the content"

    def test_a_user_who_may_not_is_told_so(self, visitor):
        """HTTP-02: with a challenge that opens no prompt in a browser."""
        visitor.httpd.log.expect("AH01631")
        visitor.log_in()
        answer = visitor.get("/bobs/page.html")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == \
            'TwoFactor realm="Cloud console"'


class TestBasicCredentials:

    def program(self, visitor, password=PASSWORD):
        other = again(visitor)
        other.http.auth = (visitor.name.encode(), password.encode())
        return other

    def test_serve_a_program_without_a_session(self, visitor):
        program = self.program(visitor)
        answer = program.get("/page.html", headers=API)
        assert (answer.status_code, answer.text) == (200, "the content")
        assert program.session() is None
        assert Database(visitor.httpd).sessions(visitor.name) == []

    def test_are_the_first_factor_alone(self, httpd):
        owner = enrolled(httpd)
        check_problem(self.program(owner).get("/page.html", headers=API),
                      "token-required")

    def test_with_a_code_in_a_header_are_both(self, httpd):
        owner = enrolled(httpd)
        program = self.program(owner)
        answer = program.get("/page.html", headers={
            **API, "TwoFactor-Token": owner.device.code()})
        assert (answer.status_code, answer.text) == (200, "the content")
        program.http.auth = None
        assert program.get("/page.html", headers=API).status_code == 200

    @pytest.mark.parametrize("headers", [API, {}])
    def test_that_are_wrong_are_asked_for_again(self, visitor, headers):
        """HTTP-02."""
        answer = self.program(visitor, "wrong").get("/page.html",
                                                    headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == \
            'Basic realm="Cloud console"'

    def test_of_another_name_are_not_the_sessions(self, visitor):
        """A cookie lends its second factor to nobody."""
        owner = enrolled(visitor.httpd)
        program = self.program(visitor)
        program.http.cookies.set("__Host-cp2fa", owner.session())
        said = program.get("/env.cgi", headers=API).json()
        assert said["CP2FA_USER"] == visitor.name
        assert said["CP2FA_AMR"] == "pwd"
        wrong = self.program(visitor, "wrong")
        wrong.http.cookies.set("__Host-cp2fa", owner.session())
        assert wrong.get("/env.cgi", headers=API).status_code == 401


def test_no_password_is_in_the_log_or_the_database(httpd_of):
    """At any log level."""
    httpd = serve(httpd_of(SITE + guard(), trace=True))
    secret = "tell nobody of this one"
    visitor = newcomer(httpd)
    httpd.set_password(visitor.name, secret)
    assert visitor.log_in(password=secret + " wrong").status_code == 422
    assert location(visitor.log_in(password=secret))
    program = again(visitor)
    program.http.auth = (visitor.name.encode(), secret.encode())
    assert program.get("/page.html", headers=API).status_code == 200
    assert secret not in httpd.log.text()
    assert secret not in Database(httpd).dump()
    assert visitor.session() not in httpd.log.text()
    assert visitor.session() not in Database(httpd).dump()
    httpd.stop()
