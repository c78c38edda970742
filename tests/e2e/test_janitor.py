"""The watchdog's thread: what has expired goes, and what waits is sent."""
import time

import pytest

from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, ask, register
from cp2fa.people import another, enrolled, guard, name_of, serve, wait_until


class TestTheJanitor:

    def test_clears_away_what_has_expired(self, httpd_of):
        httpd = serve(httpd_of(guard()))
        alice = enrolled(httpd)
        database = Database(httpd)
        database.tell("UPDATE cp2fa_session SET ends = 1")
        database.tell(
            "INSERT INTO cp2fa_mail_token SELECT 'k:m', id, 'email', 's', '',"
            " 1, 1 FROM cp2fa_account")
        httpd.restart()                         # it begins with a purge
        assert wait_until(lambda: not database.sessions(name_of(alice)))
        assert wait_until(lambda: not database.ask(
            "SELECT mac FROM cp2fa_mail_token"))

    def test_clears_away_in_small_steps_that_let_others_write(self, httpd_of):
        """A thousand rows: each hundred in a transaction, then a pause."""
        httpd = serve(httpd_of(guard()))
        enrolled(httpd)
        httpd.stop()
        database = Database(httpd)
        if database.server:
            pytest.skip("the trigger is written for SQLite")
        database.tell("CREATE TABLE step (at REAL)")
        # "now" is the same all through a statement
        database.tell(
            "CREATE TRIGGER gone AFTER DELETE ON cp2fa_session BEGIN"
            " INSERT INTO step VALUES (julianday('now') * 86400); END")
        database.tell(
            "INSERT INTO cp2fa_session WITH RECURSIVE n(i) AS (SELECT 1 UNION"
            " ALL SELECT i + 1 FROM n WHERE i < 950) SELECT 'h' || i,"
            " (SELECT id FROM cp2fa_account), 'pwd', 1, 1, 1, 1, '', '' FROM n")
        httpd.start()
        assert wait_until(lambda: database.ask(
            "SELECT COUNT(*) FROM cp2fa_session WHERE ends = 1") == [(0,)], 20)
        steps = database.ask("SELECT at, COUNT(*) FROM step GROUP BY at"
                             " ORDER BY at")
        assert [rows for _, rows in steps] == [100] * 9 + [50]
        assert all(after - before >= 0.019
                   for (before, _), (after, _) in zip(steps, steps[1:]))

    def test_sends_what_waited_when_the_server_was_down(self, httpd_of):
        httpd = serve(httpd_of(guard()))
        alice = enrolled(httpd)
        address = register(httpd, alice)
        mailbox = Mailbox(httpd.root / "mail")
        ask(another(alice))
        httpd.stop()
        before = len(mailbox.all(address))
        httpd.start()
        assert len(mailbox.wait(1, address)) == 1 >= before

    def test_goes_on_after_a_graceful_restart(self, httpd_of):
        """F13."""
        httpd = serve(httpd_of(guard()))
        alice = enrolled(httpd)
        address = register(httpd, alice)
        httpd.graceful()
        time.sleep(1)
        ask(another(alice))
        assert len(Mailbox(httpd.root / "mail").wait(1, address)) == 1
