"""How far off a token may be, and of what kind it may be."""
import pytest

from cp2fa.client import dump, location
from cp2fa.clock import StillClock, begin, enrol_with
from cp2fa.database import Database
from cp2fa.people import (alert_of, another, guard, is_in, name_of, newcomer,
                          session_of)


@pytest.fixture(scope="class")
def clock(workshop):
    return StillClock(workshop)


def check_refused(answer):
    assert answer.status_code == 422, dump(answer)
    assert session_of(answer) is None
    assert alert_of(answer).startswith("PIN isn't valid")


class TestTheWindow:
    """OTP-06: a fresh account for each offset, all enrolled long before."""

    @pytest.fixture(scope="class", params=[
        ("the default", 6, 30, ()),
        ("180", 6, 30, ("TwoFactorClockSkew 180",)),
        ("89", 2, 30, ("TwoFactorClockSkew 89",)),
        ("0", 0, 30, ("TwoFactorClockSkew 0",)),
        ("180 of 60", 3, 60, ("TwoFactorToken SHA1 6 60",))],
        ids=lambda param: param[0])
    def window(self, request, httpd_of, clock):
        name, reach, period, directives = request.param
        httpd = clock.serve(httpd_of, *directives)
        clock.to_step_begin(period)
        people = {}
        # all of them for the default, and else what is near the edges
        for offset in [n for n in range(-8, 9) if not directives
                       or abs(abs(n) - reach) < 2]:
            people[offset] = enrol_with(newcomer(httpd), clock)
            people[offset].http.close()
        clock.move(3600)
        return reach, people

    def test_is_exactly_as_wide_as_configured(self, clock, window):
        """OTP-06."""
        reach, people = window
        accepted = []
        for offset, person in people.items():
            step = clock.to_step_begin(person.device.period)
            browser = another(person)
            answer = browser.login_token(person.device.code(step + offset))
            if answer.status_code == 303 and is_in(browser):
                accepted.append(offset)
            else:
                check_refused(answer)
            browser.http.close()
        assert accepted == [n for n in people if abs(n) <= reach]


class TestAnEnrolment:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of)

    @pytest.mark.parametrize("offset, well", [
        (-7, False), (-6, True), (0, True), (6, True), (7, False)])
    def test_takes_a_code_of_the_same_window(
            self, httpd, clock, offset, well):
        """OTP-06: a clock that is too far off is seen at once."""
        person = newcomer(httpd)
        phone = begin(person)
        step = clock.to_step_begin()
        answer = person.post_form("/2fa/enroll", {
            "token": phone.code(step + offset)})
        if well:
            assert location(answer) and is_in(person)
        else:
            check_refused(answer)
        assert len(Database(httpd).devices(name_of(person))) == well

    def test_of_a_phone_that_is_late_leaves_it_late(self, httpd, clock):
        """OTP-06: five steps off today is five steps off tomorrow."""
        person = newcomer(httpd)
        person.device = begin(person)
        step = clock.to_step_begin()
        location(person.post_form("/2fa/enroll", {
            "token": person.device.code(step - 5)}))
        for day in range(3):
            clock.move(86400)
            step = clock.to_step_begin()
            browser = another(person)
            location(browser.login_token(person.device.code(step - 5)))
            assert is_in(browser)

    def test_can_not_be_walked_out_of_the_window(self, httpd, clock):
        """OTP-07: however often, skew is never beyond 6 steps."""
        person = enrol_with(newcomer(httpd), clock)
        for step_of_login in range(6):
            clock.move(3600)
            step = clock.to_step_begin()
            location(another(person).login_token(
                person.device.code(step + 6)))
        clock.move(3600)
        step = clock.to_step_begin()
        check_refused(another(person).login_token(
            person.device.code(step + 7)))
        assert Database(httpd).ask(
            "SELECT max(abs(skew)) <= 6 FROM cp2fa_device") == [(1,)]


class TestAfterWrongTokens:
    """OTP-07: guesses narrow the window, and its owner still gets in."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of)

    @pytest.fixture()
    def victim(self, httpd, clock):
        """Somebody whose password got known, after two guesses."""
        person = enrol_with(newcomer(httpd), clock)
        clock.move(3600)
        for _ in range(2):
            check_refused(another(person).login_token(
                person.device.wrong(clock.step())))
        return person

    def test_a_code_near_the_devices_time_is_enough(self, victim, clock):
        """OTP-07."""
        for offset in (-1, 0, 1):
            clock.move(3600)
            browser = another(victim)
            step = clock.to_step_begin()
            location(browser.login_token(victim.device.code(step + offset)))
            assert is_in(browser), offset

    def test_one_further_off_asks_for_the_next_one_too(
            self, httpd, victim, clock):
        """OTP-07: P(150) -> "enter the next code"; P(180) -> ok."""
        for offset in (5, -5):
            clock.move(3600)
            browser = another(victim)
            step = clock.to_step_begin()
            answer = browser.login_token(victim.device.code(step + offset))
            assert answer.status_code == 422, dump(answer)
            assert session_of(answer) is None and not is_in(browser)
            assert alert_of(answer).startswith("That one is right. One more")
            assert "Retry-After" not in answer.headers
            step = clock.to_step_begin()
            location(browser.login_token(victim.device.code(step + offset)))
            assert is_in(browser)
        assert Database(httpd).failures(name_of(victim)) == 2

    def test_the_same_one_twice_is_not_two(self, httpd, victim, clock):
        """OTP-02, OTP-07."""
        code = victim.device.code(clock.to_step_begin() + 4)
        browser = another(victim)
        assert "One more" in alert_of(browser.login_token(code))
        check_refused(browser.login_token(code))
        assert not is_in(browser)
        assert Database(httpd).failures(name_of(victim)) == 3

    def test_programs_are_told_too(self, victim, clock):
        """OTP-07, in the header and as JSON."""
        program = another(victim)
        step = clock.to_step_begin()

        def ask(offset):
            return program.get("/page.html", headers={
                "TwoFactor-Token": victim.device.code(step + offset),
                "Accept": "application/json"})
        answer = ask(-4)
        assert answer.status_code == 422, dump(answer)
        assert answer.json()["code"] == "token-next"
        answer = ask(-3)
        assert (answer.status_code, answer.text) == (200, "the content")


class TestACodeWithALeadingZero:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of)

    def test_needs_its_zero(self, httpd, clock):
        """OTP-08: RFC 4226 section 5.3, the leading zeros are digits."""
        person = enrol_with(newcomer(httpd), clock)
        first = clock.step() + 10
        codes = person.device.codes(first, 300)
        step = next(first + n for n, code in enumerate(codes)
                    if code.startswith("0"))
        code = codes[step - first]
        clock.move(step * 30 + 1 - clock.now())
        browser = another(person)
        for typed in (code[1:], code.lstrip("0"), " " + code[1:],
                      "-" + code[1:], "0" + code):
            check_refused(browser.login_token(typed))
        assert Database(httpd).failures(name_of(person)) == 0
        location(browser.login_token(code))
        assert is_in(browser)


class TestAServerWhoseTokensChange:

    def test_takes_each_device_as_it_was_enrolled(self, httpd_of, clock):
        """TwoFactorToken is for new enrolments."""
        httpd = clock.serve(httpd_of)
        clock.to_step_begin(300)
        old = enrol_with(newcomer(httpd), clock)
        with clock.worn():
            httpd.configure(guard("TwoFactorToken SHA256 8 60"))
            httpd.restart()
            new = enrol_with(newcomer(httpd), clock)
            httpd.configure(guard("TwoFactorToken SHA512 7 20"))
            httpd.restart()
        newest = enrol_with(newcomer(httpd), clock)
        for person, kind in [(old, ("SHA1", 6, 30)), (new, ("SHA256", 8, 60)),
                             (newest, ("SHA512", 7, 20))]:
            phone = person.device
            assert (phone.algorithm, phone.digits, phone.period) == kind
            browser = another(person)
            check_refused(browser.login_token(
                phone.wrong(clock.step(phone.period))))
            location(browser.login_token(
                phone.code(clock.step(phone.period) + 1)))
            assert is_in(browser)
