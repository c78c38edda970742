"""What a form must bring along, and where it may lead."""
import socket

import pytest
import requests

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in,
                          name_of, newcomer, serve, session_of)
from cp2fa.wire import connect, parse, read_rest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
POSTS = ["token", "enable", "enroll", "enroll/cancel", "disable", "logout"]


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


def check_forged(answer):
    assert answer.status_code == 403, dump(answer)
    assert session_of(answer) is None
    assert alert_of(answer).startswith("Please try that again")


class TestAFormsSecret:
    """CSRF-01, of every form: nothing happens without it."""

    @pytest.mark.parametrize("path", POSTS)
    @pytest.mark.parametrize("which", [
        "none", "empty", "another user's", "of an old session", "spoilt",
        "in the address", "in a header", "twice"])
    def test_is_needed_and_is_of_this_session(self, httpd, path, which):
        """CSRF-01."""
        alice = enrolled(httpd)
        old = another(alice)
        location(old.login_token(alice.device.code()))
        old_csrf = csrf_of(old, "/2fa/profile")
        location(old.post("/2fa/logout", {"csrf": old_csrf}))
        right = csrf_of(alice, "/2fa/profile")
        csrf = {"none": None, "empty": "", "spoilt": right[::-1],
                "another user's": csrf_of(newcomer(httpd), "/2fa/profile"),
                "of an old session": old_csrf}.get(which)
        fields = {} if csrf is None else {"csrf": csrf}
        if which == "twice":
            fields = f"csrf={right}&csrf={right}"
        query = f"?csrf={right}" if which == "in the address" else ""
        answer = alice.post(f"/2fa/{path}{query}", fields, headers={
            **FORM, "X-CSRF-Token": right if which == "in a header" else ""})
        if which == "twice":
            assert answer.status_code == 400, dump(answer)
        else:
            check_forged(answer)
        assert is_in(alice) and not is_in(another(alice))

    def test_is_that_of_the_page_and_works(self, httpd):
        """CSRF-01: the control, for all of the above."""
        alice = enrolled(httpd)
        for path, fields in [("enable", {}), ("enroll/cancel", {}),
                             ("disable", {})]:
            location(alice.post(f"/2fa/{path}", {
                "csrf": csrf_of(alice, "/2fa/profile"), **fields}))
        assert is_in(another(alice))

    def test_of_before_the_pin_is_none_after_it(self, alice):
        """CSRF-03: the pre-session ends with the log-in."""
        browser = another(alice)
        before = csrf_of(browser)
        location(browser.login_token(alice.device.code()))
        for path in ("enable", "disable", "logout"):
            check_forged(browser.post(f"/2fa/{path}", {"csrf": before}))
        assert is_in(browser)

    def test_is_in_no_address(self, alice):
        """CSRF-01: it must not get into a log or a Referer."""
        browser = another(alice)
        csrf = csrf_of(browser)
        answer = browser.login_token(alice.device.code())
        assert csrf not in answer.headers["Location"]
        assert csrf not in browser.httpd.log.text()


class TestWhereAFormComesFrom:
    """CSRF-02, CSRF-03."""

    OWN = "https://localhost:{port}"
    MATRIX = [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Sec-Fetch-Site": "nonsense"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": OWN}, False),
        ({"Origin": OWN}, True),
        ({"Origin": "https://LOCALHOST:{port}"}, True),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://localhost.evil:{port}"}, False),
        ({"Origin": "https://localhost:{port}.evil"}, False),
        ({"Origin": "https://evil@localhost.evil:{port}"}, False),
        ({"Origin": "https://localhost"}, False),
        ({"Origin": "https://localhost:1"}, False),
        ({"Origin": "https://localhost:{port}1"}, False),
        ({"Origin": "http://localhost:{port}"}, False),
        ({"Origin": "https://second.localhost:{port}"}, False),
        ({"Origin": "null", "Referer": OWN + "/"}, False),
        ({"Origin": "https://evil.example", "Referer": OWN + "/"}, False),
        ({"Referer": OWN + "/2fa/token"}, True),
        ({"Referer": OWN}, True),
        ({"Referer": "https://evil.example/2fa/token"}, False),
        ({"Referer": "https://evil.example/?" + OWN}, False),
        ({"Referer": "https://localhost.evil/"}, False),
        ({"Referer": "about:blank"}, False),
        ({}, False),
    ]

    @pytest.mark.parametrize("sent, good", MATRIX)
    def test_is_seen_by_what_the_browser_says(self, alice, sent, good):
        """CSRF-02."""
        browser = another(alice)
        headers = {"Sec-Fetch-Site": None, "Origin": None, "Referer": None,
                   **{name: value.format(port=alice.httpd.port)
                      for name, value in sent.items()}}
        code = alice.device.wrong_code()[:5]    # malformed: costs nothing
        answer = browser.post("/2fa/token", {
            "csrf": csrf_of(browser), "token": code}, headers=headers)
        if good:
            assert answer.status_code == 422, dump(answer)
        else:
            check_forged(answer)
            assert not Database(alice.httpd).failures(name_of(alice))

    def test_is_the_configured_origin_where_there_is_one(self, httpd_of):
        """CSRF-02: behind a proxy the server's own name is not the user's."""
        httpd = serve(httpd_of(guard(
            "TwoFactorBaseURL https://console.example")))
        carol = newcomer(httpd)
        for origin, good in [("https://console.example", True),
                             ("https://console.example:443", True),
                             ("http://console.example", False),
                             ("https://console.example:8443", False),
                             (httpd.origin, False)]:
            answer = carol.post("/2fa/enroll/cancel", {
                "csrf": csrf_of(carol, "/2fa/profile")},
                headers={"Sec-Fetch-Site": None, "Referer": None,
                         "Origin": origin})
            assert (answer.status_code == 303) == good, (origin, dump(answer))


class TestAFormThatIsNone:

    def raw(self, client, headers, body):
        """A post of the token form, byte for byte."""
        client.page("/2fa/token")
        cookies = "; ".join(f"{c.name}={c.value}" for c in client.http.cookies)
        prepared = client.http.prepare_request(
            requests.Request("GET", client.url("/")))
        head = (f"POST /2fa/token HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: {prepared.headers['Authorization']}\r\n"
                f"Cookie: {cookies}\r\nOrigin: {client.httpd.origin}\r\n"
                f"{headers}Connection: close\r\n\r\n").encode()
        with connect(client.httpd.port, "localhost") as stream:
            try:
                stream.sendall(head + body)
            except (ConnectionError, socket.timeout):
                pass            # it has heard enough
            return parse(read_rest(stream))

    @pytest.mark.parametrize("size", [8193, 100_000])
    def test_is_413_when_it_is_long(self, alice, size):
        """HTTP-03: 8 KiB are enough, with a length or in chunks."""
        type_ = "Content-Type: application/x-www-form-urlencoded\r\n"
        body = b"token=" + b"1" * (size - 6)
        answer = self.raw(another(alice), type_ +
                          f"Content-Length: {size}\r\n", body)
        assert answer.status == 413
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in
                          (body[n:n + 1000] for n in range(0, size, 1000)))
        answer = self.raw(another(alice), type_ +
                          "Transfer-Encoding: chunked\r\n",
                          chunks + b"0\r\n\r\n")
        assert answer.status == 413

    def test_is_read_up_to_eight_kilobytes(self, alice):
        """HTTP-03: the control."""
        browser = another(alice)
        csrf = csrf_of(browser)
        body = f"csrf={csrf}&token=" + "1" * (8192 - 12 - len(csrf))
        assert len(body) == 8192
        answer = browser.post("/2fa/token", body, headers=FORM)
        assert answer.status_code == 422

    @pytest.mark.parametrize("kind", [
        None, "", "text/plain", "application/json", "multipart/form-data",
        "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx",
        "application/xml", "text/plain; application/x-www-form-urlencoded"])
    def test_is_415_when_it_is_of_another_type(self, alice, kind):
        """HTTP-03."""
        browser = another(alice)
        body = f"csrf={csrf_of(browser)}&token={alice.device.wrong_code()}"
        answer = browser.post("/2fa/token", body.encode(),
                              headers={"Content-Type": kind})
        assert answer.status_code == 415, dump(answer)
        assert not Database(alice.httpd).failures(name_of(alice))

    @pytest.mark.parametrize("path", POSTS)
    def test_is_405_when_it_is_no_post(self, alice, path):
        """HTTP-03, CSRF-01: no GET changes anything."""
        both = ("token", "enroll")
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
            if method == "GET" and path in both:
                continue
            answer = alice.request(method, f"/2fa/{path}")
            assert answer.status_code == 405, (method, dump(answer))
            allowed = answer.headers["Allow"].replace(" ", "").split(",")
            assert set(allowed) == ({"GET", "HEAD", "POST"} if path in both
                                    else {"POST"})
        assert is_in(alice)

    @pytest.mark.parametrize("body", [
        "token=%ff", "token=%c0%af", "token=%ed%a0%80", "token=%f5%80%80%80",
        "token=%", "token=%4", "token=%zz", "token=1&token=1",
        "token=123456%00", "%00=1", "token=\0", "%ff=1",
        "token=1&t%6fken=2", "&".join(f"f{n}=1" for n in range(100))])
    def test_is_400_when_it_can_not_be_read(self, alice, body):
        """INP-01."""
        browser = another(alice)
        answer = browser.post("/2fa/token", f"csrf={csrf_of(browser)}&{body}",
                              headers=FORM)
        assert answer.status_code == 400, dump(answer)
        assert alert_of(answer).startswith("The form couldn't be read")
