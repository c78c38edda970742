"""Changing factors takes a token that was entered a short while ago."""
import pytest

from cp2fa.client import dump, location
from cp2fa.clock import StillClock, enrol_with
from cp2fa.codes import PAGE, codes_on, recover
from cp2fa.database import Database
from cp2fa.people import (alert_of, another, csrf_of, guard, is_in, name_of,
                          newcomer, serve, session_of, wait_until)

# what changes factors, by the page that has its form
CHANGES = {"enable": "/2fa/profile", "disable": "/2fa/profile",
           "app-tokens": "/2fa/profile",
           "recovery-codes": "/2fa/recovery-codes"}
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def clock(workshop):
    return StillClock(workshop)


@pytest.fixture(scope="class")
def httpd(httpd_of, clock):
    with clock.worn():
        return serve(httpd_of(guard()))


@pytest.fixture()
def alice(httpd, clock):
    alice = enrol_with(newcomer(httpd), clock)
    alice.codes = codes_on(alice.get(PAGE))
    return alice


def wait(alice, clock, seconds):
    """Lets time go by; she goes on working, so that nothing goes idle."""
    for _ in range(seconds // 300):
        clock.move(300)
        alice.http.close()      # its connection is as old as its token
        assert is_in(alice)
        # which is noted behind the request
        assert wait_until(lambda: Database(alice.httpd).ask(
            "SELECT MAX(last_seen) FROM cp2fa_session")[0][0] == clock.now())
    clock.move(seconds % 300)


def change(client, what, **more):
    fields = {"name": "git"} if what == "app-tokens" else {}
    return client.post_form(f"/2fa/{what}", fields, on=CHANGES[what], **more)


class TestAnOldToken:

    @pytest.mark.parametrize("what", CHANGES)
    def test_is_not_enough_for_a_change(self, httpd, alice, clock, what):
        """ENR-09."""
        wait(alice, clock, 601)
        before = Database(httpd).dump()
        to = location(change(alice, what))
        assert to.path == "/2fa/token"
        assert to.query == "return=" + CHANGES[what]
        assert Database(httpd).dump() == before

    @pytest.mark.parametrize("what", CHANGES)
    def test_is_told_to_programs(self, alice, clock, what):
        wait(alice, clock, 601)
        form = alice.page(CHANGES[what]).form("/2fa/" + what)
        for headers in (JSON, {"Accept": "*/*"},
                        {"X-Requested-With": "XMLHttpRequest"}):
            answer = alice.post(form.action, form.fields, headers=headers)
            assert answer.status_code == 403, dump(answer)
            assert answer.json()["code"] == "step-up-required"

    @pytest.mark.parametrize("what", CHANGES)
    def test_is_enough_while_it_is_fresh(self, alice, clock, what):
        wait(alice, clock, 595)
        assert location(change(alice, what)).path != "/2fa/token"

    def test_is_enough_for_all_else(self, alice, clock):
        wait(alice, clock, 1200)
        assert is_in(alice)
        for page in ("profile", "enroll", "recovery-codes"):
            assert alice.get(f"/2fa/{page}").status_code == 200
        location(alice.post("/2fa/sessions/end",
                            {"csrf": csrf_of(alice, "/2fa/profile")}))
        location(alice.post_form("/2fa/logout", {}, on="/2fa/profile"))


class TestAFreshOne:

    def test_leads_back_under_a_new_id(self, httpd, alice, clock):
        """SES-02: the old id is dead at once, in the cache as well."""
        wait(alice, clock, 601)
        old = alice.cookie()
        to = location(change(alice, "disable"))
        page = alice.page(f"{to.path}?{to.query}")
        assert page.form("/2fa/token")
        answer = alice.post_form(
            "/2fa/token", {"token": alice.device.code(clock.step())},
            on=f"{to.path}?{to.query}")
        assert location(answer).path == "/2fa/profile"
        assert session_of(answer) and alice.cookie() != old
        assert len(Database(httpd).sessions(name_of(alice))) == 1
        thief = another(alice)
        assert location(thief.get("/page.html", headers={
            "Cookie": old})).path == "/2fa/token"
        assert location(change(alice, "disable")).path == "/2fa/profile"
        assert is_in(another(alice))

    def test_that_is_wrong_changes_nothing(self, alice, clock):
        wait(alice, clock, 601)
        to = location(change(alice, "enable"))
        old = alice.cookie()
        answer = alice.post_form(
            "/2fa/token", {"token": alice.device.wrong(clock.step())},
            on=f"{to.path}?{to.query}")
        assert answer.status_code == 422
        assert alert_of(answer).startswith("PIN isn't valid")
        assert alice.cookie() == old and is_in(alice)
        assert location(change(alice, "enable")).path == "/2fa/token"

    def test_may_be_a_recovery_code(self, alice, clock):
        wait(alice, clock, 601)
        location(change(alice, "enable"))
        answer = recover(alice, alice.codes[0], "/2fa/profile")
        assert location(answer).path == "/2fa/profile"
        assert location(change(alice, "enable")).path == "/2fa/enroll"

    def test_is_not_asked_for_before_it_is_due(self, alice):
        answer = alice.get("/2fa/token?return=/page.html")
        assert location(answer).path == "/page.html"


class TestWithoutAPhone:

    def test_a_recovery_code_is_as_good_as_a_token(self, alice, clock):
        """Who has lost the phone can replace it."""
        browser = another(alice)
        location(recover(browser, alice.codes[0]))
        assert location(change(browser, "enable")).path == "/2fa/enroll"
        location(change(browser, "disable"))
        assert is_in(another(alice))

    def test_another_code_is_asked_for_later(self, alice, clock):
        browser = another(alice)
        location(recover(browser, alice.codes[0]))
        wait(browser, clock, 601)
        assert location(change(browser, "enable")).path == "/2fa/token"
        location(recover(browser, alice.codes[1], "/2fa/profile"))
        assert location(change(browser, "enable")).path == "/2fa/enroll"

    def test_nothing_is_asked_for_that_nobody_has(self, httpd, alice, clock):
        """The last code is spent: there must be a way to a new phone."""
        browser = another(alice)
        Database(httpd).tell(
            "DELETE FROM cp2fa_code WHERE account = (SELECT id FROM"
            " cp2fa_account WHERE name = ?) AND rowid NOT IN (SELECT"
            " max(rowid) FROM cp2fa_code GROUP BY account)", name_of(alice))
        for code in alice.codes:
            answer = recover(browser, code)
            if answer.status_code == 303:
                break
            clock.move(3600)
        wait(browser, clock, 1200)
        assert location(change(browser, "enable")).path == "/2fa/enroll"


class TestWhoHasNoDevice:

    def test_is_asked_for_nothing(self, httpd, clock):
        carol = newcomer(httpd)
        carol.page("/2fa/profile")
        clock.move(3600)
        assert location(change(carol, "enable")).path == "/2fa/enroll"

    def test_is_asked_for_nothing_where_one_is_required(
            self, httpd_of, clock):
        with clock.worn():
            httpd = serve(httpd_of(guard(mode="required")))
        carol = newcomer(httpd)
        carol.page("/2fa/enroll")
        clock.move(3600)
        answer = carol.post_form("/2fa/enable", {}, on="/2fa/enroll")
        assert location(answer).path == "/2fa/enroll"


class TestTheDirective:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        with clock.worn():
            return serve(httpd_of(guard("TwoFactorStepUp 2m")))

    def test_says_how_old_a_token_may_be(self, alice, clock):
        clock.move(115)
        assert location(change(alice, "enable")).path == "/2fa/enroll"
        clock.move(10)
        assert location(change(alice, "enable")).path == "/2fa/token"

    @pytest.mark.parametrize("value", ["0", "29s", "25h", "soon", "-1"])
    def test_is_refused_out_of_range(self, httpd_of, value):
        """THR-10."""
        httpd = httpd_of(guard(f"TwoFactorStepUp {value}"))
        status, said = httpd.configtest()
        assert status != 0 and "TwoFactorStepUp" in said
