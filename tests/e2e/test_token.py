"""The second factor, entered on the token page."""
import re

import pytest

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.oath import code_at, now_step
from cp2fa.people import (HINT, alert_of, another, csrf_of, enrolled, guard,
                          is_in, name_of, newcomer, serve, session_of,
                          wait_until)
from cp2fa.race import MANY_CHILDREN, Racer, race, session_in

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


def check_denied(browser, answer, status=422):
    """No session, no content, and the words that were asked for."""
    assert answer.status_code == status, dump(answer)
    assert session_of(answer) is None
    assert alert_of(answer).startswith("PIN isn't valid"), dump(answer)
    assert browser.cookie() is None
    assert location(browser.get("/page.html")).path == "/2fa/token"


class TestAToken:

    def test_of_now_lets_in_where_the_browser_wanted_to_go(self, alice):
        browser = another(alice)
        wanted = location(browser.get("/page.html?a=b"))
        answer = browser.post_form(
            "/2fa/token", {"token": alice.device.code()},
            on=f"{wanted.path}?{wanted.query}")
        assert location(answer).path == "/page.html"
        assert location(answer).query == "a=b"
        assert session_of(answer)
        assert browser.get("/page.html").text == "the content"

    def test_that_is_wrong_is_told_with_the_hint_of_the_clock(self, alice):
        browser = another(alice)
        answer = browser.login_token(alice.device.wrong_code())
        check_denied(browser, answer)
        assert HINT in alert_of(answer)

    def test_of_another_account_is_wrong(self, httpd, alice):
        other = enrolled(httpd)
        browser = another(alice)
        check_denied(browser, browser.login_token(other.device.code()))

    @pytest.mark.parametrize("typed", [
        " {}", "{} ", "\t{}\t", "{0[0]} {0[1]} {0[2]}", "{0[0]}-{0[1]}{0[2]}"])
    def test_may_be_typed_with_blanks_and_dashes(self, alice, typed):
        """OTP-08: they are stripped."""
        code = alice.device.code()
        if "[" in typed:
            code = [code[:2], code[2:4], code[4:]]
        browser = another(alice)
        location(browser.login_token(typed.format(code)))
        assert is_in(browser)

    @pytest.mark.parametrize("fields", [
        {"ts": "{later}"}, {"time": "{later}"}, {"timestamp": "{later}"},
        {"step": "{later}"}, {"now": "{later}"}])
    def test_is_of_the_servers_time_whatever_a_form_says(
            self, alice, fields):
        """OTP-10: there is no field for the time."""
        browser = another(alice)
        later = (now_step() + 20) * 30
        answer = browser.post_form("/2fa/token", {
            "token": code_at(alice.device.secret, now_step() + 20),
            **{name: value.format(later=later)
               for name, value in fields.items()}})
        check_denied(browser, answer)

    def test_is_of_the_servers_time_whatever_a_header_says(self, alice):
        """OTP-10."""
        browser = another(alice)
        date = {"Date": "Tue, 01 Jan 2030 00:00:15 GMT"}
        of_then = code_at(alice.device.secret, 1893456000 // 30)
        answer = browser.post("/2fa/token", {
            "csrf": csrf_of(browser), "token": of_then}, headers=date)
        check_denied(browser, answer)
        answer = browser.post("/2fa/token", {
            "csrf": csrf_of(browser), "token": alice.device.code()},
            headers=date)
        assert location(answer) and is_in(browser)

    def test_is_not_asked_of_who_has_none(self, httpd):
        carol = newcomer(httpd)
        answer = carol.post("/2fa/token", {
            "csrf": csrf_of(carol, "/2fa/profile"), "token": "123456"})
        assert session_of(answer) is None
        assert carol.cookie() is None


class TestATokenThatIsNone:

    MALFORMED = [
        "", " ", "-", "1", "12345", "1234567", "12345678", "+12345",
        "+123456", "-12345", "0x1234", "0x1e240", "1e5", "1.2345", "12345a",
        "abcdef", "123456a", "123456;", "123456'", "' OR 1=1 --", "12 34 5",
        "123456\n", "123456\r\n", "1234\u00a056", "123456\u200b",
        "\ufeff123456", "½23456", "²23456", "123456%00", "null", "NaN",
        "9" * 4000]

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return enrolled(httpd)

    @pytest.fixture(scope="class")
    def browser(self, alice):
        return another(alice)

    @pytest.mark.parametrize("typed", MALFORMED, ids=ascii)
    def test_comes_back_on_the_same_page_and_counts_for_nothing(
            self, httpd, browser, typed):
        """OTP-08."""
        answer = browser.login_token(typed, back="/page.html?x=y")
        check_denied(browser, answer)
        assert "<title>Error: Enter your PIN" in answer.text
        assert 'value="/page.html?x=y"' in answer.text  # still knows the way
        assert Database(httpd).failures(name_of(browser)) == 0

    @pytest.mark.parametrize("change", [
        lambda code: code + "0", lambda code: "0" + code,
        lambda code: code[:-1], lambda code: code[1:],
        lambda code: code.translate(FULL_WIDTH),
        lambda code: code.translate(ARABIC), lambda code: "+" + code,
        lambda code: code + "\x0b", lambda code: code + "."],
        ids=["a digit more", "a zero in front", "without the last",
             "without the first", "full-width digits", "Arabic digits",
             "with a sign", "with a vertical tab", "with a full stop"])
    def test_may_be_near_to_the_right_one(self, httpd, alice, browser,
                                          change):
        """OTP-08: the right code, spoilt, is none."""
        code = code_at(alice.device.secret, now_step() + 2)
        check_denied(browser, browser.login_token(change(code)))
        assert Database(httpd).failures(name_of(browser)) == 0

    def test_may_hold_a_nul_or_be_no_text_at_all(self, alice, browser):
        """OTP-08, INP-01: a form that can't be read is 400."""
        code = code_at(alice.device.secret, now_step() + 2)
        for raw in (f"{code}%00", f"%00{code}", f"{code}%c0%80",
                    f"{code}%ff", f"{code}&token={code}", f"{code}%"):
            answer = browser.post(
                "/2fa/token", f"csrf={csrf_of(browser)}&token={raw}",
                headers={"Content-Type":
                         "application/x-www-form-urlencoded"})
            assert answer.status_code == 400, (raw, dump(answer))
            assert browser.cookie() is None
            assert alert_of(answer)

    def test_may_be_missing(self, httpd, browser):
        """OTP-08."""
        answer = browser.post("/2fa/token", {"csrf": csrf_of(browser)})
        check_denied(browser, answer)
        assert Database(httpd).failures(name_of(browser)) == 0

    def test_does_not_spoil_the_right_one(self, alice, browser):
        """The last of this class: after all that, the code still works."""
        assert location(browser.login_token(alice.device.code()))
        assert is_in(browser)


class TestATokenUsedBefore:

    def test_is_refused_in_any_other_browser_and_again_in_the_same(
            self, alice):
        """OTP-02."""
        code = alice.device.code()
        first, second = another(alice), another(alice)
        location(first.login_token(code))
        check_denied(second, second.login_token(code))
        again = first.post("/2fa/token", {
            "csrf": csrf_of(first, "/2fa/profile"), "token": code})
        assert session_of(again) is None
        assert is_in(first)

    def test_is_refused_after_its_session_ended(self, alice):
        """OTP-02: logging out gives nothing back."""
        code = alice.device.code()
        browser = another(alice)
        location(browser.login_token(code))
        location(browser.post_form("/2fa/logout", {}, on="/2fa/profile"))
        check_denied(browser, browser.login_token(code))

    def test_is_refused_after_a_restart(self, httpd, alice):
        """OTP-02: what was used is on the disk."""
        code = alice.device.code()
        location(another(alice).login_token(code))
        httpd.restart()
        browser = another(alice)
        check_denied(browser, browser.login_token(code))

    @pytest.mark.parametrize("back", [1, 2, 5])
    def test_takes_all_earlier_ones_with_it(self, alice, back):
        """OTP-03."""
        step = now_step() + 4
        location(another(alice).login_token(
            code_at(alice.device.secret, step)))
        browser = another(alice)
        check_denied(browser, browser.login_token(
            code_at(alice.device.secret, step - back)))
        location(browser.login_token(code_at(alice.device.secret, step + 1)))
        assert is_in(browser)

    @pytest.mark.parametrize("spelling", [
        lambda code: code[:3] + " " + code[3:], lambda code: code + " ",
        lambda code: " " + code, lambda code: "-".join(code),
        lambda code: code + "\t", lambda code: code.translate(FULL_WIDTH),
        lambda code: code.translate(ARABIC), lambda code: code + "\n",
        lambda code: "0" + code],
        ids=["123 456", "123456 ", " 123456", "1-2-3-4-5-6", "with a tab",
             "full-width digits", "Arabic digits", "with a newline",
             "0123456"])
    def test_is_refused_however_it_is_spelled(self, alice, spelling):
        """OTP-04: what is kept is the step, not what was typed."""
        code = alice.device.code()
        location(another(alice).login_token(code))
        browser = another(alice)
        check_denied(browser, browser.login_token(spelling(code)))

    def test_has_a_line_of_its_own_in_the_log(self, httpd, alice):
        """OTP-11."""
        code = alice.device.code()
        location(another(alice).login_token(code))
        another(alice).login_token(alice.device.wrong_code())
        mine = f"user {name_of(alice)},"
        assert not [line for line in httpd.log.text().splitlines()
                    if "otp_replay" in line and mine in line]
        another(alice).login_token(code)
        lines = [line for line in httpd.log.text().splitlines()
                 if "otp_replay" in line and mine in line]
        assert len(lines) == 1
        assert re.search(r"CP2FA\d+: ", lines[0])
        assert code not in lines[0]

    def test_reads_like_a_wrong_one(self, alice):
        """Who guesses learns nothing from having guessed a used one."""
        code = alice.device.code()
        location(another(alice).login_token(code))
        used = another(alice).login_token(code)
        wrong = another(alice).login_token(alice.device.wrong_code())
        assert used.status_code == wrong.status_code == 422
        assert alert_of(used) == alert_of(wrong)


class TestOneTokenManyTimesAtOnce:

    @pytest.fixture(scope="class", params=["event", "prefork"])
    def httpd(self, request, httpd_of):
        httpd = httpd_of(
            guard() + 'CustomLog logs/children.log "%P %r"\n',
            mpm=request.param, server=MANY_CHILDREN[request.param])
        httpd.log.expect("AH00161", "AH00484", "AH10159")   # all are busy
        return serve(httpd)

    def children(self, httpd):
        """Those who have answered a post; a child logs after it answered."""
        log = httpd.root / "logs" / "children.log"
        return {line.split()[0] for line in log.read_text().splitlines()
                if " POST " in line}

    def race(self, alice, code, count):
        """That code from that many browsers: the sessions it gave."""
        answers = race([Racer(another(alice)) for _ in range(count)],
                       "/2fa/token", {"token": code})
        assert {a.status for a in answers} <= {303, 422, 429}, answers
        return [session_in(a) for a in answers if session_in(a)]

    def test_gives_one_session(self, httpd):
        """OTP-05, F17: of 200 posts, or of as many as prefork has children."""
        alice = enrolled(httpd)
        code = alice.device.code()
        sizes = [50] * 4 if httpd.mpm == "event" else [20]
        won = [one for size in sizes for one in self.race(alice, code, size)]
        assert len(won) == 1
        assert another(alice).get("/page.html", headers={
            "Cookie": won[0]}).text == "the content"
        assert len(Database(httpd).sessions(name_of(alice))) == 2  # + hers
        assert wait_until(lambda: len(self.children(httpd)) >= 4)

    def test_gives_one_session_whenever_the_throttle_lets_more_try(
            self, httpd):
        """OTP-05: three tries fit under it, so there the step decides."""
        for _ in range(10):
            alice = enrolled(httpd)
            won = self.race(alice, alice.device.code(), 3)
            alice.http.close()
            assert len(won) == 1
            assert len(Database(httpd).sessions(name_of(alice))) == 2
