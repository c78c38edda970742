"""TwoFactorRememberDevice: a browser that stands for the token for a while."""
import pytest

from cp2fa.client import location
from cp2fa.clock import StillClock, enrol_with
from cp2fa.database import Database
from cp2fa.people import (another, guard, is_in, name_of, newcomer, serve,
                          session_of)

COOKIE = "__Host-cp2fa-browser"
DAY = 86400
JSON = {"Accept": "application/json", "Sec-Fetch-Mode": None}


@pytest.fixture(scope="module")
def clock(workshop):
    return StillClock(workshop)


@pytest.fixture(scope="class")
def httpd(httpd_of, clock, backend):
    proxied = f'ProxyPass "/app/" "http://127.0.0.1:{backend.port}/"\n'
    with clock.worn():
        return serve(httpd_of(guard("TwoFactorRememberDevice 30d") + proxied))


def sign_in(client, clock, **more):
    """Enters a PIN that wasn't used before; the answer."""
    clock.move(60)
    answer = client.post_form("/2fa/token", {
        "token": client.device.code(clock.step()), **more}, on="/2fa/token")
    location(answer)
    return answer


@pytest.fixture()
def alice(httpd, clock):
    """At a browser that she has the server remember."""
    alice = another(enrol_with(newcomer(httpd), clock))
    alice.remembered = sign_in(alice, clock, remember="1")
    return alice


def later(client, clock, seconds):
    """The browser was closed in the meantime, the connection, too."""
    clock.move(seconds)
    client.http.close()
    for cookie in list(client.http.cookies):
        if cookie.name == "__Host-cp2fa":
            client.http.cookies.clear(cookie.domain, cookie.path, cookie.name)


def gets_in(client, page="/page.html"):
    """Opens the page as a browser does: by way of the token page."""
    answer = client.get(page)
    if answer.status_code == 303:
        answer = client.get(answer.headers["Location"])
        if answer.status_code == 303:
            assert location(answer).path == page
            answer = client.get(page)
    return answer.text == "the content"


class TestARememberedBrowser:

    def test_is_offered_with_its_time(self, httpd, clock):
        client = another(enrol_with(newcomer(httpd), clock))
        assert "in this browser for 30 days" in client.get("/2fa/token").text
        assert client.get("/2fa/token", headers=JSON).json()[
            "remember_days"] == 30

    def test_has_a_cookie_as_strict_as_a_session_s(self, alice):
        """CK-01."""
        [field] = [f for f in alice.remembered.raw.headers.getlist(
            "Set-Cookie") if f.startswith(COOKIE)]
        assert set(field.split("; ")[1:]) == {
            "Path=/", "HttpOnly", "Secure", "SameSite=Lax",
            f"Max-Age={30 * DAY}"}

    def test_is_not_asked_for_a_token_for_that_long(self, alice, clock):
        later(alice, clock, 30 * DAY - 60)
        assert gets_in(alice)
        later(alice, clock, 60)
        assert not gets_in(alice)
        assert COOKIE not in alice.http.cookies

    def test_still_needs_the_first_factor(self, httpd, alice, clock):
        later(alice, clock, 3600)
        alice.http.auth = None
        assert alice.get("/page.html").status_code == 401
        assert alice.get("/2fa/token").status_code == 401
        assert session_of(alice.get("/2fa/token")) is None

    def test_is_no_session(self, httpd, alice):
        """SES-06: not in the place of the session's cookie either."""
        thief = another(alice)
        answer = thief.get("/page.html", headers={
            "Cookie": f"__Host-cp2fa={alice.http.cookies[COOKIE]}"})
        assert location(answer).path == "/2fa/token"

    def test_is_nobody_else_s(self, httpd, alice, clock):
        """SES-06."""
        bob = another(enrol_with(newcomer(httpd), clock))
        answer = bob.get("/2fa/token", headers={
            "Cookie": f"{COOKIE}={alice.http.cookies[COOKIE]}"})
        assert answer.status_code == 200 and session_of(answer) is None
        later(alice, clock, 60)
        assert gets_in(alice)       # and hers is still good

    def test_is_not_remembered_unasked(self, httpd, clock):
        client = another(enrol_with(newcomer(httpd), clock))
        sign_in(client, clock)
        later(client, clock, 60)
        assert not gets_in(client)

    def test_is_asked_for_a_token_before_factors_change(self, alice, clock):
        """ENR-09."""
        later(alice, clock, 3600)
        assert gets_in(alice)
        answer = alice.post_form("/2fa/disable", {}, on="/2fa/profile")
        assert location(answer).path == "/2fa/token"
        assert alice.get("/2fa/token").status_code == 200   # asks, indeed

    def test_is_asked_however_young_the_pin_is_it_stands_for(self, alice,
                                                             clock):
        """ENR-09: who has the cookie and the password has seen no PIN."""
        thief = another(alice)
        clock.move(300)
        location(thief.get("/2fa/token", headers={
            "Cookie": f"{COOKIE}={alice.http.cookies[COOKIE]}"}))
        assert is_in(thief)
        answer = thief.post_form("/2fa/disable", {}, on="/2fa/profile")
        assert location(answer).path == "/2fa/token"
        sign_in(thief, clock)           # and with a PIN it is done
        answer = thief.post_form("/2fa/disable", {}, on="/2fa/profile")
        assert location(answer).query == "notice=disabled"

    def test_is_listed_and_forgotten_in_my_profile(self, alice, clock):
        """SES-08."""
        assert "Remembered browser" in alice.get("/2fa/profile").text
        [row] = [row for row in alice.get("/2fa/profile", headers=JSON).json()[
            "sessions"] if row["amr"] == ["browser"]]
        location(alice.post_form("/2fa/sessions/end", {
            "session": row["id"]}, on="/2fa/profile"))
        later(alice, clock, 60)
        assert not gets_in(alice)

    def test_is_forgotten_when_factors_change(self, httpd, alice):
        """SES-05."""
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert Database(httpd).sessions(name_of(alice)) == []

    def test_is_kept_through_a_log_out(self, alice, clock):
        alice.post_form("/2fa/logout", {}, on="/2fa/profile")
        later(alice, clock, 1)
        assert gets_in(alice)

    def test_is_hidden_from_the_application(self, alice, backend):
        assert alice.get("/app/").status_code == 200
        assert backend.header("Cookie") is None

    def test_is_not_confused_by_many_tabs(self, alice, clock):
        """A browser that starts anew opens all of them in one second."""
        later(alice, clock, 3600)
        cookie = f"{COOKIE}={alice.http.cookies[COOKIE]}"
        answers = [another(alice).get("/2fa/token",
                                      headers={"Cookie": cookie})
                   for _ in range(5)]
        assert [answer.status_code for answer in answers] == [303] * 5

    def test_a_cookie_of_the_same_kind_made_up(self, alice, clock, httpd):
        """SES-09."""
        later(alice, clock, 60)
        for value in ("", "x", "A" * 43, "A" * 5000):
            answer = another(alice).get("/2fa/token", headers={
                "Cookie": f"{COOKIE}={value}"})
            assert answer.status_code == 200 and session_of(answer) is None


def test_it_is_off_unless_it_is_set(httpd_of, clock):
    with clock.worn():
        httpd = serve(httpd_of(guard()))
    client = another(enrol_with(newcomer(httpd), clock))
    assert 'name="remember"' not in client.get("/2fa/token").text
    sign_in(client, clock, remember="1")
    assert COOKIE not in client.http.cookies


@pytest.mark.parametrize("value", ["0", "59m", "367d", "-1d", "on", "9" * 30])
def test_absurd_times_are_refused(httpd_of, value):
    """THR-10."""
    httpd = httpd_of(guard(f"TwoFactorRememberDevice {value}"))
    status, said = httpd.configtest()
    assert status != 0
    assert "TwoFactorRememberDevice must be off, or 1h to 366d" in said
