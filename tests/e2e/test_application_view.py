"""What the application behind the gate gets to see."""
import json
import ssl
import time
from http.client import HTTPSConnection

import pytest
import requests

from cp2fa.client import SESSION, dump
from cp2fa.console import client_of
from cp2fa.people import enrolled, guard


class TestTheApplication:

    def test_sees_who_proved_what_and_when(self, alice):
        env = alice.get("/env.cgi").json()
        assert env["REMOTE_USER"] == env["CP2FA_USER"] == "alice"
        assert env["CP2FA_REALM"] == "Cloud console"
        assert env["CP2FA_AMR"] == "pwd otp"
        assert abs(int(env["CP2FA_AUTH_TIME"]) - time.time()) < 600

    def test_sees_that_there_was_a_password_only(self, httpd):
        env = client_of(httpd, "carol").get("/env.cgi").json()
        assert env["CP2FA_USER"] == "carol"
        assert env["CP2FA_AMR"] == "pwd"

    def test_sees_it_in_ssi_too(self, alice):
        assert alice.get("/echo.shtml").text.startswith(
            "alice|Cloud console|pwd otp|")

    @pytest.mark.parametrize("others", [None, "theme=dark", "a=1; b=2"])
    def test_sees_its_own_cookies_but_not_the_modules(
            self, alice, backend, others):
        before, _, after = (others or "").partition("; ")
        sent = "; ".join(filter(None, [before, alice.cookie(), after]))
        for path in ("/env.cgi", "/app/page"):
            answer = alice.get(path, headers={"Cookie": sent})
            assert answer.status_code == 200, dump(answer)
        env = alice.get("/env.cgi", headers={"Cookie": sent}).json()
        assert env.get("HTTP_COOKIE") == others
        assert backend.header("Cookie") == others
        assert SESSION not in json.dumps(backend.seen)

    def test_sees_no_module_cookie_where_a_program_sends_two_fields(
            self, httpd_of, backend):
        """httpd joins them by a comma; no browser sends two."""
        httpd = httpd_of(
            guard() + '<Location "/open/">\nTwoFactor off\n'
            f'ProxyPass "http://127.0.0.1:{backend.port}/"\n</Location>')
        client = enrolled(httpd.start())
        sender = HTTPSConnection("localhost", httpd.port,
                                 context=ssl._create_unverified_context())
        sender.putrequest("GET", "/open/x")
        basic = requests.auth._basic_auth_str(*client.http.auth)
        for name, value in (("Authorization", basic), ("Cookie", "theme=dark"),
                            ("Cookie", client.cookie()), ("Cookie", "a=1")):
            sender.putheader(name, value)
        sender.endheaders()
        assert sender.getresponse().status == 200
        assert backend.header("Cookie") == "theme=dark, a=1"

    def test_sees_no_module_cookie_before_the_second_factor(
            self, httpd, backend):
        carol = client_of(httpd, "carol")
        carol.page("/2fa/profile")      # which may set a pre-session cookie
        assert "__Host-cp2fa" not in carol.get("/env.cgi").text
        carol.get("/app/page")
        assert "__Host-cp2fa" not in json.dumps(backend.seen[-1])

    def test_sees_no_code_in_a_header(self, alice, backend):
        headers = {"TwoFactor-Token": "123456"}
        assert "HTTP_TWOFACTOR_TOKEN" not in alice.get(
            "/env.cgi", headers=headers).json()
        alice.get("/app/page", headers=headers)
        assert backend.header("TwoFactor-Token") is None

    def test_is_not_fooled_by_what_a_client_calls_itself(self, httpd):
        env = client_of(httpd, "carol").get("/env.cgi", headers={
            "CP2FA-AMR": "pwd otp", "CP2FA_AMR": "pwd otp"}).json()
        assert env["CP2FA_AMR"] == "pwd"
