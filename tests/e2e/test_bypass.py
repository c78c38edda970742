"""Disable two-factor auth at log-in, with a token by mail."""
import re
import time

import pytest

from cp2fa.client import dump, location
from cp2fa.clock import Clock, enrol_with
from cp2fa.database import Database
from cp2fa.mailbox import (Mailbox, ask, redeem, register, text_of,
                           token_in)
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in,
                          name_of, newcomer, serve, session_of, together,
                          wait_until)

SENT = "If an address is registered for your account"


def check_refused(answer, status=422):
    assert answer.status_code == status, dump(answer)
    assert alert_of(answer).startswith("Token isn't valid"), dump(answer)
    assert session_of(answer) is None


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard() + guard(
        where="/required/", mode="required")))


@pytest.fixture()
def mailbox(httpd):
    return Mailbox(httpd.root / "mail")


@pytest.fixture()
def alice(httpd):
    client = enrolled(httpd)
    client.address = register(httpd, client)
    return client


class TestTheWayOut:

    def test_is_a_link_on_the_token_page(self, alice):
        assert another(alice).page("/2fa/token").link("/2fa/bypass")

    def test_disables_two_factor_auth_ends_all_sessions_and_tells(
            self, httpd, mailbox, alice):
        """MAIL-02, REC-05, SES-05."""
        browser = another(alice)
        answer = ask(browser)
        assert location(answer).query == "sent"
        assert SENT in browser.get("/2fa/bypass?sent").text
        token = mailbox.token(alice.address)
        assert is_in(alice)
        answer = redeem(browser, token)
        assert location(answer).path == "/2fa/profile"
        assert session_of(answer) is None       # it is no passed token
        assert "2-factor authentication is off" in browser.get(
            f"/2fa/profile?{location(answer).query}").text
        assert Database(httpd).devices(name_of(alice)) == []
        assert Database(httpd).sessions(name_of(alice)) == []
        told = mailbox.wait(2, alice.address)[-1]
        assert told["Subject"] == ("Two-factor authentication was disabled "
                                   "by e-mail")
        assert "127.0.0.1" in text_of(told)
        assert is_in(another(alice))            # by the password alone

    def test_takes_the_token_as_people_type_it(self, mailbox, alice):
        browser = another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        typed = token.lower().replace("-", " ").replace("0", "o").replace(
            "1", "l")
        assert location(redeem(browser, f"  {typed} "))

    def test_works_once(self, mailbox, alice):
        """MAIL-05."""
        browser = another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        assert location(redeem(browser, token))
        alice.enrol()
        check_refused(redeem(another(alice), token))

    def test_works_in_the_browser_that_asked_alone(self, mailbox, alice):
        """MAIL-03."""
        browser, other = another(alice), another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        check_refused(redeem(other, token))
        assert location(redeem(browser, token))

    def test_is_of_no_use_to_another_account(self, httpd, mailbox, alice):
        """MAIL-03."""
        bob = enrolled(httpd)
        bob.address = register(httpd, bob)
        browser, his = another(alice), another(bob)
        ask(browser)
        ask(his)
        mailbox.wait(1, bob.address)
        check_refused(redeem(his, mailbox.token(alice.address)))

    def test_of_fifty_at_once_one_works(self, httpd, mailbox, alice):
        """MAIL-05: the others find no token, or have to wait."""
        browser = another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        csrf = csrf_of(browser, "/2fa/bypass")
        cookies = "; ".join(f"{c.name}={c.value}" for c in browser.http.cookies)

        def post():
            return another(alice).post(
                "/2fa/bypass", {"csrf": csrf, "mail_token": token},
                headers={"Cookie": cookies}).status_code
        said = together([post] * 50)
        httpd.log.expect("AH00484", "AH10159")      # all workers are busy
        assert said.count(303) == 1, said
        events = Database(httpd).ask(
            "SELECT kind FROM cp2fa_event WHERE name = ? AND kind ="
            " 'disabled-by-mail'", name_of(alice))
        assert len(events) == 1

    def test_needs_a_form_of_the_page_and_a_password(self, httpd, mailbox,
                                                     alice):
        """MAIL-01."""
        browser = another(alice)
        assert browser.get("/2fa/bypass/mail").status_code == 405
        answer = browser.post("/2fa/bypass/mail", {"csrf": "0" * 64})
        assert answer.status_code == 403
        browser.http.auth = None
        assert browser.get("/2fa/bypass").status_code == 401
        assert browser.post("/2fa/bypass/mail", {}).status_code == 401
        assert Database(httpd).ask(
            "SELECT t.mac FROM cp2fa_mail_token t JOIN cp2fa_account a"
            " ON a.id = t.account WHERE a.name = ?", name_of(alice)) == []

    def test_keeps_no_token_in_clear_anywhere(self, httpd, mailbox, alice):
        """MAIL-02, CRY-01: only the mail has it."""
        browser = another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        redeem(browser, token[:-1] + ("0" if token[-1] != "0" else "8"))
        for text in (Database(httpd).dump(), httpd.log.text()):
            assert token not in text
            assert token.replace("-", "") not in text

    def test_sends_who_must_have_it_to_enrol_at_once(self, httpd_of):
        """REC-05."""
        httpd = serve(httpd_of(guard(mode="required")))
        alice = newcomer(httpd)
        alice.device = alice.enrol()
        address = register(httpd, alice)
        browser = another(alice)
        ask(browser)
        answer = redeem(browser, Mailbox(httpd.root / "mail").token(address))
        assert location(answer).path == "/2fa/enroll"
        assert location(browser.get("/page.html")).path == "/2fa/enroll"


class TestTheAnswer:

    def answers(self, browser):
        posted = ask(browser)
        page = browser.get("/2fa/bypass?sent")
        return (posted.status_code, posted.headers["Location"],
                re.sub(r'value="[0-9a-f]{64}"', "",
                       page.text.replace(name_of(browser), "NAME")))

    def test_is_the_same_with_and_without_an_address(self, httpd, alice):
        """MAIL-06: and the second time within a minute, too."""
        other = enrolled(httpd)
        said = [self.answers(another(alice)), self.answers(another(alice)),
                self.answers(another(other)), self.answers(another(other))]
        assert len(set(said)) == 1

    def test_to_a_wrong_token_is_the_same_too(self, httpd, alice):
        """MAIL-06."""
        other = enrolled(httpd)
        said = []
        for client in (alice, other):
            browser = another(client)
            ask(browser)
            said.append([redeem(browser, "0" * 26).status_code
                         for _ in range(4)])
        assert said[0] == said[1] == [422, 422, 422, 429]

    def test_takes_no_longer_with_an_address(self, httpd_of, workshop):
        """MAIL-06: nothing is sent while the browser waits."""
        program, go = workshop / "sendmail-waits", workshop / "sendmail-goes"
        program.write_text("#!/bin/sh\ncat > /dev/null\n"
                           f"while [ ! -e {go} ]; do sleep 0.1; done\n")
        program.chmod(0o755)
        go.unlink(missing_ok=True)
        httpd = serve(httpd_of(
            guard(), server=f'TwoFactorMail "sendmail:{program}"'))
        alice = enrolled(httpd)
        register(httpd, alice)
        location(ask(another(alice)))
        # it is answered, and no try to send it has ended, well or ill
        assert Database(httpd).ask(
            "SELECT kind, tries FROM cp2fa_outbox") == [("bypass-token", 0)]
        go.touch()
        assert wait_until(lambda: Database(httpd).ask(
            "SELECT id FROM cp2fa_outbox") == [])


class TestThrottling:

    @pytest.fixture(scope="class")
    def clock(self, workshop):
        return Clock(workshop)

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        with clock.worn():
            httpd = serve(httpd_of(guard()))
        httpd.log.expect("CP2FA403: .*too late")    # the clock jumps
        return httpd

    @pytest.fixture()
    def alice(self, httpd, clock):
        client = enrol_with(newcomer(httpd), clock)
        client.address = register(httpd, client)
        clock.move(300)
        return client

    def test_lets_one_mail_a_minute_out_and_five_a_day(
            self, httpd, mailbox, alice, clock):
        """MAIL-07."""
        browser = another(alice)
        for _ in range(3):
            ask(browser)
        assert len(mailbox.wait(1, alice.address)) == 1
        for _ in range(9):
            clock.move(61)
            ask(browser)
        mailbox.wait(5, alice.address)
        time.sleep(1.5)
        assert len(mailbox.all(alice.address)) == 5
        clock.move(86400)
        ask(browser)
        mailbox.wait(6, alice.address)

    def test_leaves_the_last_token_good(self, mailbox, alice):
        browser = another(alice)
        ask(browser)
        ask(browser)                            # too soon: changes nothing
        assert location(redeem(browser, mailbox.token(alice.address)))

    def test_a_new_token_voids_the_old(self, mailbox, alice, clock):
        """MAIL-05."""
        browser = another(alice)
        ask(browser)
        old = mailbox.token(alice.address)
        clock.move(61)
        ask(browser)
        new = mailbox.token(alice.address, 2)
        check_refused(redeem(browser, old))
        assert location(redeem(browser, new))

    def test_a_token_lives_ten_minutes(self, mailbox, alice, clock):
        """MAIL-04."""
        browser = another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        assert "10 minutes" in text_of(mailbox.all(alice.address)[-1])
        clock.move(601)
        check_refused(redeem(browser, token))
        clock.move(61)
        ask(browser)
        token = mailbox.token(alice.address, 2)
        clock.move(540)
        assert location(redeem(browser, token))

    def test_a_wrong_token_counts_like_a_wrong_pin(self, httpd, mailbox,
                                                   alice, clock):
        """THR-02: one budget over every door."""
        browser = another(alice)
        ask(browser)
        token = mailbox.token(alice.address)
        for _ in range(3):
            check_refused(redeem(browser, "0" * 26))
        assert Database(httpd).failures(name_of(alice)) == 3
        check_refused(redeem(browser, token), 429)
        phone = alice.device
        assert another(alice).login_token(
            phone.code(clock.step())).status_code == 429
        clock.move(31)
        assert location(redeem(browser, token))
        assert Database(httpd).failures(name_of(alice)) == 0

    def test_what_is_no_token_counts_for_nothing(self, httpd, alice):
        browser = another(alice)
        ask(browser)
        for typed in ("", "1", "0" * 25, "0" * 27, "U" * 26, "é" * 26,
                      "0" * 25 + "1"):
            check_refused(redeem(browser, typed))
        assert Database(httpd).failures(name_of(alice)) == 0

    def test_where_none_was_asked_for_nothing_counts(self, httpd, alice):
        check_refused(redeem(another(alice), "0" * 26))
        assert Database(httpd).failures(name_of(alice)) == 0

    def test_a_lock_is_opened(self, httpd, mailbox, alice, clock):
        """THR-04, THR-09: by a token asked for before it, or after."""
        browser = another(alice)
        phone = alice.device
        for _ in range(20):
            clock.move(3601)
            another(alice).login_token(phone.wrong(clock.step()))
        clock.move(3601)
        answer = another(alice).login_token(phone.code(clock.step()))
        assert answer.status_code == 429
        ask(browser)
        mailbox.wait(1)
        message = [m for m in self.wait_for_token(mailbox, alice)][-1]
        assert location(redeem(browser, token_in(message)))
        assert is_in(another(alice))
        enrol_with(alice, clock)
        clock.move(60)
        assert location(another(alice).login_token(
            alice.device.code(clock.step())))

    @staticmethod
    def wait_for_token(mailbox, alice):
        def tokens():
            return [m for m in mailbox.all(alice.address)
                    if "token to disable" in m["Subject"]]
        assert wait_until(tokens)
        return tokens()


class TestSwitchedOff:

    def check_gone(self, alice):
        browser = another(alice)
        page = browser.page("/2fa/token")
        assert "/2fa/bypass" not in page.links
        for path in ("/2fa/bypass", "/2fa/bypass?sent"):
            assert browser.get(path).status_code == 404
        for path in ("/2fa/bypass", "/2fa/bypass/mail"):
            answer = browser.post(path, {"csrf": page.forms[0].fields["csrf"],
                                         "mail_token": "0" * 26})
            assert answer.status_code == 404, dump(answer)

    def test_it_is_in_no_page_and_at_no_address(self, httpd_of):
        httpd = serve(httpd_of(guard("TwoFactorMailBypass off")))
        self.check_gone(enrolled(httpd))

    def test_it_is_so_without_a_sender_which_the_start_says_once(
            self, httpd_of):
        httpd = httpd_of(guard())
        conf = httpd.root / "conf" / "httpd.conf"
        conf.write_text(re.sub(r"(?m)^ *TwoFactorMailFrom .*$", "",
                               conf.read_text()))
        serve(httpd)
        self.check_gone(enrolled(httpd))
        assert httpd.log.text().count("CP2FA404: ") == 1
        assert Database(httpd).ask("SELECT id FROM cp2fa_outbox") == []
