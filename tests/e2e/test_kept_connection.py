"""One connection, many requests: what it remembers must not outlive its truth.

A connection notes what its last Cookie header stood for. Each test speaks on a
single one, which the server would have kept the note with.
"""
import http.client
import ssl

import pytest

from cp2fa.people import another, enrolled, guard, serve

OTHER = "__Host-cp2fa=" + "ab" * 32


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard() + "KeepAliveTimeout 60\n"))


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


class Line:
    """A connection that is never opened twice."""

    def __init__(self, client):
        httpd = client.httpd
        self.field = client.get("/page.html").request.headers["Authorization"]
        self.http = http.client.HTTPSConnection(
            "localhost", httpd.port, context=ssl.create_default_context(
                cafile=str(httpd.certificate.path)), timeout=30)
        self.http.connect()
        self.http.auto_open = 0

    def ask(self, cookie, path="/page.html"):
        headers = {"Authorization": self.field,
                   "Accept": "application/json"}
        if cookie:
            headers["Cookie"] = cookie
        self.http.request("GET", path, headers=headers)
        answer = self.http.getresponse()
        body = answer.read()
        assert (answer.status == 200) == (body == b"the content")
        return answer.status


class TestOneConnection:

    def test_lets_in_as_often_as_the_session_is_good(self, alice):
        line = Line(alice)
        assert [line.ask(alice.cookie()) for _ in range(4)] == [200] * 4

    def test_forgets_a_session_that_ended_in_another(self, alice):
        """SES-08: at once, and for good."""
        kept = alice.cookie()
        line = Line(alice)
        assert [line.ask(kept) for _ in range(3)] == [200] * 3
        assert alice.post_form("/2fa/logout", {},
                               on="/2fa/profile").status_code == 303
        assert [line.ask(kept) for _ in range(2)] == [403] * 2

    def test_forgets_all_that_another_session_ends(self, alice):
        """SES-08."""
        kept = alice.cookie()
        line = Line(alice)
        assert [line.ask(kept) for _ in range(3)] == [200] * 3
        second = another(alice)
        assert second.login_token(alice.device.code()).status_code == 303
        assert second.post_form("/2fa/sessions/end", {},
                                on="/2fa/profile").status_code == 303
        assert line.ask(kept) == 403

    def test_serves_browsers_in_turn(self, alice):
        """A proxy's connection: nobody gets what another's cookie opened."""
        line = Line(alice)
        mine = alice.cookie()
        for cookie, status in ((mine, 200), (mine, 200), (OTHER, 403),
                               (None, 403), (mine, 200), (mine[:-1], 403),
                               (mine, 200), (mine[:-1] + "x", 403),
                               (f"{mine}; {OTHER}", 403), (mine, 200),
                               (f"a=b; {mine}", 200), (mine.upper(), 403)):
            assert line.ask(cookie) == status, cookie

    def test_and_each_user_has_his_own(self, httpd, alice):
        """SES-06: her cookie does not open for him, on her connection."""
        bob = another(enrolled(httpd))
        line = Line(alice)
        assert [line.ask(alice.cookie()) for _ in range(3)] == [200] * 3
        line.field = Line(bob).field
        assert line.ask(alice.cookie()) == 403

    def test_shows_the_application_no_cookie_of_ours(self, httpd_of):
        """Neither the first time nor any other."""
        httpd = serve(httpd_of(guard(
            "Options +IncludesNoExec", "AddOutputFilter INCLUDES .shtml")))
        httpd.write("echo.shtml", '<!--#echo var="HTTP_COOKIE" -->')
        alice = enrolled(httpd)
        line = Line(alice)
        mine = alice.cookie()
        for cookie, seen in ((f"{mine}; a=b", b"a=b"), (mine, b"(none)"),
                             (f"a=b; {mine}", b"a=b")):
            for _ in range(3):
                line.http.request("GET", "/echo.shtml", headers={
                    "Authorization": line.field, "Cookie": cookie})
                assert line.http.getresponse().read().strip() == seen


class TestARequestThatLooksAhead:
    """%{LA-U:…} runs the guard in a subrequest, before the request's own."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, backend):
        return serve(httpd_of(guard() + f"""
            RewriteEngine On
            RewriteCond "%{{LA-U:REMOTE_USER}}" "."
            RewriteRule "^/app/(.*)$" "http://127.0.0.1:{backend.port}/$1" [P]
        """))

    def test_keeps_the_application_s_own_cookies(self, alice, backend):
        for _ in range(5):
            assert alice.get("/app/", headers={
                "Cookie": f"a=b; {alice.cookie()}; c=d"}).status_code == 200
            assert backend.header("Cookie") == "a=b; c=d"
