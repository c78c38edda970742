"""Servers whose clocks jump, or tell different times."""
import re
import threading
import time
from collections import defaultdict
from hashlib import sha256

import pytest
import requests

from cp2fa.client import dump, location
from cp2fa.clock import Clock, StillClock, begin, enrol_with
from cp2fa.codes import codes_on, recover
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, register
from cp2fa.people import (PASSWORD, another, guard, is_in, name_of, newcomer,
                          serve, session_of, wait_until)

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


class TestAClockThatWasAheadForAMoment:

    @pytest.fixture(scope="class")
    def clock(self, workshop):
        return StillClock(workshop)

    def test_and_the_session_that_ended_then_stays_ended(
            self, httpd_of, clock):
        """SES-07: the cache still has it, and the database does not."""
        httpd = clock.serve(httpd_of)
        alice = enrol_with(newcomer(httpd), clock)
        assert [is_in(alice) for _ in range(3)] == [True] * 3
        token = bytes.fromhex(alice.cookie().partition("=")[2])
        clock.move(2 * DAY)
        ahead, answer = enter(alice, alice.device.code(clock.step()))
        assert location(answer) and is_in(ahead)
        assert Database(httpd).ask("SELECT COUNT(*) FROM cp2fa_session WHERE "
                                   "hash = ?", sha256(token).hexdigest()
                                   ) == [(0,)]
        clock.move(-2 * DAY + 5)
        assert not is_in(alice)


class TestAClockThatIsSet:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of)

    @pytest.mark.parametrize("seconds, way", [
        (3600, "forward"), (-3600, "back"),
        (2 * DAY, "forward"), (-2 * DAY, "back")])
    def test_has_one_line_whoever_comes(self, httpd, clock, seconds, way):
        """F9, F10: nobody need be refused first, and 20 seconds are no leap."""
        time.sleep(1.5)         # once a second the clock is looked at
        before = len(lines_of(httpd, "CP2FA142"))
        clock.move(20)
        time.sleep(1.5)
        assert len(lines_of(httpd, "CP2FA142")) == before
        clock.move(seconds)
        assert wait_until(
            lambda: len(lines_of(httpd, "CP2FA142")) > before)
        clock.move(-20)
        time.sleep(1.5)
        (line,) = lines_of(httpd, "CP2FA142")[before:]
        told = re.search(r"set (\d+) s (\w+)", line)
        assert "cp2fa:warn" in line and told[2] == way, line
        # with the 20, where a busy machine was late to look
        assert abs(int(told[1]) - abs(seconds)) <= 35, line


def lines_of(httpd, tag):
    return [line for line in httpd.log.text().splitlines()
            if f"{tag}: " in line]


class TestAClockThatWasTwoDaysAhead:
    """And is right again; what happened meanwhile is of the future."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of)

    @pytest.fixture()
    def alice(self, httpd, clock):
        alice = enrol_with(newcomer(httpd), clock)
        alice.codes = codes_on(alice.get("/2fa/recovery-codes"))
        return alice

    def test_has_a_line_that_names_it_for_each_token(
            self, httpd, alice, clock):
        """F9: one an attempt, and none while all is well."""
        clock.move(2 * DAY)
        _, answer = enter(alice, alice.device.wrong(clock.step()))
        assert answer.status_code == 422
        _, answer = enter(alice, alice.device.code(clock.step()))
        assert location(answer)
        clock.move(-2 * DAY)
        assert lines_of(httpd, "CP2FA140") == []
        code = alice.device.code(clock.step() + 1)
        _, answer = enter(alice, code)
        assert answer.status_code == 422
        answer = another(alice).get("/page.html",
                                    headers={"TwoFactor-Token": code})
        assert answer.status_code in (303, 422)
        lines = lines_of(httpd, "CP2FA140")
        assert len(lines) == 2, lines
        for line in lines:
            assert "cp2fa:warn" in line and "check the clock" in line
            assert f"user {name_of(alice)}," in line
            ahead = int(re.search(r"(\d+) s ahead", line)[1])
            assert 2 * DAY - 240 < ahead < 2 * DAY
            assert code not in line

    def test_leaves_no_session_that_comes_to_life_in_two_days(
            self, httpd, alice, clock):
        """SES-07, F9: once refused, refused for good."""
        clock.move(2 * DAY)
        ahead, answer = enter(alice, alice.device.code(clock.step()))
        assert location(answer) and is_in(ahead)
        cookie = ahead.cookie()
        clock.move(-2 * DAY)
        assert not is_in(ahead)
        (line,) = [line for line in lines_of(httpd, "CP2FA141")
                   if f"user {name_of(alice)} " in line]
        assert "cp2fa:warn" in line and "check the clock" in line
        assert cookie.partition("=")[2] not in line
        clock.move(2 * DAY)
        answer = another(alice).get("/page.html", headers={"Cookie": cookie})
        assert location(answer).path == "/2fa/token"
        clock.move(-2 * DAY)

    def test_makes_nobody_wait_for_two_days(self, httpd, alice, clock):
        """F9, F10: its owner was told "wrong" meanwhile; codes let in."""
        address = register(httpd, alice)
        clock.move(2 * DAY)
        for _ in range(3):
            _, answer = enter(alice, alice.device.wrong(clock.step()))
            assert answer.status_code == 422
        clock.move(-2 * DAY)
        answer = recover(another(alice), alice.codes[0])
        assert answer.status_code == 429, dump(answer)
        assert 1 <= int(answer.headers["Retry-After"]) <= 30
        assert Database(httpd).failures(name_of(alice)) == 3
        clock.move(31)
        browser = another(alice)
        assert location(recover(browser, alice.codes[0])) and is_in(browser)
        mails = Mailbox(httpd.root / "mail")
        assert wait_until(lambda: [
            m for m in mails.all(address) if "recovery" in m["Subject"]])


class Load:
    """People who look at a page all the time, and log in where they must."""

    def __init__(self, people, clock):
        self.clock = clock
        self.stop = threading.Event()
        self.phase = 0
        self.rounds = defaultdict(int)      # per phase
        self.statuses = defaultdict(set)
        self.seen = defaultdict(list)       # cookie: was it good, each time
        self.accepted = defaultdict(list)   # name: steps, in order
        self.unknown = 0                    # posts whose answer was lost
        self.trouble = []
        self.threads = [threading.Thread(target=self.run, args=(person,))
                        for person in people]
        for thread in self.threads:
            thread.start()

    def get(self, browser, path):
        """A clock that jumps makes httpd hang up; asking again is harmless."""
        for _ in range(5):
            try:
                return browser.get(path)
            except requests.ConnectionError:
                browser.http.close()
        raise AssertionError(f"{path} can't be had")

    def run(self, person):
        try:
            browser, tries = another(person), defaultdict(int)
            while not self.stop.is_set():
                phase = self.phase
                answer = self.get(browser, "/page.html")
                self.statuses[phase].add(answer.status_code)
                cookie = browser.cookie()
                if cookie and answer.status_code < 500:
                    self.seen[cookie].append(answer.status_code == 200)
                if answer.status_code != 200 and tries[phase] < 2:
                    tries[phase] += 1
                    browser = another(person)
                    self.log_in(browser, person, phase)
                self.rounds[phase] += 1
        except Exception as error:
            self.trouble.append(repr(error))

    def log_in(self, browser, person, phase):
        self.get(browser, "/2fa/token")
        step = self.clock.step()
        try:
            answer = browser.login_token(person.device.code(step))
        except (requests.ConnectionError, AssertionError):
            self.unknown += 1
            return
        self.statuses[phase].add(answer.status_code)
        if session_of(answer):
            self.accepted[name_of(person)].append(step)

    def jump(self, seconds, people):
        """Turns the clock, and lets everybody go some rounds."""
        self.clock.move(seconds)
        self.phase += 1
        phase = self.phase
        assert wait_until(lambda: self.trouble or self.rounds[phase]
                          >= 5 * people, 60), (self.rounds, self.trouble)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)
        assert self.trouble == []


class TestJumpsUnderLoad:

    JUMPS = (3600, -3600, 2 * DAY, -2 * DAY, 2 * DAY, -2 * DAY)

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of)

    def test_use_no_code_twice_and_bring_no_session_back(
            self, httpd, clock):
        """F9, F10, SES-07, OTP-02: an hour and two days, there and back."""
        people = [enrol_with(newcomer(httpd), clock) for _ in range(4)]
        for person in people:
            person.codes = codes_on(person.get("/2fa/recovery-codes"))
        clock.move(60)
        load = Load(people, clock)
        try:
            for seconds in (0, *self.JUMPS):
                load.jump(seconds, len(people))
        finally:
            load.end()
        statuses = set().union(*load.statuses.values())
        assert {200, 303, 422} <= statuses, statuses
        assert max(load.statuses[load.phase]) < 500     # of none that stays
        for good in load.seen.values():
            assert good == sorted(good, reverse=True), good
        for person in people:
            steps = load.accepted[name_of(person)]
            assert len(steps) >= 3                      # at each new time
            assert steps == sorted(set(steps))
            assert len(Database(httpd).sessions(name_of(person))) \
                <= 1 + len(steps) + load.unknown
        self.check_the_way_out(httpd, clock, people[0])

    def check_the_way_out(self, httpd, clock, person):
        """F9: the time is right again; its last token is of the future."""
        clock.move(3600)                # whatever wait there is
        before = httpd.log.text().count("CP2FA140: ")
        _, answer = enter(person, person.device.code(clock.step()))
        assert answer.status_code == 422, dump(answer)
        assert httpd.log.text().count("CP2FA140: ") == before + 1
        clock.move(3600)
        browser = another(person)
        assert location(recover(browser, person.codes[0])) and is_in(browser)
        phone = begin(browser)
        location(browser.post_form("/2fa/enroll", {
            "token": phone.code(clock.step())}))
        other, answer = enter(person, phone.code(clock.step() + 1))
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
