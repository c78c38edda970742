"""Every page for programs: the same address, asked for JSON."""
import base64
import re

import pytest

from cp2fa.client import Client, dump, location
from cp2fa.codes import CODE, with_codes
from cp2fa.oath import Device
from cp2fa.people import (PASSWORD, another, enrolled, guard, is_in, name_of,
                          newcomer, serve)

JSON = {"Accept": "application/json"}
PAGES = ["token", "recovery", "recovery-codes", "enroll", "profile",
         "signed-out"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")


def ask(client, page):
    answer = client.get("/2fa/" + page, headers=JSON)
    assert answer.status_code == 200, dump(answer)
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


class TestAPageAsJson:

    @pytest.mark.parametrize("page", PAGES[2:])
    def test_has_the_headers_of_the_page(self, alice, page):
        answer = alice.get("/2fa/" + page, headers=JSON)
        as_html = alice.get("/2fa/" + page)
        assert as_html.headers["Content-Type"].startswith("text/html")
        for name in ("Cache-Control", "Content-Security-Policy",
                     "X-Content-Type-Options", "Referrer-Policy"):
            assert answer.headers[name] == as_html.headers[name]
        for one in (answer, as_html):
            names = one.headers["Vary"].lower().replace(" ", "").split(",")
            assert "accept" in names
        assert "Content-Language" not in answer.headers
        assert "Content-Location" not in answer.headers

    @pytest.mark.parametrize("page", PAGES)
    def test_is_a_head_as_well(self, alice, page):
        answer = alice.request("HEAD", "/2fa/" + page, headers=JSON)
        assert answer.status_code in (200, 303)
        assert answer.text == ""

    def test_needs_no_file(self, httpd_of):
        httpd = httpd_of(guard())
        (httpd.root / "nothing").mkdir()
        serve(httpd)
        alice = enrolled(httpd)
        conf = (httpd.root / "conf" / "httpd.conf")
        conf.write_text(re.sub(r'(Define CP2FA_HTDOCS) .*',
                               rf'\1 "{httpd.root}/nothing"',
                               conf.read_text()))
        httpd.restart()
        assert ask(alice, "profile")["enabled"] is True
        httpd.log.expect("CP2FA201")
        assert alice.get("/2fa/profile").status_code == 500

    def test_is_for_those_who_ask_for_json_alone(self, alice):
        for accept in ("text/html, application/json", "*/*",
                       "application/*", "application/json;q=0"):
            answer = alice.get("/2fa/profile", headers={"Accept": accept})
            assert answer.headers["Content-Type"].startswith("text/html")

    def test_asks_for_the_factors_as_ever(self, alice):
        answer = another(alice).get("/2fa/profile", headers=JSON)
        assert answer.status_code == 403
        assert answer.json()["code"] == "token-required"
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_of_an_error_is_a_problem(self, httpd, alice):
        for address, status, code in (("nowhere", 404, "not-found"),
                                      ("error", 404, "not-found"),
                                      ("disable", 405,
                                       "method-not-allowed")):
            answer = alice.get("/2fa/" + address, headers=JSON)
            assert answer.status_code == status
            assert answer.json()["code"] == code
            assert answer.json()["status"] == status


class TestTheTokenPage:

    def test_has_what_a_log_in_needs(self, alice):
        program = another(alice)
        said = ask(program, "token?return=/page.html")
        assert said["user"] == name_of(alice)
        assert said["realm"] == "Cloud console"
        assert said["digits"] == 6 and said["skew_minutes"] == 3
        assert said["return"] == "/page.html"
        answer = program.post("/2fa/token", {
            "csrf": said["csrf"], "token": alice.device.code(),
            "return": said["return"]}, headers=JSON)
        assert location(answer).path == "/page.html"
        assert is_in(program)

    def test_tells_what_is_wrong(self, alice):
        program = another(alice)
        said = ask(program, "token")
        answer = program.post("/2fa/token", {
            "csrf": said["csrf"], "token": alice.device.wrong_code()},
            headers=JSON)
        assert answer.status_code == 422
        assert answer.json()["code"] == "token-invalid"


class TestAnEnrolment:

    def test_is_done_without_a_page(self, httpd):
        program = newcomer(httpd)
        said = ask(program, "profile")
        assert said["enabled"] is False and said["devices"] == []
        assert said["mode"] == "optional"
        location(program.post("/2fa/enable", {
            "csrf": said["csrf"], "name": "a \"phone\""}, headers=JSON))
        said = ask(program, "enroll")
        assert said["pending"] is True
        assert re.fullmatch("[A-Z2-7]{32}", said["secret"])
        assert base64.b32decode(said["secret"])
        assert said["secret"] in said["otpauth"]
        device = Device(said["secret"])
        done = program.post("/2fa/enroll", {
            "csrf": said["csrf"], "token": device.code()}, headers=JSON)
        assert location(done).path == "/2fa/recovery-codes"
        said = ask(program, "recovery-codes")
        assert len(said["codes"]) == 10
        assert all(map(CODE.fullmatch, said["codes"]))
        said = ask(program, "recovery-codes")
        assert "codes" not in said and said["codes_left"] == 10
        assert ask(program, "enroll")["pending"] is False

    def test_that_nobody_has_begun_is_not_pending(self, httpd):
        said = ask(newcomer(httpd), "enroll")
        assert said["pending"] is False
        assert "secret" not in said and "otpauth" not in said


class TestTheProfile:

    def test_lists_devices_and_sessions(self, httpd):
        alice = with_codes(httpd)
        program = another(alice)
        program.http.headers["User-Agent"] = "curl/7.88.1"
        location(program.login_token(alice.device.code()))
        said = ask(program, "profile")
        assert said["enabled"] is True
        assert said["amr"] == ["pwd", "otp"]
        assert said["codes_left"] == 10 and "codes_few" not in said
        device, = said["devices"]
        assert device["name"] == "phone"
        assert TIME.fullmatch(device["created"])
        assert TIME.fullmatch(device["last_used"])
        assert re.fullmatch("[0-9a-f]{32}", device["id"])
        assert len(said["sessions"]) == 2
        mine, = [one for one in said["sessions"] if one["current"]]
        assert mine["browser"] == "curl" and mine["agent"] == "curl/7.88.1"
        assert mine["address"] == "127.0.0.1"
        assert mine["amr"] == ["pwd", "otp"]
        assert TIME.fullmatch(mine["began"]) and TIME.fullmatch(mine["seen"])

    def test_spells_any_name(self, httpd):
        alice = enrolled(httpd)
        said = ask(alice, "profile")
        name = '"><img> & \\ é 😀'
        location(alice.post("/2fa/enable", {"csrf": said["csrf"],
                                            "name": name}))
        enrolment = ask(alice, "enroll")
        location(alice.post("/2fa/enroll", {
            "csrf": enrolment["csrf"],
            "token": Device(enrolment["secret"]).code()}))
        assert name in [d["name"] for d in ask(alice, "profile")["devices"]]


def test_a_stranger_gets_no_json(httpd_of):
    httpd = serve(httpd_of(guard()))
    answer = Client(httpd).get("/2fa/profile", headers=JSON)
    assert answer.status_code == 401
    httpd.log.expect("AH01617")
    wrong = Client(httpd, "alice", PASSWORD + "!")
    assert wrong.get("/2fa/profile", headers=JSON).status_code == 401
