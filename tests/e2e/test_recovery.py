"""Recovery codes: a second factor for who has lost the phone."""
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from cp2fa.client import dump, location
from cp2fa.clock import StillClock, enrol_with
from cp2fa.codes import (CODE, NO_CODE, PAGE, codes_on, recover, renew,
                         with_codes)
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, register
from cp2fa.oath import Device
from cp2fa.people import (alert_of, another, enrolled, guard, is_in, name_of,
                          newcomer, serve, session_of, together)
from cp2fa.race import MANY_CHILDREN, Racer, race, session_in


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard(), trace=True))


@pytest.fixture()
def alice(httpd):
    return with_codes(httpd)


def events(httpd, client, kind):
    return Database(httpd).ask(
        "SELECT address FROM cp2fa_event WHERE name = ? AND kind = ?",
        name_of(client), kind)


def check_denied(browser, answer, status=422):
    assert answer.status_code == status, dump(answer)
    assert session_of(answer) is None
    assert alert_of(answer)
    assert browser.cookie() is None
    assert location(browser.get("/page.html")).path == "/2fa/token"


class TestASetOfCodes:

    def test_is_where_the_enrolment_leads(self, httpd):
        browser = newcomer(httpd)
        location(browser.post_form("/2fa/enable", {}, on="/2fa/profile"))
        link = browser.page("/2fa/enroll").link("otpauth://")
        device = Device(parse_qs(urlsplit(link).query)["secret"][0])
        done = browser.post_form("/2fa/enroll", {"token": device.code()})
        assert done.headers["Location"].endswith("/2fa/recovery-codes")
        codes = codes_on(browser.get(PAGE))
        assert len(set(codes)) == 10

    def test_is_shown_once(self, httpd, alice):
        """REC-01."""
        again = alice.get(PAGE)
        assert again.status_code == 200
        assert not CODE.search(again.text)
        assert "10" in again.text

    def test_is_shown_to_the_session_that_enrolled(self, httpd):
        """REC-01."""
        alice = enrolled(httpd)
        other = another(alice)
        location(other.login_token(alice.device.code()))
        assert codes_on(other.get(PAGE)) == []
        assert len(codes_on(alice.get(PAGE))) == 10

    def test_is_not_spent_by_a_head(self, httpd):
        alice = enrolled(httpd)
        assert alice.request("HEAD", PAGE).status_code == 200
        assert len(codes_on(alice.get(PAGE))) == 10

    def test_is_not_kept_by_anybody(self, httpd, alice):
        """REC-01, LOG-01, ENR-07."""
        answer = alice.post_form(PAGE, {}, on=PAGE)
        assert location(answer).path == PAGE
        shown = alice.get(PAGE)
        assert shown.headers["Cache-Control"] == "no-store"
        recover(another(alice), codes_on(shown)[0])
        kept = Database(httpd).dump() + httpd.log.text() + (
            httpd.root / "logs" / "access.log").read_text()
        for code in codes_on(shown) + alice.codes:
            assert code not in kept
            assert code.replace("-", "") not in kept
            assert code.replace("-", "%2D") not in kept

    def test_takes_the_place_of_the_one_before(self, alice):
        """REC-04."""
        new = renew(alice)
        assert len(new) == 10 and not set(new) & set(alice.codes)
        browser = another(alice)
        check_denied(browser, recover(browser, alice.codes[0]))
        location(recover(browser, new[0]))
        assert is_in(browser)

    def test_is_good_until_the_new_one_is_shown(self, alice):
        """REC-04: who presses the button and goes away loses nothing."""
        location(alice.post_form(PAGE, {}, on=PAGE))
        browser = another(alice)
        location(recover(browser, alice.codes[0]))
        assert is_in(browser)

    def test_goes_when_two_factor_auth_is_disabled(self, httpd, alice):
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert Database(httpd).ask("SELECT * FROM cp2fa_code WHERE account ="
                                   " (SELECT id FROM cp2fa_account WHERE"
                                   " name = ?)", name_of(alice)) == []

    def test_is_for_those_with_a_device(self, httpd):
        carol = newcomer(httpd)
        page = carol.page("/2fa/profile").forms[0].fields
        answer = carol.post(PAGE, {"csrf": page["csrf"]})
        assert answer.status_code == 422, dump(answer)
        assert "2-factor authentication is off" in alert_of(answer)
        assert codes_on(carol.get(PAGE)) == []

    def test_needs_the_second_factor(self, alice):
        browser = another(alice)
        assert location(browser.get(PAGE)).path == "/2fa/token"
        csrf = browser.page("/2fa/token").forms[0].fields["csrf"]
        assert browser.post(PAGE, {"csrf": csrf}).status_code == 403

    def test_can_be_saved_as_text(self, alice):
        location(alice.post_form(PAGE, {}, on=PAGE))
        shown = alice.get(PAGE)
        start = 'href="data:text/plain;charset=utf-8,'
        link = shown.text.split(start)[1].split('"')[0]
        saved = unquote(link).splitlines()
        assert saved[0] == f"Recovery codes for {name_of(alice)}"
        assert list(filter(CODE.fullmatch, saved)) == codes_on(shown)


class TestARecoveryCode:

    def test_is_a_second_factor(self, httpd, alice):
        browser = another(alice)
        wanted = location(browser.get("/page.html?a=b"))
        page = browser.page(f"{wanted.path}?{wanted.query}")
        on = page.link("/2fa/recovery?")
        answer = browser.post_form("/2fa/recovery",
                                   {"code": alice.codes[0]}, on=on)
        assert location(answer).path == "/page.html"
        assert location(answer).query == "a=b"
        assert is_in(browser)
        rows = Database(httpd).ask("SELECT amr FROM cp2fa_session s JOIN"
                                   " cp2fa_account a ON a.id = s.account"
                                   " WHERE a.name = ?", name_of(alice))
        assert rows == [("pwd rc",)]

    def test_works_once(self, httpd, alice):
        """REC-02."""
        location(recover(another(alice), alice.codes[0]))
        browser = another(alice)
        answer = recover(browser, alice.codes[0])
        check_denied(browser, answer)
        assert "Recovery code isn't valid" in alert_of(answer)
        assert Database(httpd).failures(name_of(alice)) == 1

    def test_may_be_typed_in_any_way(self, alice):
        for n, spelling in enumerate([
                str.lower, lambda c: c.replace("-", " "),
                lambda c: c.replace("-", ""), lambda c: f"  {c} ",
                lambda c: c.replace("0", "O").replace("1", "l")]):
            browser = another(alice)
            location(recover(browser, spelling(alice.codes[n])))
            assert is_in(browser)

    @pytest.mark.parametrize("typed", [
        "", " ", "123456", NO_CODE[:-1], NO_CODE + "0", "U" * 25, "é" * 25,
        "'; DROP TABLE cp2fa_code; --", "x" * 4000])
    def test_is_refused_and_not_counted_when_it_is_none(
            self, httpd, alice, typed):
        browser = another(alice)
        check_denied(browser, recover(browser, typed, "/page.html"))
        assert Database(httpd).failures(name_of(alice)) == 0

    def test_of_another_account_is_wrong(self, httpd, alice):
        other = with_codes(httpd)
        browser = another(alice)
        check_denied(browser, recover(browser, other.codes[0]))
        location(recover(another(other), other.codes[0]))

    def test_ends_every_other_session(self, httpd, alice):
        """SES-05."""
        assert is_in(alice)
        browser = another(alice)
        location(recover(browser, alice.codes[0]))
        assert not is_in(alice)
        assert len(Database(httpd).sessions(name_of(alice))) == 1

    def test_tells_the_owner_and_the_audit_trail(self, httpd, alice):
        """REC-02, ENR-10."""
        address = register(httpd, alice)
        location(recover(another(alice), alice.codes[0]))
        assert len(events(httpd, alice, "recovery-used")) == 1
        [mail] = Mailbox(httpd.root / "mail").wait(1, address)
        assert "recovery code" in mail["Subject"]

    def test_is_no_use_without_a_device(self, httpd):
        carol = newcomer(httpd)
        assert location(carol.get("/2fa/recovery")).path == "/2fa/profile"

    def test_shows_how_many_are_left_when_few_are(self, alice):
        for code in alice.codes[:6]:
            browser = another(alice)
            assert location(recover(browser, code, "/page.html")).path \
                == "/page.html"
        browser = another(alice)
        answer = recover(browser, alice.codes[6], "/page.html")
        assert location(answer).path == "/2fa/profile"
        profile = browser.get(answer.headers["Location"])
        assert "only 3 recovery codes left" in profile.text
        assert 'href="/page.html"' in profile.text
        assert is_in(browser)

    def test_lets_replace_the_lost_phone(self, alice):
        """The way of who lost it: code, Replace, scan, done."""
        browser = another(alice)
        location(recover(browser, alice.codes[0]))
        assert "Is your phone lost" in browser.get("/2fa/profile").text
        device = browser.enrol()
        assert not is_in(alice)
        old = another(alice)
        assert old.login_token(alice.device.code()).status_code == 422
        location(old.login_token(device.code()))
        assert is_in(old)
        # and the list goes on being good
        third = another(alice)
        location(recover(third, alice.codes[1]))
        assert is_in(third)

    def test_lets_disable_it_all(self, alice):
        browser = another(alice)
        location(recover(browser, alice.codes[0]))
        location(browser.post_form("/2fa/disable", {}, on="/2fa/profile"))
        assert is_in(another(alice))


class TestManyAtOnce:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard(), server=MANY_CHILDREN["event"])
        httpd.log.expect("AH00484", "AH10159")
        return serve(httpd)

    def test_with_one_code_one_gets_in(self, httpd, alice):
        """REC-02."""
        answers = race([Racer(another(alice)) for _ in range(50)],
                       "/2fa/recovery", {"code": alice.codes[0]})
        assert {a.status for a in answers} <= {303, 422, 429}
        won = [session_in(a) for a in answers if session_in(a)]
        assert len(won) == 1
        assert len(events(httpd, alice, "recovery-used")) == 1
        assert another(alice).get("/page.html", headers={
            "Cookie": won[0]}).text == "the content"

    def test_asking_for_the_set_one_sees_it(self, httpd):
        """REC-01."""
        alice = enrolled(httpd)
        shown = together([lambda: codes_on(alice.get(PAGE))] * 20, 10)
        assert sorted(map(len, shown)) == [0] * 19 + [10]


class TestTheThrottle:

    @pytest.fixture(scope="class")
    def clock(self, workshop):
        return StillClock(workshop)

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        with clock.worn():
            return serve(httpd_of(guard("TwoFactorFailureLimit 4 30d")))

    @pytest.fixture()
    def alice(self, httpd, clock):
        alice = enrol_with(newcomer(httpd), clock)
        alice.codes = codes_on(alice.get(PAGE))
        clock.move(300)
        return alice

    def guess_token(self, alice, clock):
        return another(alice).login_token(
            alice.device.wrong(clock.step()))

    def test_is_one_for_codes_and_tokens(self, httpd, alice, clock):
        """REC-02, THR-01."""
        self.guess_token(alice, clock)
        recover(another(alice), NO_CODE)
        self.guess_token(alice, clock)
        browser = another(alice)
        answer = recover(browser, alice.codes[0])
        check_denied(browser, answer, 429)
        assert 0 < int(answer.headers["Retry-After"]) <= 30
        assert "please wait" in alert_of(answer)
        assert another(alice).login_token(
            alice.device.code(clock.step())).status_code == 429
        clock.move(31)
        location(recover(browser, alice.codes[0]))
        assert Database(httpd).failures(name_of(alice)) == 3

    def test_unlocks_a_locked_factor(self, httpd, alice, clock):
        """THR-04, THR-09."""
        for _ in range(4):
            self.guess_token(alice, clock)
            clock.move(120)
        clock.move(2 * 86400)
        right = alice.device.code(clock.step())
        assert another(alice).login_token(right).status_code == 429
        browser = another(alice)
        check_denied(browser, recover(browser, NO_CODE))
        location(recover(browser, alice.codes[0]))
        assert is_in(browser)
        assert Database(httpd).failures(name_of(alice)) == 0
        location(another(alice).login_token(right))

    def test_is_not_prolonged_once_it_has_locked(self, httpd, alice, clock):
        """Nobody can keep the owner out with wrong codes."""
        for _ in range(4):
            self.guess_token(alice, clock)
            clock.move(120)
        before = Database(httpd).ask("SELECT * FROM cp2fa_account")
        for _ in range(5):
            assert recover(another(alice), NO_CODE).status_code == 422
        assert Database(httpd).ask("SELECT * FROM cp2fa_account") == before
        location(recover(another(alice), alice.codes[0]))
