"""A PostgreSQL or MariaDB server of a test's own, by tools/database."""
import itertools
import os
import re
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

TOOL = Path(__file__).resolve().parents[3] / "tools" / "database"
PACKAGE = {"pgsql": "psycopg2", "mysql": "pymysql"}
_numbers = itertools.count(1)


def is_stopped(pid):
    """Whether all threads of a process are; one that has ended is, too."""
    try:
        return all(stat.read_text().rpartition(")")[2].split()[0] in "TZX"
                   for stat in Path(f"/proc/{pid}/task").glob("*/stat"))
    except OSError:
        return False


class Server:
    """What runs in a folder: started here, or by who set the environment."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.folder = Path(folder)

    def start(self):
        subprocess.run([TOOL, "start", self.kind, self.folder], check=True,
                       capture_output=True, text=True)
        return self

    def stop(self, how="fast"):
        self.thaw()
        subprocess.run([TOOL, "stop", self.folder, how], check=True)

    def processes(self):
        """The server's own process and those it has forked."""
        try:
            first = int((self.folder / "pid").read_text())
        except OSError:
            return []
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)],
                               capture_output=True, text=True).stdout
        return [first, *map(int, found.split())]

    def _signal(self, number):
        for pid in self.processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def freeze(self):
        """It accepts connections, by the kernel's grace, and is silent."""
        self._signal(signal.SIGSTOP)
        for _ in range(3000):   # its threads stop one by one
            if all(map(is_stopped, self.processes())):
                return
            time.sleep(0.01)
        raise AssertionError("the server does not stop")

    def thaw(self):
        self._signal(signal.SIGCONT)

    # -- databases in it ---------------------------------------------------

    def make(self):
        """A new database, empty."""
        name = f"e{os.getpid()}_{next(_numbers)}"
        with closing(self._connect(None)) as connection:
            connection.cursor().execute(f"CREATE SCHEMA {name}")
        return ServerDatabase(self, name)

    def _connect(self, name, user="cp2fa"):
        if self.kind == "pgsql":
            import psycopg2
            more = {"options": f"-csearch_path={name}"} if name else {}
            connection = psycopg2.connect(
                host=str(self.folder), user=user, dbname="postgres", **more)
            connection.autocommit = True
            return connection
        import pymysql
        return pymysql.connect(
            unix_socket=str(self.folder / "mysqld.sock"), user=user,
            database=name or "cp2fa", autocommit=True)


class ServerDatabase:
    """One database of a server, as TwoFactorDatabase and a test see it."""

    def __init__(self, server, name):
        self.server = server
        self.kind = server.kind
        self.name = name

    @property
    def directive(self):
        folder = self.server.folder
        params = (f"host={folder} user=cp2fa dbname=postgres"
                  f" options=-csearch_path={self.name}"
                  if self.kind == "pgsql" else
                  f"sock={folder}/mysqld.sock user=cp2fa dbname={self.name}")
        return f'TwoFactorDatabase {self.kind} "{params}"'

    def connect(self):
        return self.server._connect(self.name)

    def run(self, sql, values=()):
        """The rows, or the number of rows changed; ? stands for a value."""
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(re.sub(r"\?", "%s", sql), values or None)
            return ([tuple(row) for row in cursor.fetchall()]
                    if cursor.description else cursor.rowcount)


def chosen():
    """The server that the environment names: CP2FA_E2E_DATABASE="pgsql
    /folder"; None for sqlite."""
    kind, _, folder = os.environ.get("CP2FA_E2E_DATABASE", "").partition(" ")
    return Server(kind, folder) if folder else None
