"""What a test may read, and spoil, in a server's database."""
import sqlite3
from contextlib import closing, contextmanager


class Database:
    """The database of one server, opened anew for every question."""

    def __init__(self, httpd):
        self.path = httpd.state / "cp2fa.db"
        self.server = httpd.database

    def ask(self, sql, *values):
        """The rows of a SELECT."""
        if self.server:
            return self.server.run(sql, values)
        with closing(self._open()) as connection:
            return connection.execute(sql, values).fetchall()

    def tell(self, sql, *values):
        """Changes something; the number of rows changed."""
        if self.server:
            return self.server.run(sql, values)
        with closing(self._open()) as connection, connection:
            return connection.execute(sql, values).rowcount

    def _open(self):
        return sqlite3.connect(self.path, timeout=10)

    @contextmanager
    def locked(self):
        """Nobody else can write meanwhile, or read where they must write."""
        with closing(self._open()) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")

    def dump(self):
        """Everything in it, as SQL or as the rows of each table."""
        if self.server:
            tables = self.ask("SELECT table_name FROM"
                              " information_schema.tables WHERE"
                              " table_schema = ?", self.server.name)
            return "\n".join(repr(row) for (table,) in tables
                             for row in self.ask(f"SELECT * FROM {table}"))
        with closing(self._open()) as connection:
            return "\n".join(connection.iterdump())

    def failures(self, name):
        """How many wrong tokens are held against that account."""
        rows = self.ask("SELECT failures FROM cp2fa_account WHERE name = ?",
                        name)
        return len(rows[0][0].split()) if rows else 0

    def devices(self, name, state="active"):
        return self.ask(
            "SELECT d.id FROM cp2fa_device d JOIN cp2fa_account a"
            " ON a.id = d.account WHERE a.name = ? AND d.state = ?",
            name, state)

    def sessions(self, name):
        return self.ask(
            "SELECT s.hash FROM cp2fa_session s JOIN cp2fa_account a"
            " ON a.id = s.account WHERE a.name = ?", name)
