"""The registered address, and what its owner is told."""
import re
import time

import pytest

from cp2fa.client import dump, location
from cp2fa.clock import Clock, enrol_with
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, ask, register, text_of
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, name_of,
                          newcomer, serve, wait_until)


def address_of(httpd, client):
    rows = Database(httpd).ask(
        "SELECT email FROM cp2fa_account WHERE name = ?", name_of(client))
    return rows[0][0] if rows else None


def set_address(client, address):
    return client.post_form("/2fa/email", {"email": address},
                            on="/2fa/profile")


def confirm(client, token):
    return client.post("/2fa/email/confirm", {
        "csrf": csrf_of(client, "/2fa/profile"), "mail_token": token})


def subjects(messages):
    return [m["Subject"] for m in messages]


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def mailbox(httpd):
    return Mailbox(httpd.root / "mail")


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


class TestTheRegisteredAddress:

    def test_is_set_by_a_token_that_was_mailed_to_it(self, httpd, mailbox,
                                                     alice):
        """MAIL-10."""
        address = f"{name_of(alice)}@example.org"
        answer = set_address(alice, f" {address} ")
        assert location(answer).path == "/2fa/profile"
        assert address in alice.get("/2fa/profile").text
        assert address_of(httpd, alice) == ""   # not before it came back
        answer = confirm(alice, mailbox.token(address))
        assert location(answer).query == "notice=email-changed"
        assert address_of(httpd, alice) == address
        text = alice.get("/2fa/profile?notice=email-changed").text
        assert "The new address is registered" in text
        assert subjects(mailbox.wait(2, address))[-1] == \
            "A new e-mail address is registered for your account"

    def test_that_was_there_before_is_told(self, httpd, mailbox, alice):
        """MAIL-10, ENR-10."""
        old = register(httpd, alice)
        new = f"new-{old}"
        set_address(alice, new)
        confirm(alice, mailbox.token(new))
        told = mailbox.wait(1, old)[-1]
        assert new in text_of(told)
        assert len(mailbox.wait(2, new)) == 2

    def test_can_be_set_before_the_first_device(self, httpd, mailbox):
        bob = newcomer(httpd)
        address = f"{name_of(bob)}@example.org"
        set_address(bob, address)
        assert location(confirm(bob, mailbox.token(address)))
        assert address_of(httpd, bob) == address
        bob.enrol()
        assert subjects(mailbox.wait(3, address))[-1] == \
            "Two-factor authentication is on"

    def test_is_not_set_by_a_wrong_token_nor_in_another_session(
            self, httpd, mailbox, alice):
        """MAIL-03."""
        address = f"{name_of(alice)}@example.org"
        set_address(alice, address)
        token = mailbox.token(address)
        wrong = confirm(alice, "0" * 26)
        assert wrong.status_code == 422
        assert alert_of(wrong).startswith("Token isn't valid")
        other = another(alice)
        location(other.login_token(alice.device.code()))
        assert confirm(other, token).status_code == 422
        assert address_of(httpd, alice) == ""
        assert location(confirm(alice, token))

    def test_is_not_set_by_a_token_of_the_other_kind(self, httpd, mailbox,
                                                     alice):
        old = register(httpd, alice)
        browser = another(alice)
        ask(browser)
        bypass = mailbox.token(old)
        Database(httpd).tell("UPDATE cp2fa_account SET mail_times = ''")
        set_address(alice, f"new-{old}")
        assert confirm(alice, bypass).status_code == 422
        assert address_of(httpd, alice) == old

    def test_needs_the_second_factor(self, httpd, alice):
        stranger = another(alice)
        csrf = csrf_of(stranger)
        for path in ("/2fa/email", "/2fa/email/confirm"):
            answer = stranger.post(path, {"csrf": csrf, "email": "m@x.example",
                                          "mail_token": "0" * 26})
            assert answer.status_code == 403, dump(answer)
        assert address_of(httpd, alice) == ""

    def test_is_asked_for_once_a_minute(self, httpd, alice):
        """MAIL-07."""
        began = time.monotonic()
        set_address(alice, f"{name_of(alice)}@example.org")
        answer = set_address(alice, f"{name_of(alice)}@example.org")
        passed = time.monotonic() - began
        assert answer.status_code == 429, dump(answer)
        assert alert_of(answer).startswith("Too many e-mails")
        assert 58 - passed <= int(answer.headers["Retry-After"]) <= 60

    @pytest.mark.parametrize("address", [
        "", "nobody", "@example.org", "a@", "a b@example.org", "a@b@c",
        "a@example.org\nBcc: victim@example.org", "a@example.org\r\n.\r\n",
        "a@example.org\0", "\"a\"@example.org", "a@[127.0.0.1]",
        "ä@example.org", "a@exämple.org", "-oQ/tmp@example.org",
        "a@-example.org", "a@example..org", ".a@example.org",
        "a,b@example.org", "a@example.org,b@example.org", "<a@example.org>",
        "a|b@example.org", "$(id)@example.org", "`id`@example.org",
        "x" * 1000 + "@example.org", "x" * 65 + "@example.org",
        "a@" + "x" * 64 + ".org", "a@" + "x." * 130 + "org",
        "a@example.org\x7f", "a%0a@example.org", "../../etc@example.org"],
        ids=ascii)
    def test_must_be_a_plain_one(self, httpd, mailbox, alice, address):
        """MAIL-09: nothing that could be more than one address gets in."""
        answer = set_address(alice, address)
        assert answer.status_code in (422, 400), dump(answer)
        assert alert_of(answer)
        assert Database(httpd).ask(
            "SELECT o.id FROM cp2fa_outbox o JOIN cp2fa_account a"
            " ON a.id = o.account WHERE a.name = ?", name_of(alice)) == []

    def test_that_got_into_the_database_otherwise_sends_nothing(
            self, httpd, mailbox, alice):
        """MAIL-09: addresses are looked at once more before use."""
        httpd.log.expect("CP2FA403")
        evil = f"{name_of(alice)}@example.org\nBcc: victim@example.org"
        Database(httpd).tell(
            "UPDATE cp2fa_account SET email = ? WHERE name = ?",
            evil, name_of(alice))
        ask(another(alice))
        assert wait_until(lambda: Database(httpd).ask(
            "SELECT o.id FROM cp2fa_outbox o JOIN cp2fa_account a ON a.id ="
            " o.account WHERE o.state = 'dead' AND a.name = ?",
            name_of(alice)))
        assert not [m for m in mailbox.all() if m["Bcc"]]


class TestNotices:

    @pytest.fixture(scope="class")
    def clock(self, workshop):
        return Clock(workshop)

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        with clock.worn():
            return serve(httpd_of(guard()))

    @pytest.fixture()
    def alice(self, httpd, clock):
        client = enrol_with(newcomer(httpd), clock)
        client.address = register(httpd, client)
        clock.move(300)
        return client

    def guess(self, client, clock, times=1, wait=0):
        for _ in range(times):
            clock.move(wait)
            another(client).login_token(client.device.wrong(clock.step()))

    def test_of_the_third_wrong_pin_go_out_at_once_and_once_an_hour(
            self, mailbox, alice, clock):
        """THR-06."""
        self.guess(alice, clock, 2)
        time.sleep(1.5)
        assert mailbox.all(alice.address) == []
        self.guess(alice, clock)
        told = mailbox.wait(1, alice.address)[0]
        assert told["Subject"] == "Wrong PINs for your account"
        self.guess(alice, clock, 4, 300)
        time.sleep(1.5)
        assert len(mailbox.all(alice.address)) == 1
        self.guess(alice, clock, 1, 3600)
        mailbox.wait(2, alice.address)

    def test_say_when_from_where_and_what_to_do(self, mailbox, alice, clock):
        alice_abroad = another(alice)
        alice_abroad.http.headers["User-Agent"] = "Netscape/4.0 (evil)"
        before = clock.now()
        for _ in range(3):
            alice_abroad.login_token(alice.device.wrong(clock.step()))
        text = text_of(mailbox.wait(1, alice.address)[0])
        assert any(time.strftime("%Y-%m-%d %H:", time.gmtime(when)) in text
                   for when in (before, clock.now()))
        assert "127.0.0.1" in text
        assert "Netscape/4.0 (evil)" in text
        assert "If this was not you" in text
        assert name_of(alice) in text and "Cloud console" in text

    def test_of_a_lock_go_out(self, mailbox, alice, clock):
        """THR-04."""
        self.guess(alice, clock, 20, 3601)
        assert wait_until(lambda: "Your PINs are locked" in subjects(
            mailbox.all(alice.address)))
        assert subjects(mailbox.all(alice.address)).count(
            "Your PINs are locked") == 1

    def test_are_written_with_the_change_or_not_at_all(self, httpd, alice,
                                                       clock):
        """ENR-10: an audit row with each."""
        alice.post_form("/2fa/disable", {}, on="/2fa/profile")
        kinds = [kind for kind, in Database(httpd).ask(
            "SELECT kind FROM cp2fa_event WHERE name = ? ORDER BY at",
            name_of(alice))]
        assert kinds == ["enabled", "disabled"]

    def test_name_the_configured_host_whatever_a_request_says(
            self, httpd_of, clock):
        """MAIL-08."""
        httpd = serve(httpd_of(guard(
            "TwoFactorBaseURL https://console.example")))
        alice = newcomer(httpd)
        alice.http.headers["Origin"] = "https://console.example"
        alice.device = alice.enrol()
        address = register(httpd, alice)
        answer = alice.post(
            "/2fa/disable", {"csrf": csrf_of(alice, "/2fa/profile")},
            headers={"Host": "evil.example", "Cookie": alice.cookie(),
                     "X-Forwarded-Host": "evil.example"})
        assert answer.status_code == 303, dump(answer)
        text = text_of(Mailbox(httpd.root / "mail").wait(1, address)[0])
        assert "https://console.example/2fa/profile" in text
        assert "evil" not in text

    def test_have_no_link_that_changes_anything(self, httpd, mailbox):
        """MAIL-08: scanners open links."""
        for message in mailbox.all():
            for link in re.findall(r"https?://\S+", text_of(message)):
                assert link.rstrip(".,").endswith("/2fa/profile"), link


class TestHostileNames:

    @pytest.mark.parametrize("name", [
        "Åsa Žižek", "x" * 100, "a=?utf-8?q?b?=", "{{token}}",
        "Bcc= x@example.org", "<b>&amp;", "%n%s", ".", "日本" * 12])
    def test_in_an_account_make_one_well_formed_mail(self, httpd, mailbox,
                                                     name):
        """MAIL-09: whoever the user, one mail to one address."""
        client = enrolled(httpd, name)
        address = f"hostile{abs(hash(name))}@example.org"
        Database(httpd).tell(
            "UPDATE cp2fa_account SET email = ? WHERE name = ?",
            address, name)
        ask(another(client))
        message = mailbox.wait(1, address)[0]
        assert message.defects == []
        assert message.get_all("To") == [address]
        assert message["Bcc"] is None
        assert name in text_of(message)


class TestTwoFactorEmail:

    def test_is_where_mail_goes_and_can_not_be_changed_in_the_profile(
            self, httpd_of):
        httpd = serve(httpd_of(guard(
            "TwoFactorEmail \"%{REMOTE_USER}@directory.example\"")))
        alice = enrolled(httpd)
        address = f"{name_of(alice)}@directory.example"
        page = alice.get("/2fa/profile")
        assert address in page.text
        assert 'name="email"' not in page.text
        answer = alice.post("/2fa/email", {
            "csrf": csrf_of(alice, "/2fa/profile"), "email": "a@b.example"})
        assert answer.status_code == 403
        mailbox = Mailbox(httpd.root / "mail")
        mailbox.wait(1, address)                # two-factor auth is on
        ask(another(alice))
        assert len(mailbox.wait(2, address)) == 2

    def test_that_is_no_address_is_none_and_says_so(self, httpd_of):
        """MAIL-09."""
        httpd = serve(httpd_of(guard(
            'TwoFactorEmail "%{HTTP_USER_AGENT}"')))
        alice = enrolled(httpd)
        browser = another(alice)
        assert location(ask(browser)).query == "sent"
        assert "CP2FA406: " in httpd.log.text()
        assert Database(httpd).ask("SELECT id FROM cp2fa_outbox") == []


class TestTheTemplates:

    def test_are_not_pages(self, httpd, alice):
        httpd.log.expect("AH00687")     # files, but not to be had
        for path in ("/2fa/mail", "/2fa/mail/", "/2fa/mail/enabled.txt.en",
                     "/2fa/mail/enabled.txt", "/2fa/mail/enabled"):
            answer = alice.get(path)
            assert answer.status_code == 404, path
            assert "{{" not in answer.text


class TestSendmail:

    def test_is_run_without_a_shell_and_with_the_addresses_as_arguments(
            self, httpd_of, workshop):
        """MAIL-09."""
        program = workshop / "sendmail"
        program.write_text(
            "#!/bin/sh\n"
            'for word; do echo "$word"; done > "${0%/*}/sent/args"\n'
            'cat > "${0%/*}/sent/mail"\n')
        program.chmod(0o755)
        sent = workshop / "sent"
        sent.mkdir()
        sent.chmod(0o777)
        httpd = serve(httpd_of(
            guard(), server=f'TwoFactorMail "sendmail:{program}"'))
        alice = enrolled(httpd)
        address = register(httpd, alice)
        ask(another(alice))
        assert wait_until(lambda: (sent / "mail").exists()
                          and (sent / "mail").read_bytes())
        assert wait_until(lambda: not Database(httpd).ask(
            "SELECT id FROM cp2fa_outbox"))
        assert (sent / "args").read_text().split("\n")[:-1] == [
            "-i", "-f", "two-factor@localhost", "--", address]
        assert b"\r" not in (sent / "mail").read_bytes()

    @pytest.mark.parametrize("status, state", [(75, "queued"), (67, "dead")])
    def test_that_fails_for_now_or_for_good(self, httpd_of, workshop, status,
                                            state):
        program = workshop / f"sendmail-{status}"
        program.write_text(f"#!/bin/sh\ncat > /dev/null\nexit {status}\n")
        program.chmod(0o755)
        httpd = serve(httpd_of(
            guard(), server=f'TwoFactorMail "sendmail:{program}"'))
        httpd.log.expect("CP2FA403")
        alice = enrolled(httpd)
        register(httpd, alice)
        ask(another(alice))
        assert wait_until(lambda: Database(httpd).ask(
            "SELECT state FROM cp2fa_outbox WHERE problem <> ''")
            == [(state,)])
