"""Wrong tokens: the delay, the budget, the lock, and what never counts."""
import pytest
import requests
from requests.adapters import HTTPAdapter

from cp2fa.client import Client, dump, location
from cp2fa.clock import StillClock, enrol_with
from cp2fa.database import Database
from cp2fa.people import (HINT, PASSWORD, alert_of, another, csrf_of, guard,
                          is_in, name_of, newcomer, serve, session_of,
                          together)
from cp2fa.race import MANY_CHILDREN, Racer, race, session_in

FREE = 3        # wrong ones until the first delay
DELAYS = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


@pytest.fixture(scope="class")
def clock(workshop):
    return StillClock(workshop)


class Victim:
    """An account whose password is known, at a server with a clock."""

    def __init__(self, httpd, clock):
        self.clock = clock
        self.owner = enrol_with(newcomer(httpd), clock)
        self.phone = self.owner.device
        self.database = Database(httpd)
        self.name = name_of(self.owner)
        clock.move(300)         # so that every code of now is unused

    def right(self, offset=0):
        return self.phone.code(self.clock.step() + offset)

    def wrong(self):
        return self.phone.wrong(self.clock.step())

    def guess(self, times=1, browser=None):
        """Wrong tokens; the last answer."""
        browser = browser or another(self.owner)
        for _ in range(times):
            answer = browser.login_token(self.wrong())
            assert answer.status_code in (422, 429), dump(answer)
            assert session_of(answer) is None
        return answer

    def failures(self):
        return self.database.failures(self.name)

    def enter(self, browser=None):
        """The right token of now; its answer."""
        return (browser or another(self.owner)).login_token(self.right())


@pytest.fixture(scope="class")
def httpd(httpd_of, clock):
    return clock.serve(httpd_of)


@pytest.fixture()
def victim(httpd, clock):
    return Victim(httpd, clock)


def check_wait(answer, least, most):
    """429, and says in the field and on the page how long."""
    assert answer.status_code == 429, dump(answer)
    assert session_of(answer) is None
    seconds = int(answer.headers["Retry-After"])
    assert least <= seconds <= most
    assert alert_of(answer).startswith("PIN isn't valid"), dump(answer)
    assert HINT in alert_of(answer)
    assert f"wait {seconds} second" in alert_of(answer)


class TestTheDelay:

    def test_spares_who_mistypes_once_or_twice(self, victim):
        """THR-03."""
        assert victim.guess(2).status_code == 422
        assert location(victim.enter())

    def test_begins_with_the_third_wrong_token(self, victim):
        """THR-03: which is told at once how long to wait."""
        victim.guess(2)
        third = victim.guess()
        assert third.status_code == 422
        assert 25 <= int(third.headers["Retry-After"]) <= 30

    def test_refuses_the_right_token_meanwhile(self, victim):
        """THR-01, THR-03: and the refusal tells nothing, and costs nothing."""
        victim.guess(FREE)
        wrong = another(victim.owner).login_token(victim.wrong())
        browser = another(victim.owner)
        right = browser.login_token(victim.right())
        check_wait(right, 20, 30)
        check_wait(wrong, 20, 30)
        assert browser.cookie() is None
        assert location(browser.get("/page.html")).path == "/2fa/token"
        assert victim.failures() == FREE

    def test_is_over_when_it_said_it_would_be(self, victim, clock):
        """THR-03: Retry-After is neither too short nor too long."""
        victim.guess(FREE)
        answer = victim.enter()
        check_wait(answer, 1, 30)
        clock.move(int(answer.headers["Retry-After"]) - 2)
        browser = another(victim.owner)
        assert browser.login_token(victim.right()).status_code == 429
        clock.move(2)
        assert location(browser.login_token(victim.right()))
        assert is_in(browser)

    def test_grows_from_half_a_minute_to_an_hour(self, victim, clock):
        """THR-03."""
        victim.guess(FREE)
        for delay in DELAYS:
            answer = victim.guess()
            check_wait(answer, delay - 5, delay)
            clock.move(int(answer.headers["Retry-After"]))
            victim.guess()
        assert victim.failures() == FREE + len(DELAYS)

    def test_is_no_shorter_and_no_longer_after_the_clock_was_set_back(
            self, victim, clock):
        """F10."""
        victim.guess(FREE)
        clock.move(-2 * 86400)
        try:
            check_wait(victim.guess(), 25, 3600)
        finally:
            clock.move(2 * 86400)


class TestTheBudget:
    """Of an account: never of a browser, an address or a server."""

    def test_is_one_for_all_browsers(self, victim):
        """THR-02."""
        for _ in range(FREE):
            victim.guess(browser=another(victim.owner))
        check_wait(victim.enter(), 1, 30)

    def test_is_one_for_all_addresses_whatever_a_client_says_of_itself(
            self, victim):
        """THR-02, THR-11."""
        for n in range(FREE):
            browser = another(victim.owner)
            browser.http.mount("https://", From(f"127.0.0.{n + 2}"))
            browser.http.headers.update({
                "X-Forwarded-For": f"203.0.113.{n}",
                "Forwarded": f"for=203.0.113.{n}",
                "X-Real-IP": f"203.0.113.{n}"})
            victim.guess(browser=browser)
        check_wait(victim.enter(), 1, 30)

    def test_is_one_for_two_servers_with_one_database(
            self, httpd_of, httpd, victim, clock):
        """THR-02: nodes."""
        second = httpd_of(guard())
        second.join(httpd)
        second.configure(guard())
        second.set_password(victim.name, PASSWORD)
        with clock.worn():
            serve(second)
        victim.guess(FREE - 1)
        victim.guess(browser=another(victim.owner, second))
        check_wait(another(victim.owner, second).login_token(victim.right()),
                   1, 30)
        check_wait(victim.enter(), 1, 30)

    def test_is_spent_in_enrolments_too(self, victim):
        """THR-01: the confirmation is one more door to the same account."""
        owner = victim.owner
        location(owner.post_form("/2fa/enable", {}, on="/2fa/profile"))
        for _ in range(FREE):
            answer = owner.post_form("/2fa/enroll", {"token": "000000"})
            assert answer.status_code in (422, 429), dump(answer)
        assert victim.failures() == FREE
        check_wait(another(owner).login_token(victim.right(1)), 1, 30)

    def test_of_one_account_is_not_that_of_another(self, httpd, victim):
        """THR-02: who guesses at one locks out no other."""
        other = Victim(httpd, victim.clock)
        victim.guess(FREE)
        assert location(other.enter())


class TestManyGuessesAtOnce:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        httpd = clock.serve(httpd_of, server=MANY_CHILDREN["event"])
        httpd.log.expect("AH00484", "AH10159")      # all workers are busy
        return httpd

    def test_count_before_they_are_checked(self, httpd, victim):
        """THR-01: of two hundred, the first three are looked at."""
        code = victim.wrong()
        for _ in range(4):
            answers = race([Racer(another(victim.owner)) for _ in range(50)],
                           "/2fa/token", {"token": code})
            assert {a.status for a in answers} <= {422, 429}
            assert not any(session_in(a) for a in answers)
        assert victim.failures() == FREE
        check_wait(victim.enter(), 1, 60)


class From(HTTPAdapter):
    """Sends from another of this machine's own addresses."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **more):
        super().init_poolmanager(
            *args, source_address=(self.address, 0), **more)


class TestTheLock:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of, "TwoFactorFailureLimit 3 30d")

    @pytest.fixture()
    def locked(self, victim):
        victim.guess(3)
        return victim

    def test_refuses_the_right_token_now_and_in_two_days(self, locked, clock):
        """THR-04: time alone unlocks nothing."""
        for days in (0, 2, 40):
            clock.move(days * 86400)
            browser = another(locked.owner)
            answer = locked.enter(browser)
            assert answer.status_code == 429, dump(answer)
            assert int(answer.headers["Retry-After"]) > 0
            assert session_of(answer) is None
            assert location(browser.get("/page.html")).path == "/2fa/token"
        clock.move(-42 * 86400)

    def test_reads_like_a_wrong_token(self, victim):
        """THR-04: the words and the hint are those of any wrong PIN."""
        wrong = alert_of(victim.guess(1))
        victim.guess(2)
        assert alert_of(victim.enter()) == wrong
        assert wrong.startswith("PIN isn't valid") and HINT in wrong

    def test_is_of_the_factor_and_survives_a_restart(
            self, httpd, locked, clock):
        """THR-04."""
        with clock.worn():
            httpd.restart()
        assert locked.enter().status_code == 429

    def test_costs_no_write_for_each_further_try(self, locked):
        """F16: after the lock nothing is counted any more."""
        before = locked.database.ask("SELECT * FROM cp2fa_account")
        locked.guess(5)
        assert locked.database.ask("SELECT * FROM cp2fa_account") == before

    def test_can_not_be_left_by_enrolling_anew(self, locked):
        """THR-04, THR-09: every door leads through the same check."""
        browser = another(locked.owner)
        for path in ("/2fa/profile", "/2fa/enroll", "/2fa/qr.svg"):
            assert location(browser.get(path)).path == "/2fa/token"
        csrf = csrf_of(browser)
        for path in ("enable", "enroll", "disable", "enroll/cancel"):
            answer = browser.post(f"/2fa/{path}", {
                "csrf": csrf, "token": locked.right()})
            assert answer.status_code == 403, dump(answer)
        assert locked.enter().status_code == 429


class TestTheRollingWindow:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return clock.serve(httpd_of, "TwoFactorFailureLimit 6 30d")

    def test_is_not_reset_by_a_success(self, victim, clock):
        """THR-05."""
        for guess in range(6):
            victim.guess()
            clock.move(300)         # past any delay
            if guess in (1, 3):
                location(victim.enter())
        clock.move(86400)
        assert victim.enter().status_code == 429
        assert victim.failures() == 6

    def test_forgets_what_is_older(self, victim, clock):
        """THR-05: a rolling window, so a window later all is forgotten."""
        victim.guess(3)
        clock.move(30 * 86400 + 1)
        assert victim.guess(2).status_code == 422
        assert victim.failures() == 2
        assert location(victim.enter())


class TestWhatNeverCounts:
    """THR-07: nobody is locked out by those who lack the password."""

    def untouched(self, victim, times, ask):
        together([ask] * times, threads=8)
        assert victim.failures() == 0
        assert location(victim.enter())

    def test_is_a_post_without_a_password(self, httpd, victim):
        """THR-07."""
        nobody = Client(httpd)
        csrf = csrf_of(another(victim.owner))

        def ask():
            answer = requests.post(
                nobody.url("/2fa/token"), {"csrf": csrf, "token": "123456"},
                headers={"Origin": httpd.origin}, allow_redirects=False,
                verify=nobody.http.verify)
            assert answer.status_code == 401
        self.untouched(victim, 300, ask)

    def test_is_a_post_with_a_wrong_password(self, httpd, victim):
        """THR-07."""
        httpd.log.expect("AH01617")
        csrf = csrf_of(another(victim.owner))

        def ask():
            answer = Client(httpd, victim.name, "wrong").post(
                "/2fa/token", {"csrf": csrf, "token": "123456"})
            assert answer.status_code == 401
        self.untouched(victim, 50, ask)

    def test_is_a_post_of_another_user(self, httpd, victim):
        """THR-07: not even one who names the victim in the form."""
        mallory = newcomer(httpd)
        csrf = csrf_of(mallory, "/2fa/profile")
        self.untouched(victim, 20, lambda: mallory.post("/2fa/token", {
            "csrf": csrf, "token": "123456", "username": victim.name,
            "user": victim.name}))

    def test_is_a_post_from_another_site(self, victim):
        """THR-07, CSRF-03."""
        browser = another(victim.owner)
        csrf = csrf_of(browser)
        self.untouched(victim, 20, lambda: browser.post(
            "/2fa/token", {"csrf": csrf, "token": victim.wrong()},
            headers={"Sec-Fetch-Site": "cross-site"}))

    def test_is_a_post_without_the_forms_secret(self, victim):
        """THR-07, CSRF-01."""
        browser = another(victim.owner)
        browser.page("/2fa/token")
        self.untouched(victim, 20, lambda: browser.post(
            "/2fa/token", {"token": victim.wrong()}))
