"""Keys: changed while people log in, lost under a running server; and rows
that somebody moved to where they don't belong."""
import itertools
import threading

import pytest

from cp2fa.client import dump, location
from cp2fa.codes import recover, with_codes
from cp2fa.database import Database
from cp2fa.mailbox import TOKEN, Mailbox, ask, redeem, register, text_of
from cp2fa.oath import code_at, now_step
from cp2fa.people import (another, enrolled, guard, is_in, name_of, serve,
                          session_of, wait_until)
from test_setup import key_line, lines_of, write_key


class LogIns:
    """People who log in again and again, each with a phone."""

    def __init__(self, people):
        self.done = 0
        self.failed = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(person,))
                        for person in people]
        for thread in self.threads:
            thread.start()

    def run(self, person):
        """A code works once: a step for each log-in, upwards; and from the
        first again, when what was used has been forgotten."""
        database = Database(person.httpd)
        for number in itertools.count():
            if self.stop.is_set():
                return
            if number % 10 == 0:
                first = now_step() - 4      # a phone enrolled at -5
                database.tell("UPDATE cp2fa_device SET last_step = ? WHERE"
                              " account = (SELECT id FROM cp2fa_account WHERE"
                              " name = ?)", first - 1, name_of(person))
            try:
                self.log_in(person, first + number % 10)
                self.done += 1
            except Exception as error:
                self.failed.append(repr(error))

    @staticmethod
    def log_in(person, step):
        browser = another(person)
        answer = browser.login_token(code_at(person.device.secret, step))
        assert session_of(answer), dump(answer)
        assert browser.get("/page.html").text == "the content"

    def some_more(self, count=12):
        goal = self.done + count
        assert wait_until(lambda: self.done >= goal or self.failed, 60)
        assert self.failed == [], self.failed[0]

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)


def generation(httpd):
    """How often it has begun to serve."""
    return httpd.log.text().count("resuming normal operations")


def change_key(httpd, text):
    """Another key file, and a graceful restart; waits until it is done."""
    before = generation(httpd)
    write_key(httpd, text)
    assert httpd.configtest()[0] == 0
    httpd.graceful()
    assert wait_until(lambda: generation(httpd) > before)


class TestAKeyThatIsChanged:

    OLD, NEW = key_line("old", more=""), key_line("new", more="")

    @staticmethod
    def active(line):
        return line.replace("\n", ":active\n")

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard() + "KeepAlive Off\n")
        write_key(httpd, self.active(self.OLD))
        return serve(httpd)

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return with_codes(httpd)

    def keys_of_secrets(self, httpd):
        return {secret.split(".")[1] for (secret,) in Database(httpd).ask(
            "SELECT secret FROM cp2fa_device")}

    def test_while_people_log_in_fails_nobody(self, httpd, alice):
        """CRY-04, F13: first known to all, then used."""
        load = LogIns([enrolled(httpd) for _ in range(8)])
        try:
            load.some_more()
            change_key(httpd, self.active(self.OLD) + self.NEW)
            load.some_more()
            change_key(httpd, self.OLD + self.active(self.NEW))
            load.some_more()
        finally:
            load.end()
        assert load.failed == []
        assert self.keys_of_secrets(httpd) == {"old"}

    def test_leaves_good_what_the_old_one_made(self, httpd, alice):
        """CRY-04: sessions, secrets, recovery codes."""
        assert is_in(alice)
        browser = another(alice)
        assert location(browser.login_token(alice.device.code()))
        assert location(recover(browser := another(alice), alice.codes[0]))
        assert is_in(browser)
        enrolled(httpd)
        assert self.keys_of_secrets(httpd) == {"old", "new"}

    def test_is_asked_for_as_long_as_its_secrets_are_there(self, httpd):
        """CRY-04, CRY-05: whoever takes its line out too early is told."""
        httpd.stop()
        write_key(httpd, self.active(self.NEW))
        httpd.log.expect("CP2FA001", "AH00020")
        with pytest.raises(AssertionError, match="httpd ended"):
            httpd.start()
            httpd.process.wait(20)
            raise AssertionError("httpd ended")
        httpd.stop()
        lines = lines_of(httpd.log.text())
        assert len(lines) == 1 and '"old"' in lines[0]
        write_key(httpd, self.OLD + self.active(self.NEW))
        serve(httpd)

    def test_goes_while_people_log_in(self, httpd):
        """CRY-04: nothing of the old one's is left, nor its canary."""
        database = Database(httpd)
        for table in ("session", "device", "code", "mail_token", "outbox",
                      "account"):
            database.tell(f"DELETE FROM cp2fa_{table}")
        load = LogIns([enrolled(httpd) for _ in range(4)])
        try:
            assert self.keys_of_secrets(httpd) == {"new"}
            assert database.tell("DELETE FROM cp2fa_meta"
                                 " WHERE name = 'canary:old'") == 1
            load.some_more(8)
            change_key(httpd, self.active(self.NEW))
            load.some_more(8)
        finally:
            load.end()
        assert load.failed == []
        assert is_in(enrolled(httpd))


class TestAKeyFileThatIsSpoilt:

    def test_under_a_running_server_stops_nobody(self, httpd_of):
        """F14: its children have the keys; configtest says one line."""
        httpd = serve(httpd_of(guard()))
        alice = enrolled(httpd)
        path = httpd.state / "cp2fa.key"
        right = path.read_text()
        for text, mode, word in [("nonsense\n", 0o400, "line 1"),
                                 (right, 0o444, "chmod 0400"),
                                 ("", 0o400, "no key")]:
            write_key(httpd, text, mode)
            status, said = httpd.configtest()
            assert status != 0 and len(lines_of(said)) == 1, said
            assert word in lines_of(said)[0]
            browser = another(alice)
            assert location(browser.login_token(alice.device.code()))
            assert is_in(browser)
        path.unlink()
        assert is_in(enrolled(httpd))
        write_key(httpd, right)
        change_key(httpd, right)
        assert is_in(alice)


class TestRowsThatWereMoved:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = serve(httpd_of(guard()))
        httpd.log.expect("CP2FA003", "CP2FA403")
        return httpd

    @pytest.fixture(scope="class")
    def database(self, httpd):
        return Database(httpd)

    def id_of(self, database, client):
        return database.ask("SELECT id FROM cp2fa_account WHERE name = ?",
                            name_of(client))[0][0]

    def swap(self, database, table, *clients):
        """Gives each the other's rows."""
        one, other = (self.id_of(database, client) for client in clients)
        for before, after in ((one, ""), (other, one), ("", other)):
            assert database.tell(f"UPDATE cp2fa_{table} SET account = ?"
                                 " WHERE account = ?", after, before)

    def test_recovery_codes_of_another_let_nobody_in(self, httpd, database):
        """CRY-02: neither with the own code nor with the other's."""
        alice, bob = with_codes(httpd), with_codes(httpd)
        self.swap(database, "code", alice, bob)
        for person, code in ((alice, alice.codes[0]), (alice, bob.codes[0]),
                             (bob, alice.codes[1]), (bob, bob.codes[1])):
            browser = another(person)
            assert recover(browser, code).status_code == 422
            assert not is_in(browser)
        self.swap(database, "code", alice, bob)
        database.tell("UPDATE cp2fa_account SET failures = '', next_try = 0")
        assert location(recover(another(alice), alice.codes[0]))

    def test_mailed_tokens_of_another_disable_nothing(self, httpd, database):
        """CRY-02."""
        mails, people = Mailbox(httpd.root / "mail"), []
        for person in (enrolled(httpd), enrolled(httpd)):
            address = register(httpd, person)
            browser = another(person)
            ask(browser)
            people.append((person, browser, mails.token(address)))
        self.swap(database, "mail_token", people[0][0], people[1][0])
        # and to where either may redeem
        database.tell("UPDATE cp2fa_mail_token SET session = (SELECT"
                      " o.session FROM cp2fa_mail_token o WHERE o.account <>"
                      " cp2fa_mail_token.account)")
        for _, browser, _ in people:
            for _, _, token in people:
                assert redeem(browser, token).status_code == 422
        for person, _, _ in people:
            assert len(database.devices(name_of(person))) == 1

    def test_a_token_to_be_mailed_goes_to_nobody_else(
            self, httpd, database):
        """CRY-02, MAIL-02: neither in another's mail, nor to another."""
        folder = httpd.root / "mail"
        folder.rename(httpd.root / "away")      # it waits in the outbox
        people, addresses = [], ["mallory@example.org"]
        for person in (enrolled(httpd), enrolled(httpd), enrolled(httpd)):
            addresses.append(register(httpd, person))
            ask(another(person))
            people.append(self.id_of(database, person))
        # the courier has come, and won't for half a minute
        assert wait_until(lambda: database.ask(
            "SELECT COUNT(*) FROM cp2fa_outbox WHERE secret <> '' AND"
            " tries > 0 AND account IN (?, ?, ?)", *people) == [(3,)])
        sealed = {owner: secret for owner, secret in database.ask(
            "SELECT account, secret FROM cp2fa_outbox WHERE secret <> ''")}
        assert set(sealed) == set(people)
        a, b, c = people
        for owner, secret in ((a, sealed[b]), (b, sealed[a])):
            database.tell("UPDATE cp2fa_outbox SET secret = ? WHERE account ="
                          " ? AND secret <> ''", secret, owner)
        database.tell("UPDATE cp2fa_outbox SET recipient ="
                      " 'mallory@example.org' WHERE account = ?", c)
        (httpd.root / "away").rename(folder)
        database.tell("UPDATE cp2fa_outbox SET next_try = 0")
        assert wait_until(lambda: database.ask(
            "SELECT COUNT(*) FROM cp2fa_outbox WHERE state = 'dead' AND"
            " kind = 'bypass-token'") == [(3,)]), database.ask(
                "SELECT kind, state, problem FROM cp2fa_outbox")
        assert wait_until(lambda: httpd.log.text().count("CP2FA403: ") >= 3)
        for mail in Mailbox(folder).all():
            if mail["To"] in addresses:
                assert not TOKEN.search(text_of(mail))
