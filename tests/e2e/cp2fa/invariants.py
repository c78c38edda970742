"""What holds after any fault, read from a server's database.

I1 sessions <= codes used up          I2 attempts counted >= answered
I3 one secret a device                I4 change <=> notice, and its mail
I5 what was used stays used           I6 a healthy log-in works
I3's "and it opens", I5 and I6 are seen by using them: in the tests.
"""
from .database import Database
from .people import name_of

MAILED_TWICE = "email-changed"
NEVER_MAILED = ("codes-made",)
OF_WRONG_TOKENS = ("third-failure", "locked")


class Invariants:
    """The state of one account, to be compared with a later one."""

    def __init__(self, httpd, client):
        self.httpd = httpd
        self.client = client
        self.before = self._look()

    def _look(self):
        database = Database(self.httpd)
        name = name_of(self.client)

        def column(what, table, where="1"):
            return {row[0] for row in database.ask(
                f"SELECT {what} FROM {table} WHERE account IN (SELECT id"
                f" FROM cp2fa_account WHERE name = ?) AND {where}", name)}

        return {
            "devices": column("id", "cp2fa_device", "state = 'active'"),
            "steps": column("id || ' ' || last_step", "cp2fa_device",
                            "state = 'active'"),
            "codes": column("mac", "cp2fa_code"),
            "sessions": column("hash", "cp2fa_session", "amr <> 'pwd'"),
            "events": {row: kind for row, kind in database.ask(
                "SELECT id, kind FROM cp2fa_event WHERE name = ?", name)
                if kind not in OF_WRONG_TOKENS},
            "failures": database.failures(name)}

    @property
    def used(self):
        """Whether a code was used up, or a factor changed, since."""
        after = self._look()
        return any(after[what] != self.before[what]
                   for what in ("devices", "steps", "codes"))

    def check(self, status):
        """I1 to I4, when the client was answered with this status, or 0."""
        database, after = Database(self.httpd), self._look()
        made = after["sessions"] - self.before["sessions"]
        assert len(made) <= self.used, "I1"
        if status == 422:
            assert after["failures"] > self.before["failures"], "I2"
        assert database.ask(
            "SELECT account FROM cp2fa_device WHERE state = 'active'"
            " GROUP BY account, name HAVING count(*) > 1") == [], "I3"
        changed = any(after[what] != self.before[what]
                      for what in ("devices", "codes"))
        told = len(after["events"]) - len(self.before["events"])
        assert told == changed, ("I4", self.before, after)
        assert database.ask("PRAGMA integrity_check") == [("ok",)]
        assert database.ask("PRAGMA foreign_key_check") == []
        return made

    def mails_due(self):
        """How many mails the notices since then are worth."""
        kinds = [kind for row, kind in self._look()["events"].items()
                 if row not in self.before["events"]]
        return sum(2 if kind == MAILED_TWICE else kind not in NEVER_MAILED
                   for kind in kinds)
