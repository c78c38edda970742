"""A session: how it begins, whose it is, and what ends it."""
import hashlib
import re
import secrets

import pytest

from cp2fa.client import SESSION, location
from cp2fa.clock import Clock, StillClock, enrol_with
from cp2fa.database import Database
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in,
                          name_of, newcomer, serve, session_of, wait_until)

PRE = SESSION + "-pre"
NO_CACHE = "TwoFactorSessionCache none"


@pytest.fixture(scope="class")
def clock(workshop):
    return StillClock(workshop)


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


def log_in(client):
    """Another browser of the same person, with both factors."""
    browser = another(client)
    browser.id = session_of(browser.login_token(client.device.code()))
    assert browser.id and is_in(browser)
    return browser


def with_cookie(client, value, name=SESSION):
    """What a browser sees that sends just this cookie."""
    return another(client).get("/page.html", headers={
        "Cookie": f"{name}={value}"})


def is_dead(client, value):
    answer = with_cookie(client, value)
    return answer.status_code == 303 \
        and location(answer).path == "/2fa/token"


def end(browser, page="/2fa/profile"):
    """Logs out; the answer."""
    return browser.post_form("/2fa/logout", {}, on=page)


class TestASessionId:

    def test_is_64_hex_digits_that_no_file_holds(self, httpd, alice):
        """SES-01: the database knows a hash of it."""
        browser = log_in(alice)
        assert re.fullmatch("[0-9a-f]{64}", browser.id)
        stored = {row[0] for row in Database(httpd).sessions(name_of(alice))}
        assert hashlib.sha256(bytes.fromhex(browser.id)).hexdigest() in stored
        for path in httpd.root.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert browser.id.encode() not in content, path
                assert bytes.fromhex(browser.id) not in content, path

    def test_is_not_the_hash_that_the_database_holds(self, httpd, alice):
        """SES-01, CRY-01: who reads the database can't take one over."""
        log_in(alice)
        for (stored,) in Database(httpd).sessions(name_of(alice)):
            assert is_dead(alice, stored)

    def test_is_never_given_twice(self, alice):
        """SES-01."""
        given = [log_in(alice).id for _ in range(8)]
        assert len(set(given)) == 8
        for at in range(0, 64, 8):      # no part of it stays the same
            assert len({one[at:at + 8] for one in given}) == 8

    def test_is_not_the_one_that_a_browser_brought_along(self, httpd, alice):
        """SES-02: fixation, of both cookies."""
        planted = secrets.token_hex(32)
        for name in (SESSION, PRE):
            browser = another(alice)
            browser.http.cookies.set(name, planted, domain="localhost.local",
                                     path="/", secure=True)
            answer = browser.login_token(alice.device.code())
            assert location(answer)
            assert session_of(answer) not in (None, planted)
            assert is_dead(alice, planted)
            assert with_cookie(alice, planted, PRE).status_code == 303

    def test_is_not_that_of_the_time_before_the_pin(self, alice):
        """SES-02: the cookie of the token page is worth nothing later."""
        browser = another(alice)
        before = session_of(browser.get("/2fa/token"), PRE)
        assert before
        answer = browser.login_token(alice.device.code())
        assert session_of(answer) != before
        assert is_dead(alice, before)
        assert not browser.http.cookies.get(PRE)    # and taken back

    def test_changes_with_each_further_pin(self, alice):
        """SES-02: the one before is dead."""
        browser = log_in(alice)
        answer = browser.post("/2fa/token", {
            "csrf": csrf_of(browser, "/2fa/profile"),
            "token": alice.device.code()})
        assert session_of(answer) not in (None, browser.id)
        assert is_in(browser)
        assert is_dead(alice, browser.id)

    def test_changes_with_an_enrolment(self, alice):
        """SES-02."""
        before = alice.cookie().partition("=")[2]
        alice.enrol()
        assert alice.cookie().partition("=")[2] != before
        assert is_in(alice)
        assert is_dead(alice, before)


@pytest.mark.parametrize("cache", ["", NO_CACHE], ids=["cached", "uncached"],
                         scope="class")
class TestTime:
    """Of a server whose clock we set; sessions idle for 1m, last 10m."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock, cache):
        return clock.serve(httpd_of, "TwoFactorSessionIdle 1m",
                           "TwoFactorSessionLifetime 10m", server=cache)

    @pytest.fixture()
    def alice(self, httpd, clock):
        return enrol_with(newcomer(httpd), clock)

    def is_used(self, alice, clock):
        """Is in, and that is noted in the database: behind the request."""
        return is_in(alice) and wait_until(lambda: Database(alice.httpd).ask(
            "SELECT MAX(s.last_seen) FROM cp2fa_session s JOIN cp2fa_account a"
            " ON a.id = s.account WHERE a.name = ?",
            name_of(alice))[0][0] == clock.now())

    def test_ends_a_session_that_is_idle(self, alice, clock):
        """SES-03."""
        assert is_in(alice)
        clock.move(50)
        assert is_in(alice)
        clock.move(61)
        assert not is_in(alice)
        assert location(alice.get("/2fa/profile")).path == "/2fa/token"

    def test_does_not_end_one_that_is_used(self, alice, clock):
        """SES-03: each request counts."""
        for _ in range(5):
            clock.move(50)
            assert self.is_used(alice, clock)

    def test_ends_a_session_that_is_used_all_the_time(self, alice, clock):
        """SES-03: the absolute end."""
        passed = 0
        while passed + 50 < 600:
            clock.move(50)
            passed += 50
            assert self.is_used(alice, clock)
        clock.move(51)
        assert not is_in(alice)

    def test_set_back_ends_a_session_from_the_future(self, alice, clock):
        """SES-07."""
        assert is_in(alice)
        clock.move(-3600)
        assert not is_in(alice)
        clock.move(3600)

    def test_set_back_does_not_revive_a_session_that_ended(
            self, alice, clock):
        """SES-07."""
        clock.move(100)
        assert not is_in(alice)
        clock.move(-90)
        assert not is_in(alice)

    def test_set_back_does_not_prolong_a_session(self, alice, clock):
        """SES-07: ten minutes after its begin it ends, by any clock."""
        for _ in range(3):
            clock.move(50)
            assert is_in(alice)
            clock.move(-30)     # by less than what counts as the future
            assert is_in(alice)
        clock.move(541)
        assert not is_in(alice)


class TestWhatTheDatabaseSays:
    """SES-03, SES-07: no cache, so a changed row is seen at once."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard(), server=NO_CACHE))

    @pytest.mark.parametrize("column, seconds, good", [
        ("created", 0, True), ("last_seen", -1000, True),
        ("created", 3600, False), ("last_seen", 3600, False),
        ("created", -43201, False), ("last_seen", -1801, False),
        ("ends", -43201, False)])
    def test_of_a_sessions_times_is_believed(
            self, httpd, alice, column, seconds, good):
        """SES-03, SES-07: the defaults are 30 minutes and 12 hours."""
        assert is_in(alice)
        assert Database(httpd).tell(
            f"UPDATE cp2fa_session SET {column} = {column} + ? WHERE account"
            " IN (SELECT id FROM cp2fa_account WHERE name = ?)",
            seconds, name_of(alice)) == 1
        assert is_in(alice) == good


class TestLoggingOut:

    def test_ends_the_session_on_the_server(self, httpd, alice):
        """SES-04: whoever copied the cookie has nothing."""
        browser = log_in(alice)
        answer = end(browser)
        assert location(answer).path == "/2fa/signed-out"
        assert answer.headers["Clear-Site-Data"].startswith('"cache"')
        assert is_dead(alice, browser.id)
        assert not is_in(browser)
        assert browser.cookie() is None
        stored = hashlib.sha256(bytes.fromhex(browser.id)).hexdigest()
        assert (stored,) not in Database(httpd).sessions(name_of(alice))
        assert browser.page("/2fa/signed-out")

    def test_ends_no_other_session(self, httpd, alice):
        """SES-04."""
        first, second, other = log_in(alice), log_in(alice), enrolled(httpd)
        location(end(first))
        assert is_in(second) and is_in(alice) and is_in(other)

    def test_twice_or_without_a_session_is_no_error(self, alice):
        """SES-04."""
        browser = another(alice)
        assert location(end(browser, "/2fa/token")).path == "/2fa/signed-out"
        assert location(end(browser, "/2fa/token")).path == "/2fa/signed-out"

    def test_makes_the_next_login_take_a_new_pin(self, alice):
        """SES-04."""
        browser = log_in(alice)
        end(browser)
        location(browser.login_token(alice.device.code()))
        assert is_in(browser)


class TestAChangeOfFactors:
    """SES-05: others are out with their very next request, cache or not."""

    @pytest.fixture(scope="class", params=["", NO_CACHE],
                    ids=["cached", "uncached"])
    def httpd(self, request, httpd_of):
        return serve(httpd_of(guard(), server=request.param))

    def shows_a_session(self, browser):
        answer = browser.get("/2fa/profile")
        return answer.status_code == 200 and "This session" in answer.text

    def test_disabling_ends_all_sessions(self, httpd, alice):
        """SES-05."""
        others = [log_in(alice) for _ in range(3)]
        assert all(self.shows_a_session(browser) for browser in others)
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert Database(httpd).sessions(name_of(alice)) == []
        assert not any(self.shows_a_session(b) for b in [alice, *others])
        alice.enrol()
        assert not any(is_in(browser) for browser in others)

    def test_enrolling_anew_ends_all_other_sessions(self, alice):
        """SES-05."""
        others = [log_in(alice) for _ in range(3)]
        alice.enrol()
        assert not any(is_in(browser) for browser in others)
        assert is_in(alice)

    def test_by_one_user_leaves_the_others_alone(self, httpd, alice):
        """SES-05."""
        bob = enrolled(httpd)
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert is_in(bob)

    def test_is_not_there_before_it_is_confirmed(self, alice):
        """SES-05, ENR-02."""
        other = log_in(alice)
        location(alice.post_form("/2fa/enable", {}, on="/2fa/profile"))
        alice.post_form("/2fa/enroll", {"token": "000000"})
        assert is_in(other) and is_in(alice)


class TestASessionThatAnotherNodeEnded:
    """SES-05: however long nobody has asked this one for anything."""

    @pytest.mark.parametrize("idle", [70, 3500])
    def test_is_over_at_its_first_request(self, httpd_of, workshop, idle):
        clock = Clock(workshop)
        httpd = clock.serve(httpd_of, "TwoFactorSessionIdle 1h")
        alice = enrol_with(newcomer(httpd), clock)
        assert is_in(alice) and is_in(alice)
        # a while ago, so that its note is not among the last
        Database(httpd).tell("DELETE FROM cp2fa_session")
        clock.move(idle)
        assert not is_in(alice)


class TestSomebodyElsesSession:

    @pytest.mark.parametrize("cache", ["", NO_CACHE],
                             ids=["cached", "uncached"])
    def test_lets_nobody_in(self, httpd_of, cache):
        """SES-06."""
        httpd = serve(httpd_of(guard(), server=cache))
        alice, bob, carol = (enrolled(httpd) for _ in range(3))
        stolen = alice.cookie().partition("=")[2]
        assert is_dead(bob, stolen)
        assert is_dead(carol, stolen)
        assert with_cookie(alice, stolen).text == "the content"
        assert is_in(bob)

    def test_is_not_ended_by_that(self, httpd, alice):
        """SES-06: else everybody could log everybody out."""
        mallory = enrolled(httpd)
        mallory.http.cookies.set(SESSION, alice.cookie().partition("=")[2],
                                 domain="localhost.local", path="/",
                                 secure=True)
        assert is_in(alice)
        end(another(mallory), "/2fa/token")
        mallory.post_form("/2fa/logout", {}, on="/2fa/token")
        assert is_in(alice)

    def test_shows_nobody_its_owners_profile(self, httpd, alice):
        """SES-06: not even who has no second factor at all."""
        mallory = newcomer(httpd)
        answer = mallory.get("/2fa/profile",
                             headers={"Cookie": alice.cookie()})
        assert name_of(alice) not in answer.text.replace(name_of(mallory), "")


class TestCookiesThatAreNone:

    VALUES = [
        "", "0" * 64, "g" * 64, "a" * 63, "a" * 65, "A" * 64, "é" * 32,
        '"' + "a" * 64 + '"', "' OR '1'='1", "../../etc/passwd", "%00" * 20,
        "a" * 4000, "0x" + "a" * 62, "null", "a=b=c"]

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return enrolled(httpd)

    @pytest.mark.parametrize("name", [SESSION, PRE])
    @pytest.mark.parametrize("value", VALUES, ids=ascii)
    def test_are_as_good_as_none(self, alice, name, value):
        """SES-09: a fresh pre-session, and the log-in works."""
        browser = another(alice)
        sent = {"Cookie": f"{name}={value}".encode()}
        assert location(browser.get("/page.html",
                                    headers=sent)).path == "/2fa/token"
        page = browser.get("/2fa/token", headers=sent)
        assert page.status_code == 200
        if name == PRE and value != "0" * 64:
            assert session_of(page, PRE)

    def test_may_come_twice(self, alice):
        """SES-09: a tossed-in cookie must not win, nor count as proof."""
        good = alice.cookie()
        for sent in (f"{SESSION}={'0' * 64}; {good}",
                     f"{good}; {SESSION}={'0' * 64}", f"{good}; {good}"):
            answer = another(alice).get("/page.html",
                                        headers={"Cookie": sent})
            assert answer.status_code in (200, 303), sent
        answer = another(alice).get("/page.html", headers={
            "Cookie": "; ".join(f"{SESSION}={n:064x}" for n in range(100))})
        assert location(answer).path == "/2fa/token"

    def test_may_be_in_the_way_of_others(self, alice):
        """SES-09: among a hundred of other names it is found."""
        noise = "; ".join(f"c{n}={'x' * 20}" for n in range(100))
        answer = another(alice).get("/page.html", headers={
            "Cookie": f"{noise}; {alice.cookie()}; {noise}"})
        assert answer.text == "the content"

    def test_do_not_keep_a_form_from_working(self, alice):
        """SES-09: with a broken pre-session the page gives a new one."""
        browser = another(alice)
        browser.http.cookies.set(PRE, "x" * 64, domain="localhost.local",
                                 path="/", secure=True)
        answer = browser.login_token(alice.device.code())
        assert location(answer) and not alert_of(answer)
        assert is_in(browser)
