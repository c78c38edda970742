"""Signed-in requests wait for nothing that others wait for."""
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from cp2fa.mailbox import ask, register
from cp2fa.people import another, enrolled, guard, serve
from cp2fa.slowly import Behind
from cp2fa.smtp import STALL, SmtpServer

DELAY = 2           # seconds that each answer of the database takes
# what waits for it takes longer; what doesn't, less, on any machine
SOON = 1.5
SECONDS, BROWSERS, PAUSE = 10, 4, 0.02


def keep_asking(browser, seconds=SECONDS):
    """(status, seconds) of each request."""
    answers, ends = [], time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.monotonic()
        status = browser.get("/page.html").status_code
        answers.append((status, time.monotonic() - began))
        time.sleep(PAUSE)
    return answers


def asked_at_once(person):
    """By some browsers of one person, all in the same session."""
    browsers = []
    for _ in range(BROWSERS):
        browsers.append(another(person))
        browsers[-1].http.cookies.update(person.http.cookies)
        assert browsers[-1].get("/page.html").status_code == 200
    return browsers


def check_steady(browsers, seconds=SECONDS):
    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = sum(pool.map(keep_asking, browsers,
                               [seconds] * len(browsers)), [])
    assert len(answers) > 10 * len(browsers)
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < SOON


class TestADatabaseThatIsSlow:

    @pytest.fixture(scope="class")
    def slowly(self, server_of):
        behind = Behind(server_of("pgsql").make())
        yield behind
        behind.slowly.stop()

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, slowly):
        httpd = httpd_of(guard(), database=slowly)
        httpd.log.expect("CP2FA003", "CP2FA102", "CP2FA105")
        return serve(httpd)

    def test_keeps_nobody_who_is_signed_in(self, httpd, slowly):
        browsers = asked_at_once(enrolled(httpd))
        time.sleep(1)   # each child has its connection for what it asks
        slowly.slowly.delay = DELAY
        try:
            check_steady(browsers)
        finally:
            slowly.slowly.delay = 0


class TestATableThatIsLocked:

    def test_keeps_nobody_whose_session_can_t_be_noted_as_used(
            self, httpd_of, server_of):
        """That is due every 10 seconds, fails, and changes nothing."""
        database = server_of("pgsql").make()
        httpd = httpd_of(guard("TwoFactorSessionIdle 80s"), database=database)
        httpd.log.expect("CP2FA003", "CP2FA102")
        browsers = asked_at_once(enrolled(serve(httpd)))
        time.sleep(1)
        with closing(database.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE cp2fa_session")
            check_steady(browsers, seconds=14)
        assert "CP2FA102" in httpd.log.text()


class TestAMailServerThatStalls:

    def test_keeps_nobody_who_is_signed_in(self, httpd_of, certificate):
        server = SmtpServer(certificate, connect=STALL)
        httpd = httpd_of(guard(), server='TwoFactorMail "smtp://localhost:'
                         f'{server.port}?ca={certificate.path}"')
        try:
            alice = enrolled(serve(httpd))
            register(httpd, alice)
            ask(another(alice))
            browsers = asked_at_once(alice)
            assert server.stalls.wait(30), "no mail was sent"
            check_steady(browsers)
        finally:
            server.stop()
