"""The module's cookies: their form, their names, and how sessions last."""
import hashlib
import json
import re
import secrets
from types import SimpleNamespace

import pytest
import requests

from cp2fa.client import SESSION, Client, dump, location
from cp2fa.database import Database
from cp2fa.httpd import free_port
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in,
                          name_of, newcomer, serve, session_of, together,
                          wait_until)
from cp2fa.wire import connect, parse, read_rest

PRE = SESSION + "-pre"
NO_CACHE = "TwoFactorSessionCache none"
TINY_CACHE = 'TwoFactorSessionCache "shmcb:${ROOT}/run/c(8192)"'
PAIR = re.compile(f"({SESSION}|{PRE})=([0-9a-f]{{64}})?")
PLAIN = """
Listen 127.0.0.1:${PLAIN} http
<VirtualHost 127.0.0.1:${PLAIN}>
    ServerName localhost
    DocumentRoot "${DOCS}"
%s
</VirtualHost>
"""


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


def seen_by(client):
    """Every Set-Cookie field that this browser gets from now on."""
    fields = []
    client.http.hooks["response"].append(
        lambda answer, **_: fields.extend(
            answer.raw.headers.getlist("Set-Cookie")))
    return fields


def shows(client, cookie):
    """Whether a fresh browser that sends this Cookie field is in."""
    return another(client).get("/page.html", headers={
        "Cookie": cookie}).text == "the content"


class TestEveryCookie:

    def test_is_of_the_safe_form_on_the_whole_journey(self, httpd):
        """CK-01."""
        client = newcomer(httpd)
        fields = seen_by(client)
        client.get("/page.html")
        client.device = client.enrol()
        client.get("/2fa/profile")
        location(client.post_form("/2fa/logout", {}, on="/2fa/profile"))
        client.get("/page.html")
        client.login_token("12")
        client.login_token(client.device.wrong_code())
        location(client.login_token(client.device.code()))
        client.post("/2fa/enable", {"csrf": "wrong"})
        client.get("/2fa/nowhere")
        location(client.post_form("/2fa/disable", {}, on="/2fa/profile"))
        # header log-in, by another browser
        bob = enrolled(httpd)
        program = another(bob)
        more = seen_by(program)
        assert program.get("/page.html", headers={
            "TwoFactor-Token": bob.device.code()}).status_code == 200
        assert len(fields) >= 6 and len(more) >= 1
        given = [field.split("=")[0] for field in fields]
        assert {SESSION, PRE} == set(given)
        for field in fields + more:
            pair, *attributes = field.split("; ")
            assert PAIR.fullmatch(pair), field      # opaque, nothing else
            attributes = {a.lower() for a in attributes}
            if pair.endswith("="):
                attributes.remove("max-age=0")      # only to take it back
            assert len(attributes & {"samesite=lax", "samesite=strict"}) == 1
            attributes -= {"samesite=lax", "samesite=strict"}
            assert attributes == {"path=/", "httponly", "secure"}, field
            assert len(field) < 4096

    def test_is_set_where_it_is_needed_alone(self, alice):
        """CK-01: nothing on pictures, style sheets, or a page of the site."""
        fields = seen_by(alice)
        for path in ("/page.html", "/2fa/style.css", "/2fa/mark.svg",
                     "/2fa/profile", "/2fa/nowhere"):
            alice.get(path)
        assert fields == []


class TestACookiesName:

    def test_is_compared_with_its_case(self, alice):
        """CK-02: a browser takes the twin over plain HTTP, too."""
        good = alice.cookie().partition("=")[2]
        for twin in ("__host-cp2fa", "__HOST-CP2FA", "__Host-CP2FA",
                     "__Host-cp2f", "cp2fa", "__Host-cp2fa2",
                     "$__Host-cp2fa"):
            assert not shows(alice, f"{twin}={good}"), twin
        assert shows(alice, f"{SESSION}={good}")

    @pytest.mark.parametrize("value", ["0" * 64, "good"])
    def test_has_a_twin_that_is_ignored(self, alice, value):
        """CK-02: before it and after it."""
        good = alice.cookie()
        value = good.partition("=")[2] if value == "good" else value
        assert shows(alice, f"__host-cp2fa={value}; {good}")
        assert shows(alice, f"{good}; __host-cp2fa={value}")
        assert not shows(alice, f"__host-cp2fa={value}; {SESSION}=x")

    def test_of_before_the_pin_has_an_ignored_twin_too(self, alice):
        """CK-02."""
        browser = another(alice)
        page = browser.get("/2fa/token")
        pre = session_of(page, PRE)
        browser.http.cookies.clear()
        answer = browser.post(
            "/2fa/token", {"token": "12", "csrf": csrf_of(browser)},
            headers={"Cookie": f"{PRE.lower()}={pre}"})
        assert answer.status_code == 403
        assert alert_of(answer).startswith("Please try that again")

    def test_may_be_configured(self, httpd_of):
        """CK-01: both names follow TwoFactorCookieName."""
        httpd = serve(httpd_of(guard("TwoFactorCookieName __Host-other")))
        client = newcomer(httpd)
        fields = seen_by(client)
        client.enrol()
        assert {field.split("=")[0] for field in fields} == {
            "__Host-other", "__Host-other-pre"}
        assert is_in(client)
        assert all("Secure" in field.split("; ") for field in fields)


class TestPlainHttp:

    def plain(self, httpd_of, *directives):
        """A TLS host and the very same over plain HTTP."""
        httpd = httpd_of(guard(*directives), server=PLAIN % guard(*directives),
                         defines={"PLAIN": free_port()})
        port = httpd.defines["PLAIN"]
        httpd.plain = SimpleNamespace(origin=f"http://localhost:{port}",
                                      certificate=httpd.certificate)
        return serve(httpd)

    def test_has_no_cookies_and_no_pages(self, httpd_of):
        """CK-03."""
        httpd = self.plain(httpd_of)
        alice = enrolled(httpd)
        bare = another(alice, httpd.plain)
        fields = seen_by(bare)
        for sent in ({}, {"Cookie": alice.cookie()},
                     {"TwoFactor-Token": alice.device.code()}):
            answer = bare.get("/page.html", headers=sent)
            assert "the content" not in answer.text
            assert location(answer).path == "/2fa/token"
        for path in ("token", "profile", "enroll", "signed-out", "qr.svg"):
            answer = bare.get(f"/2fa/{path}")
            assert answer.status_code == 403, dump(answer)
        for path in ("token", "enable", "enroll", "disable", "logout"):
            answer = bare.post(f"/2fa/{path}", {"token": "123456"},
                               headers={"Cookie": alice.cookie()})
            assert answer.status_code == 403, dump(answer)
        answer = bare.get("/2fa/token", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (
            403, "https-required")
        assert fields == []
        assert is_in(alice)
        assert Database(httpd).failures(name_of(alice)) == 0

    def test_says_what_to_do_in_words(self, httpd_of):
        """CK-03."""
        httpd = self.plain(httpd_of)
        bare = newcomer(httpd)
        bare.httpd = httpd.plain
        answer = bare.get("/2fa/profile")
        assert alert_of(answer).startswith("This page works over HTTPS")
        assert "/profile" not in answer.text    # it would lead here again

    def test_does_not_believe_who_says_that_it_is_tls(self, httpd_of):
        """CK-03: only the connection counts."""
        httpd = self.plain(httpd_of)
        bare = newcomer(httpd)
        bare.httpd = httpd.plain
        answer = bare.get("/2fa/token", headers={
            "X-Forwarded-Proto": "https", "Forwarded": "proto=https",
            "X-Forwarded-Ssl": "on", "Front-End-Https": "on"})
        assert answer.status_code == 403

    def test_works_for_development_under_another_name(self, httpd_of):
        """CK-03: TwoFactorCookieSecure off; no browser would take __Host-."""
        httpd = self.plain(httpd_of, "TwoFactorCookieSecure off")
        client = newcomer(httpd)
        bare = Client(httpd.plain, name_of(client), "correct horse")
        fields = seen_by(bare)
        bare.device = bare.enrol()
        assert bare.get("/page.html").text == "the content"
        assert {field.split("=")[0] for field in fields} == {
            "cp2fa", "cp2fa-pre"}
        for field in fields:
            assert "secure" not in field.lower()
            assert "; HttpOnly" in field and "; SameSite=" in field
        value = bare.http.cookies.get("cp2fa")
        fresh = another(bare)
        assert fresh.get("/page.html", headers={
            "Cookie": f"{SESSION}={value}"}).status_code == 303
        assert fresh.get("/page.html", headers={
            "Cookie": f"cp2fa={value}"}).text == "the content"


@pytest.mark.parametrize("cache", ["", TINY_CACHE, NO_CACHE],
                         ids=["cached", "tiny cache", "uncached"],
                         scope="class")
class TestASessionLasts:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, cache):
        # without keep-alive: a restart closes connections
        return serve(httpd_of(guard() + "KeepAlive Off\n", server=cache))

    def test_beyond_a_restart(self, httpd):
        """SES-03, F13."""
        client = enrolled(httpd)
        csrf = csrf_of(client, "/2fa/profile")
        httpd.restart()
        assert is_in(client)
        # keys are the same, too: a page from before still works
        location(client.post("/2fa/enroll/cancel", {"csrf": csrf}))

    def test_beyond_a_graceful_restart(self, httpd):
        """F13."""
        client, other = enrolled(httpd), enrolled(httpd)
        before = httpd.log.text().count("AH00493")
        httpd.graceful()
        while httpd.log.text().count("AH00493") == before:
            assert is_in(client)
        assert is_in(client) and is_in(other)
        location(other.post_form("/2fa/logout", {}, on="/2fa/profile"))
        assert not is_in(other) and is_in(client)

    def test_whatever_room_there_is_in_the_cache(self, httpd):
        """F15: the database is the truth; 10,000 sessions of one account."""
        client = enrolled(httpd)
        ids = self.copies(httpd, client, 10_000)
        for _ in range(2):
            seen = together([lambda i=i: shows(client, f"{SESSION}={i}")
                             for i in ids[:60]], threads=4)
            assert seen == [True] * 60
        Database(httpd).tell("DELETE FROM cp2fa_session WHERE hash = ?",
                             hash_of(ids[-1]))     # never seen: not cached
        assert not shows(client, f"{SESSION}={ids[-1]}")
        location(client.post_form("/2fa/disable", {}, on="/2fa/profile"))
        client.enrol()
        assert not any(shows(client, f"{SESSION}={i}") for i in ids[:20])
        assert is_in(client)

    def copies(self, httpd, client, count):
        """More sessions like this one, put into the database."""
        own = hash_of(client.cookie().partition("=")[2])
        ids = [secrets.token_hex(32) for _ in range(count)]
        Database(httpd).tell(
            "INSERT INTO cp2fa_session SELECT n.value, account, amr, created,"
            " auth_time, last_seen, ends, address, agent FROM cp2fa_session, json_each(?) n"
            " WHERE hash = ?", json.dumps([hash_of(one) for one in ids]), own)
        return ids


def hash_of(text):
    return hashlib.sha256(bytes.fromhex(text)).hexdigest()


class TestSeveralChildren:

    @pytest.mark.parametrize("cache", ["", TINY_CACHE, NO_CACHE],
                             ids=["cached", "tiny cache", "uncached"])
    def test_share_a_session_and_its_end(self, httpd_of, cache):
        """SES-05: of a prefork server, all of whose children answer."""
        httpd = serve(httpd_of(
            guard() + "KeepAlive Off\n", mpm="prefork",
            server=cache + '\nCustomLog logs/pids "%P"'))
        client = enrolled(httpd)
        cookie = client.cookie()

        def ask(_):
            return requests.get(
                client.url("/page.html"), auth=client.http.auth,
                verify=client.http.verify, allow_redirects=False,
                headers={"Cookie": cookie, "Accept": "text/html"}).status_code

        def all_say(status):
            return {*together([lambda: ask(0)] * 24, threads=8)} == {status}

        assert all_say(200)
        pids = (httpd.root / "logs" / "pids").read_text().split()
        assert len(set(pids)) >= 3
        location(client.post_form("/2fa/logout", {}, on="/2fa/profile"))
        assert all_say(303)


class TestManyAndHugeCookies:

    def ask(self, client, *lines):
        """A request with these Cookie fields, byte for byte."""
        basic = requests.auth._basic_auth_str(*client.http.auth)
        head = "".join(f"Cookie: {line}\r\n" for line in lines)
        with connect(client.httpd.port, "localhost") as stream:
            try:
                stream.sendall((
                    "GET /page.html HTTP/1.1\r\nHost: localhost\r\n"
                    f"Authorization: {basic}\r\nAccept: text/html\r\n{head}"
                    "Connection: close\r\n\r\n").encode("latin-1"))
            except (ConnectionError, BrokenPipeError):
                pass                    # it has heard enough
            return parse(read_rest(stream))

    @pytest.mark.parametrize("size", [4096, 8000, 8300, 100_000])
    def test_are_400_or_ignored(self, alice, size):
        """SES-09, F21."""
        good = alice.cookie()
        for lines, fits in [([f"{SESSION}={'a' * size}"], None),
                            ([f"{PRE}={'a' * size}"], None),
                            ([f"x={'a' * size}; {good}"], size < 8000),
                            ([f"{good}; x={'a' * size}"], size < 8000)]:
            answer = self.ask(alice, *lines)
            assert answer.status in (200, 303, 400), answer
            if fits:
                assert answer.body == b"the content"
            elif fits is None or size > 8190:
                assert b"the content" not in answer.body

    @pytest.mark.parametrize("count", [10, 90, 200, 2000])
    def test_may_come_in_many_lines(self, alice, count):
        """SES-09, F21: no browser does that; httpd takes a hundred fields."""
        good = alice.cookie()
        for lines in ([*[f"c{n}=x" for n in range(count)], good],
                      [*[f"{SESSION}={n:064x}" for n in range(count)], good]):
            answer = self.ask(alice, *lines)
            assert answer.status == (303 if count < 95 else 400), answer
            assert b"the content" not in answer.body

    @pytest.mark.parametrize("line", [
        "", ";", "=", ";;;;=;=;;", "=" * 5000, ";" * 5000, " " * 5000,
        f"{SESSION}", f"{SESSION}=", f"{SESSION};{SESSION}", f'"{SESSION}=',
        f"{SESSION}" + "=" * 3000, "\t;\t=\t", "x" * 5000, "é\xff=\x80"],
        ids=lambda line: ascii(line[:24]))
    def test_may_be_no_cookies_at_all(self, alice, line):
        """SES-09: and spoil no good one beside them."""
        assert self.ask(alice, line).status in (303, 400)
        answer = self.ask(alice, f"{line}; {alice.cookie()}")
        assert answer.status in (200, 303, 400)
        assert is_in(alice)

    def test_that_are_ill_formed_ask_no_database(self, httpd_of):
        """SES-09: nor do they log more than a good request does."""
        httpd = serve(httpd_of(guard(), trace=True))
        client = enrolled(httpd)
        for value in ("", "g" * 64, "a" * 63, "A" * 64):
            before = httpd.log.text().count("CP2FA101")
            assert not shows(client, f"{SESSION}={value}")
            assert httpd.log.text().count("CP2FA101") == before
        assert wait_until(lambda: is_in(client))
