# SPDX-License-Identifier: Apache-2.0
"""Accounts by the million, each with what a real one has: a device, a live
session, and the events of its enrolment. Their secrets open with no key: none
of them enters a token."""
import hashlib
import sqlite3
import subprocess
import time
from contextlib import closing

from server import REPO

DAY = 86400
SECRET = "k1:" + "x" * 120
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
BATCH = ("DELETE FROM cp2fa_session WHERE hash IN (SELECT hash FROM"
         " cp2fa_session WHERE ends <= {now} ORDER BY ends LIMIT 100)")


def session_id(number):
    return hashlib.sha256(b"bench %d" % number).digest()


def session_hash(number):
    return hashlib.sha256(session_id(number)).hexdigest()


def id_of(kind, number):
    return hashlib.md5(b"%s%d" % (kind, number)).hexdigest()


def clocked(execute, statement, times):
    """The milliseconds of each of so many, committed at once."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        execute(statement)
        taken.append((time.monotonic() - began) * 1e3)
    return taken


class SQLite:
    name = "SQLite"
    pid = None

    def __init__(self, root, _number):
        self.path = root / "state/cp2fa.db"
        self.opened = "sqlite3", str(self.path)
        self.config = ""

    def do(self, *statements):
        with closing(sqlite3.connect(self.path, timeout=20)) as database:
            with database:
                return [database.execute(one).fetchall()
                        for one in statements][-1]

    def timed(self, statement, times):
        with closing(sqlite3.connect(self.path, timeout=20)) as database:
            database.isolation_level = None
            return clocked(database.execute, statement, times)

    def fill(self, count):
        with closing(sqlite3.connect(self.path)) as database:
            database.execute("PRAGMA cache_size = -1000000")
            (realm,) = database.execute(
                "SELECT realm FROM cp2fa_account").fetchone()
            with database:
                for (table, values), key in rows(realm):
                    # in the order of the key, or it would take an hour
                    order = sorted((key(n), n) for n in range(count))
                    database.executemany(
                        f"INSERT INTO {table} SELECT {values} FROM"
                        " (SELECT ? AS k, ? AS a, ? AS n)",
                        ((k, id_of(b"a", n), n) for k, n in order))
        self.settle()

    def settle(self):
        self.do("PRAGMA wal_checkpoint(TRUNCATE)")

    def stop(self):
        pass


def rows(realm):
    """What a table gets for each key k, account a and number n; and the key."""
    now = int(time.time())
    yield (("cp2fa_account", f"a, '{realm}', 'user' || n, {now}, '', 0, 0,"
            " 'user' || n || '@example.org', '', '', 0"),
           lambda n: id_of(b"a", n))
    yield (("cp2fa_device", "k, a, 'totp', 'phone', 'active',"
            f" '{SECRET}', 'SHA1', 6, 30, 1, 0, '', {now}, 0, {now}, -1"),
           lambda n: id_of(b"d", n))
    yield (("cp2fa_session", f"k, a, 'pwd otp', {now}, {now}, {now},"
            f" {now} + {DAY} + n % {DAY}, '192.0.2.1', '{AGENT}'"),
           session_hash)
    yield (("cp2fa_event", f"k, {now} - n % {90 * DAY}, a, '{realm}',"
            f" 'user' || n, 'enabled', '192.0.2.1', '{AGENT}', 'phone'"),
           lambda n: id_of(b"e", n))


KEYS = {"cp2fa_account": "md5('a' || n)", "cp2fa_device": "md5('d' || n)",
        "cp2fa_session": "encode(sha256(sha256(('bench ' || n)::bytea)),"
                         " 'hex')",
        "cp2fa_event": "md5('e' || n)"}


class PostgreSQL:
    """A database of its own in one server, which has Debian's settings."""

    name = "PostgreSQL"
    folder = None

    def __init__(self, root, number):
        import psycopg2
        self.connect = psycopg2.connect
        if not PostgreSQL.folder:
            PostgreSQL.folder = root / "server"
            self.tool("start", "pgsql")
            for setting in ("shared_buffers = '128MB'",
                            "max_connections = 100", "fsync = on",
                            "full_page_writes = on", "autovacuum = on"):
                self.run("postgres", f"ALTER SYSTEM SET {setting}")
            self.tool("stop")
            self.tool("start", "pgsql")
        self.pid = int((self.folder / "pid").read_text())
        self.base = f"bench{number}"
        self.run("postgres", f"CREATE DATABASE {self.base}")
        self.opened = ("pgsql", f"host={self.folder} user=cp2fa"
                       f" dbname={self.base}")
        self.config = 'TwoFactorDatabase {} "{}"\n'.format(*self.opened)

    def tool(self, verb, *more):
        subprocess.run([REPO / "tools/database", verb, *more, self.folder],
                       check=True, stdout=subprocess.DEVNULL)

    def run(self, base, *statements):
        with closing(self.connect(f"host={self.folder} user=cp2fa"
                                  f" dbname={base}")) as database:
            database.autocommit = True
            with database.cursor() as cursor:
                for one in statements:
                    cursor.execute(one)
                return cursor.fetchall() if cursor.description else []

    def do(self, *statements):
        return self.run(self.base, *statements)

    def timed(self, statement, times):
        with closing(self.connect(f"host={self.folder} user=cp2fa"
                                  f" dbname={self.base}")) as database:
            database.autocommit = True
            return clocked(database.cursor().execute, statement, times)

    def fill(self, count):
        ((realm,),) = self.do("SELECT realm FROM cp2fa_account LIMIT 1")
        for (table, values), _ in rows(realm):
            self.do(f"INSERT INTO {table} SELECT {values} FROM (SELECT"
                    f" {KEYS[table]} AS k, md5('a' || n) AS a, n FROM"
                    f" generate_series(0, {count - 1}) AS n) AS filler")
        self.settle()

    def settle(self):
        self.do("VACUUM ANALYZE", "CHECKPOINT")

    def stop(self):
        if PostgreSQL.folder:
            self.tool("stop")
            PostgreSQL.folder = None
