"""Servers whose clocks jump, or tell different times."""
import pytest

from cp2fa.client import dump, location
from cp2fa.clock import Clock, begin, enrol_with
from cp2fa.codes import codes_on, recover
from cp2fa.database import Database
from cp2fa.people import (PASSWORD, another, guard, is_in, name_of, newcomer,
                          serve, session_of)

DAY = 86400


@pytest.fixture(scope="class")
def clock(workshop):
    return Clock(workshop)


def enter(client, code):
    """That code in another browser of the same person: its answer."""
    browser = another(client)
    return browser, browser.login_token(code)


def forgive(httpd):
    Database(httpd).tell("UPDATE cp2fa_account SET failures = '',"
                         " next_try = 0")


class TestAClockThatJumpsADayAhead:

    @pytest.fixture(scope="class")
    def alice(self, httpd_of, clock):
        httpd = clock.serve(httpd_of)
        alice = enrol_with(newcomer(httpd), clock)
        alice.codes = codes_on(alice.get("/2fa/recovery-codes"))
        return alice

    def test_and_back_uses_no_code_twice_and_locks_nobody_out(
            self, alice, clock):
        """F9."""
        device = alice.device
        clock.move(DAY)
        assert not is_in(alice)
        _, answer = enter(alice, device.code(clock.step() - DAY // 30))
        assert answer.status_code == 422, dump(answer)
        ahead, answer = enter(alice, device.code(clock.step()))
        assert location(answer) and is_in(ahead)

        clock.move(-DAY)
        assert not is_in(ahead)             # it has not begun yet
        _, answer = enter(alice, device.code(clock.step() + 1))
        assert answer.status_code == 422, dump(answer)
        assert session_of(answer) is None
        clock.move(3600)                    # whatever wait there is

        browser = another(alice)
        assert location(recover(browser, alice.codes[0]))
        assert is_in(browser)
        phone = begin(browser)
        location(browser.post_form("/2fa/enroll", {
            "token": phone.code(clock.step())}))
        clock.move(3600)
        other, answer = enter(alice, phone.code(clock.step()))
        assert location(answer) and is_in(other)


class TestTwoServersWithOneDatabase:
    """The second is a minute behind the first."""

    @pytest.fixture(scope="class")
    def alice(self, httpd_of, clock):
        return enrol_with(newcomer(clock.serve(httpd_of)), clock)

    @pytest.fixture(scope="class")
    def late(self, workshop):
        folder = workshop / "late"
        folder.mkdir()
        folder.chmod(0o755)
        return Clock(folder)

    @pytest.fixture(scope="class")
    def second(self, httpd_of, alice, late):
        second = httpd_of(guard())
        second.join(alice.httpd)
        second.configure(guard() + "KeepAlive Off\n")
        second.set_password(name_of(alice), PASSWORD)
        with late.worn():
            return serve(second)

    @pytest.fixture(autouse=True)
    def later(self, clock, late):
        """An hour on: whoever waited may try, and all codes are unused."""
        clock.move(3600)
        late.move(clock.ahead - late.ahead - 60)

    def test_take_no_code_twice_and_none_before_it(
            self, alice, second, clock):
        """F11, OTP-02, OTP-03."""
        there = another(alice, second)
        now = clock.step()
        for first, then in ((there, alice), (alice, there)):
            forgive(second)
            code = alice.device.code(now)
            _, answer = enter(first, code)
            assert location(answer), dump(answer)
            for used in (code, alice.device.code(now - 1)):
                _, answer = enter(then, used)
                assert answer.status_code == 422, dump(answer)
                assert session_of(answer) is None
            now += 2

    def test_count_wrong_ones_together(self, alice, second, clock):
        """F11, THR-02: and whoever waits at one waits at the other."""
        forgive(second)
        there = another(alice, second)
        wrong = alice.device.wrong(clock.step())
        # the late one would wait for the other's clock after the first
        for client in (there, alice, alice):
            _, answer = enter(client, wrong)
            assert answer.status_code == 422, dump(answer)
        assert Database(second).failures(name_of(alice)) == 3
        for client, most in ((alice, 30), (there, 90)):
            _, answer = enter(client, alice.device.code(clock.step()))
            assert answer.status_code == 429, dump(answer)
            assert 1 <= int(answer.headers["Retry-After"]) <= most
