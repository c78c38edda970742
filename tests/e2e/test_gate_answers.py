"""What the gate says, and to whom."""
import base64
import http.client
import ssl
from urllib.parse import parse_qs, urlsplit

import pytest

from cp2fa import pageuser
from cp2fa.client import Client, dump, location
from cp2fa.console import API, CONFIG, check_problem, client_of
from cp2fa.httpd import USERS
from cp2fa.people import serve
from cp2fa.wire import NAVIGATION

HTML = NAVIGATION["Accept"]


class TestWhoeverLacksTheToken:

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("headers", [
        {},
        {"Accept": "text/html"},
        {"Accept": "application/json, text/html;q=0.5"},
        {"Accept": "TEXT/HTML"},
        {"Sec-Fetch-Mode": None, "Sec-Fetch-Site": None,
         "Sec-Fetch-Dest": None},
        {"Sec-Fetch-Site": "cross-site"},
    ])
    def test_a_navigation_is_sent_to_the_token_page(
            self, stranger, method, headers):
        """HTTP-01."""
        answer = stranger.request(method, "/page.html", headers=headers)
        assert location(answer).path == "/2fa/token"

    @pytest.mark.parametrize("headers", [
        API,
        {"Accept": "image/avif,image/webp,*/*;q=0.1",
         "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Accept": HTML, "X-Requested-With": "XMLHttpRequest"},
        {"Accept": HTML, "Sec-Fetch-Mode": "cors"},
        {"Accept": HTML, "Sec-Fetch-Mode": "same-origin"},
        {"Accept": "*/*", "Sec-Fetch-Mode": "websocket"},
        {"Accept": "text/plain"},
        {"Accept": "text/html;q=0, application/json"},
    ])
    def test_a_program_is_told_token_required(self, stranger, headers):
        """HTTP-01."""
        check_problem(stranger.get("/page.html", headers=headers),
                "token-required")

    @pytest.mark.parametrize("method", [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "BREW"])
    def test_any_other_method_is_told_token_required(
            self, stranger, backend, method):
        """HTTP-01: a redirect would turn a POST into a GET."""
        check_problem(stranger.request(method, "/page.html"), "token-required")
        check_problem(stranger.request(method, "/app/page"), "token-required")
        assert backend.seen == []

    @pytest.mark.parametrize("accept", ["*/*", None])
    def test_who_says_nothing_of_html_sees_no_content_either(
            self, stranger, accept):
        """HTTP-01: curl's own Accept may count as either."""
        answer = stranger.get("/page.html", headers={
            "Accept": accept, "Sec-Fetch-Mode": None})
        assert answer.status_code in (303, 403)
        assert "the content" not in answer.text

    @pytest.mark.parametrize("user, password", [
        (None, None), ("alice", "wrong"), ("nobody", "at all")],
        ids=["nobody", "a wrong password", "an unknown user"])
    @pytest.mark.parametrize("path", [
        "/page.html", "/required/page.html", "/off/page.html", "/app/x",
        "/2fa/token", "/2fa/profile", "/2fa/enroll", "/2fa/qr.svg",
        "/2fa/no-such-page", "/no-such-page"])
    def test_a_401_says_what_for(self, httpd, user, password, path):
        """HTTP-02."""
        httpd.log.expect("AH01617", "AH01618")
        client = Client(httpd, user, password)
        for method in ("GET", "POST", "OPTIONS"):
            answer = client.request(method, path)
            assert answer.status_code == 401, dump(answer)
            assert answer.headers["WWW-Authenticate"] == \
                'Basic realm="Cloud console"'

    @pytest.mark.parametrize("path", [
        "/page.html", "/app/x", "/required/page.html", "/2fa/profile",
        "/no-such-page"])
    def test_no_401_is_given_to_who_has_the_first_factor(
            self, stranger, path):
        """HTTP-02: nothing in an Authorization field would help."""
        for method in ("GET", "POST", "OPTIONS"):
            for headers in ({}, API):
                answer = stranger.request(method, path, headers=headers)
                assert answer.status_code != 401, dump(answer)
                if answer.status_code != 303:
                    assert "WWW-Authenticate" not in answer.headers


class TestTheWayBack:

    @pytest.mark.parametrize("target", [
        "/env.cgi", "/env.cgi?a=1&b=2",
        "/env.cgi/with%20space?q=%26%3D%23%25&return=/2fa/profile",
        "/env.cgi/%C4%81?utf=%C4%93&plus=a+b"])
    def test_leads_to_the_very_address_that_was_asked_for(
            self, stranger, alice, target):
        """HTTP-01, HTTP-05."""
        challenged = location(stranger.get(target))
        assert parse_qs(challenged.query) == {"return": [target]}
        page = f"{challenged.path}?{challenged.query}"
        answer = stranger.post_form(
            "/2fa/token", {"token": alice.device.code()}, on=page)
        back = location(answer)
        assert back.netloc in ("", urlsplit(stranger.httpd.origin).netloc)
        assert f"{back.path}?{back.query}".rstrip("?") == target
        served = stranger.get(answer.headers["Location"])
        assert served.json()["REQUEST_URI"] == target

    def test_a_return_elsewhere_is_ignored(self, stranger, alice):
        """HTTP-05."""
        answer = stranger.login_token(alice.device.code(),
                                      back="https://evil.example/")
        assert location(answer).netloc in (
            "", urlsplit(stranger.httpd.origin).netloc)


class TestTheModes:

    def test_off_asks_for_the_first_factor_alone(self, stranger):
        answer = stranger.get("/off/page.html")
        assert (answer.status_code, answer.text) == (200, "the content")

    def test_what_is_unguarded_needs_nothing(self, httpd):
        answer = Client(httpd).get("/public/page.html")
        assert (answer.status_code, answer.text) == (200, "the content")

    def test_optional_lets_in_who_has_no_device(self, httpd):
        carol = client_of(httpd, "carol")
        assert carol.get("/page.html").text == "the content"
        assert carol.post("/env.cgi", {"a": "b"}).status_code == 200

    @pytest.mark.parametrize("path", ["/page.html", "/required/page.html"])
    def test_who_has_a_device_is_asked_for_it(self, stranger, path):
        assert location(stranger.get(path)).path == "/2fa/token"
        check_problem(stranger.get(path, headers=API), "token-required")

    @pytest.mark.parametrize("path", ["/page.html", "/required/page.html"])
    def test_who_has_both_is_served(self, alice, path):
        answer = alice.get(path)
        assert (answer.status_code, answer.text) == (200, "the content")

    def test_required_sends_who_has_no_device_to_enrol(self, httpd):
        """HTTP-01, FAIL-02."""
        carol = client_of(httpd, "carol")
        assert location(carol.get("/required/page.html")).path == \
            "/2fa/enroll"
        check_problem(carol.get("/required/page.html", headers=API),
                "enrollment-required")
        check_problem(carol.post("/required/env.cgi", {"a": "b"}),
                "enrollment-required")

    def test_required_lets_in_who_has_just_enrolled(self, httpd):
        """FAIL-02."""
        dave = client_of(httpd, "dave")
        assert location(dave.get("/required/page.html")).path == \
            "/2fa/enroll"
        dave.enrol()
        assert dave.get("/required/page.html").text == "the content"
        assert dave.get("/page.html").text == "the content"

    def test_enrolling_for_one_browser_shuts_out_the_others(self, httpd):
        """ENR-02: from the confirmation on, not before."""
        bob, other = client_of(httpd, "bob"), client_of(httpd, "bob")
        bob.post_form("/2fa/enable", {"name": "x"}, on="/2fa/profile")
        assert other.get("/page.html").status_code == 200
        bob.enrol()
        assert location(other.get("/page.html")).path == "/2fa/token"


    def test_a_session_of_one_realm_is_none_in_another(self, alice):
        """The same name in two realms is two accounts."""
        assert alice.get("/page.html").status_code == 200
        assert location(alice.get("/elsewhere/page.html")).path == \
            "/2fa-elsewhere/enroll"

    def test_one_connection_carries_no_proof_to_the_next_request(
            self, httpd, alice):
        """HTTP-04: nothing is remembered of a connection."""
        basic = "Basic " + base64.b64encode(
            f"alice:{USERS['alice']}".encode()).decode()
        both = {"Authorization": basic, "Cookie": alice.cookie(), **API}
        line = http.client.HTTPSConnection(
            "localhost", httpd.port, context=ssl._create_unverified_context())
        for headers, status in [
                (both, 200), ({"Authorization": basic, **API}, 403),
                (both, 200), (API, 401), (both, 200),
                ({"Cookie": alice.cookie(), **API}, 401)]:
            line.request("GET", "/page.html", headers=headers)
            answer = line.getresponse()
            answer.read()
            assert answer.status == status, headers
        line.close()


class TestACodeInAHeader:

    def test_counts_as_one_on_the_token_page_and_gives_a_session(
            self, stranger, alice):
        token = {"TwoFactor-Token": alice.device.code(), **API}
        answer = stranger.get("/page.html", headers=token)
        assert (answer.status_code, answer.text) == (200, "the content")
        assert stranger.cookie()
        assert stranger.get("/page.html").text == "the content"

    def test_works_once(self, httpd, stranger, alice):
        """OTP-02."""
        token = {"TwoFactor-Token": alice.device.code(), **API}
        assert stranger.get("/page.html", headers=token).status_code == 200
        again = client_of(httpd, "alice").get("/page.html", headers=token)
        assert again.status_code in (403, 422, 429)
        assert "the content" not in again.text

    def test_a_wrong_one_reaches_nothing(self, stranger, alice, backend):
        token = {"TwoFactor-Token": alice.device.wrong_code(), **API}
        before = len(backend.seen)
        answer = stranger.post("/app/page", {"a": "b"}, headers=token)
        assert answer.status_code in (403, 422, 429)
        assert not stranger.cookie()
        assert len(backend.seen) == before


class TestTheStatusOfAPage:

    def test_405_says_what_is_allowed(self, alice):
        """HTTP-03."""
        for method, path, allowed in [
                ("GET", "/2fa/enable", "POST"),
                ("GET", "/2fa/logout", "POST"),
                ("GET", "/2fa/enroll/cancel", "POST"),
                ("POST", "/2fa/profile", "GET"),
                ("DELETE", "/2fa/token", "POST"),
                ("BREW", "/2fa/token", "POST")]:
            answer = alice.request(method, path)
            assert answer.status_code == 405, (method, path, dump(answer))
            assert allowed in answer.headers["Allow"].replace(" ", "") \
                .split(","), (method, path)

    def test_413_for_a_form_that_is_too_large(self, stranger):
        """HTTP-03, F21."""
        answer = stranger.post("/2fa/token", {"token": "1" * 1_000_000})
        assert answer.status_code == 413

    def test_415_for_what_is_no_form(self, stranger):
        """HTTP-03."""
        answer = stranger.post("/2fa/token", '{"token": "123456"}',
                               headers={"Content-Type": "application/json"})
        assert answer.status_code == 415

    def test_414_and_431_for_long_addresses_and_fields(self, stranger):
        """HTTP-03: httpd's own, and no content with them."""
        assert stranger.get("/" + "x" * 9000).status_code == 414
        answer = stranger.get("/page.html", headers={"X-Long": "x" * 9000})
        assert answer.status_code in (400, 431)

    def test_429_says_when_to_come_back(self, stranger, alice):
        """HTTP-03, THR-03."""
        for _ in range(4):
            answer = stranger.login_token(alice.device.wrong_code())
            if answer.status_code == 429:
                break
            assert answer.status_code in (403, 422), dump(answer)
        assert answer.status_code == 429, dump(answer)
        assert 0 < int(answer.headers["Retry-After"]) <= 3600


class TestConfigtest:

    def test_takes_what_these_tests_use(self, httpd):
        assert httpd.configtest()[0] == 0

    @pytest.mark.parametrize("wrong", [
        '<Location "/">\nTwoFactor perhaps\n</Location>',
        '<Location "/">\n<Limit GET>\nTwoFactor off\n</Limit>\n</Location>',
        '<Location "/">\nTwoFactor\n</Location>'],
        ids=["an unknown mode", "a limited method", "no mode"])
    def test_stops_at_what_could_not_guard(self, httpd_of, wrong):
        status, said = httpd_of(CONFIG.replace("${BACKEND}", "http://[::1]")
                                + wrong).configtest()
        assert status != 0
        assert "TwoFactor" in said


def test_no_shared_cache_may_keep_what_a_cookie_opened(httpd_of):
    """With Basic, Authorization forbids it; with a cookie nothing does."""
    httpd = serve(httpd_of(pageuser.guard()))
    answer = pageuser.enrolled(httpd).get("/page.html")
    assert answer.status_code == 200 and answer.text == "the content"
    kept = answer.headers.get("Cache-Control", "")
    assert "private" in kept or "no-store" in kept
