"""When something below breaks: denied, said so, and well again afterwards."""
import statistics
import time
from contextlib import contextmanager

import pytest

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.oath import code_at, now_step
from cp2fa.people import (another, enrolled, guard, is_in, name_of, newcomer,
                          serve, session_of, together, wait_until)

NO_CACHE = "TwoFactorSessionCache none"
OPEN_HOST = """
<VirtualHost 127.0.0.1:${PORT}>
    ServerName open.localhost
    Include conf/tls.conf
</VirtualHost>
"""


@pytest.fixture(scope="class")
def httpd(httpd_of):
    """No cache: each request asks the database."""
    httpd = httpd_of(guard(), server=NO_CACHE + OPEN_HOST)
    httpd.log.expect("CP2FA003", "CP2FA102", "CP2FA105", "CP2FA108")
    return serve(httpd)


@pytest.fixture(scope="class")
def database(httpd):
    return Database(httpd)


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


def check_unavailable(answer):
    """503 with Retry-After; not a word about the PIN, and no session."""
    assert answer.status_code == 503, dump(answer)
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert "the content" not in answer.text
    assert "PIN isn't valid" not in answer.text
    assert session_of(answer) is None


def token_form(client):
    """Another browser with its token page open; posts code and form."""
    browser = another(client)
    form = browser.page("/2fa/token").form("/token").fields
    return browser, lambda code: browser.post(
        "/2fa/token", {**form, "token": code})


def check_well(httpd, client):
    """A healthy log-in works, within 5 seconds."""
    database = Database(httpd)
    browser, send = token_form(client)
    code = client.device.code()
    assert wait_until(lambda: send(code).status_code == 303, 5)
    assert is_in(browser)
    assert database.ask("PRAGMA integrity_check") == [("ok",)]


class TestATableThatIsGone:
    """FAIL-01: what can't be asked is denied, whoever asks."""

    @contextmanager
    def without(self, database, table):
        database.tell(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            database.tell(f"ALTER TABLE away RENAME TO {table}")

    @pytest.mark.parametrize("table", [
        "cp2fa_account", "cp2fa_device", "cp2fa_session"])
    def test_is_503_everywhere_and_heals(self, httpd, database, alice, table):
        """FAIL-01, F1."""
        browser, send = token_form(alice)
        nobody = newcomer(httpd)
        forged = {"Cookie": "__Host-cp2fa=" + "0" * 64}
        with self.without(database, table):
            if table == "cp2fa_session":
                check_unavailable(alice.get("/page.html"))
                check_unavailable(another(alice).get("/page.html",
                                                     headers=forged))
            else:
                for one in (another(alice), nobody):
                    check_unavailable(one.get("/page.html"))
                    check_unavailable(one.get("/page.html", headers={
                        "Accept": "application/json"}))
                    check_unavailable(one.get("/2fa/profile"))
                    check_unavailable(one.post("/2fa/enable", {}))
            check_unavailable(send(alice.device.code()))
            check_unavailable(another(alice).get("/page.html", headers={
                "TwoFactor-Token": alice.device.code()}))
            assert browser.get("/page.html", headers={
                "Host": "open.localhost"}).text == "the content"
        assert is_in(alice) and is_in(nobody)
        assert database.failures(name_of(alice)) == 0
        check_well(httpd, alice)

    def test_sends_nobody_to_enrol(self, httpd_of):
        """FAIL-01, FAIL-02: "required" must not take a fault for "none"."""
        httpd = httpd_of(guard(mode="required"), server=NO_CACHE)
        httpd.log.expect("CP2FA003", "CP2FA105")
        serve(httpd)
        alice = newcomer(httpd)
        alice.device = alice.enrol()
        database = Database(httpd)
        browser = another(alice)
        with self.without(database, "cp2fa_device"):
            for path in ("/page.html", "/2fa/enroll", "/2fa/profile"):
                check_unavailable(browser.get(path))
        assert location(browser.get("/page.html")).path == "/2fa/token"


class TestAStatementThatFails:
    """F7's invariants, statement by statement: all of it happens or none."""

    @contextmanager
    def failing(self, database, statement):
        verb, table = statement.split(" ")
        database.tell(
            f"CREATE TRIGGER broken BEFORE {verb} ON cp2fa_{table}"
            " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END")
        try:
            yield
        finally:
            database.tell("DROP TRIGGER broken")

    @pytest.mark.parametrize("statement", [
        "UPDATE account", "UPDATE device", "INSERT session"])
    def test_of_a_log_in_grants_nothing(
            self, httpd, database, alice, statement):
        """FAIL-01, OTP-02."""
        before = database.sessions(name_of(alice))
        browser, send = token_form(alice)
        code = alice.device.code()
        with self.failing(database, statement):
            check_unavailable(send(code))
            check_unavailable(another(alice).get("/page.html", headers={
                "TwoFactor-Token": code}))
            assert not is_in(browser)
        assert database.sessions(name_of(alice)) == before
        # the code was not used up by a log-in that failed
        assert location(send(code))
        assert is_in(browser)

    @pytest.mark.parametrize("statement", [
        "UPDATE account", "UPDATE device", "INSERT session"])
    def test_of_an_enrolment_enables_nothing(
            self, httpd, database, statement):
        """FAIL-01, ENR-02."""
        client = newcomer(httpd)
        location(client.post_form("/2fa/enable", {}, on="/2fa/profile"))
        page = client.page("/2fa/enroll")
        secret = page.link("otpauth://").split("secret=")[1].split("&")[0]
        form = page.form("/enroll").fields
        code = code_at(secret, now_step())
        with self.failing(database, statement):
            check_unavailable(client.post("/2fa/enroll",
                                          {**form, "token": code}))
        assert database.devices(name_of(client)) == []
        assert database.sessions(name_of(client)) == []
        assert is_in(another(client))
        assert location(client.post("/2fa/enroll", {**form, "token": code}))
        assert is_in(client) and not is_in(another(client))

    @pytest.mark.parametrize("statement", [
        "INSERT account", "INSERT device"])
    def test_of_enabling_begins_nothing(self, httpd, database, statement):
        """FAIL-01."""
        client = newcomer(httpd)
        with self.failing(database, statement):
            check_unavailable(client.post_form("/2fa/enable", {},
                                               on="/2fa/profile"))
        assert database.devices(name_of(client), "pending") == []
        client.enrol()

    @pytest.mark.parametrize("statement", ["DELETE device", "DELETE session"])
    def test_of_disabling_disables_nothing(
            self, httpd, database, alice, statement):
        """FAIL-01, SES-05."""
        with self.failing(database, statement):
            check_unavailable(alice.post_form("/2fa/disable", {},
                                              on="/2fa/profile"))
        assert len(database.devices(name_of(alice))) == 1
        assert is_in(alice) and not is_in(another(alice))

    def test_of_a_log_out_is_not_called_done(self, httpd, database, alice):
        """FAIL-01, SES-04."""
        with self.failing(database, "DELETE session"):
            check_unavailable(alice.post_form("/2fa/logout", {},
                                              on="/2fa/profile"))
        location(alice.post_form("/2fa/logout", {}, on="/2fa/profile"))
        assert not is_in(alice)


class TestALockedDatabase:

    @pytest.mark.parametrize("racers", [1, 6])
    def test_is_answered_in_four_seconds_and_keeps_nobody_else(
            self, httpd, database, alice, racers):
        """F4: log-ins wait, and others are served meanwhile."""
        forms = [token_form(alice)[1] for _ in range(racers)]
        code = alice.device.code()

        def timed(call):
            began = time.monotonic()
            return call(), time.monotonic() - began

        def others():
            time.sleep(0.3)
            return [[timed(lambda: another(alice).get(path, headers={
                "Host": f"{host}localhost"})) for _ in range(3)]
                for host, path in [("open.", "/page.html"),
                                   ("", "/2fa/style.css")]]

        with database.locked():
            *posts, meanwhile = together(
                [lambda send=send: timed(lambda: send(code))
                 for send in forms] + [others])
        for answer, _ in posts:
            check_unavailable(answer)
        for three in meanwhile:
            for answer, _ in three:
                assert answer.status_code == 200, dump(answer)
            # each, if they waited; a busy machine keeps one of them
            took = [seconds for _, seconds in three]
            assert statistics.median(took) < 1, took
        assert database.failures(name_of(alice)) == 0
        assert location(forms[0](code))
        # a busy machine keeps one of them, and is no lock without end
        took = [seconds for _, seconds in posts]
        assert statistics.median(took) < (4 if racers > 1 else 15), took
        assert max(took) < 15, took

    def test_lets_those_in_who_were_in(self, database, alice):
        """F4: they only read."""
        with database.locked():
            assert is_in(alice) and not is_in(another(alice))

    def test_loses_no_failure_that_was_counted(self, httpd, database, alice):
        """F4, THR-01."""
        _, send = token_form(alice)
        assert send(alice.device.wrong_code()).status_code == 422
        with database.locked():
            check_unavailable(send(alice.device.wrong_code()))
        assert database.failures(name_of(alice)) == 1
