"""A database that can't be written or read, is full, or of another version."""
import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from cp2fa.client import location
from cp2fa.ctl import CONFIG, Ctl
from cp2fa.database import Database
from cp2fa.people import (another, enrolled, guard, is_in, name_of, newcomer,
                          serve, wait_until)
from test_faults import NO_CACHE, check_unavailable, check_well, token_form
from test_setup import check_refused


def children_of(httpd):
    """The processes that answer requests; not the CGI daemon."""
    pid = httpd.process.pid
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            found = [int(child) for child in children.read().split()]
    except FileNotFoundError:
        return []
    return [child for child in found
            if os.path.isdir(f"/proc/{child}/task")
            and len(os.listdir(f"/proc/{child}/task")) > 5]


def replace_children(httpd, client):
    """Kills those that answer, and waits for the parent to make others."""
    old = set(children_of(httpd))
    for child in old:
        os.kill(child, signal.SIGKILL)
    assert wait_until(lambda: answers(another(client)))
    assert old.isdisjoint(children_of(httpd))


def answers(client):
    try:
        return client.get("/2fa/style.css").status_code == 200
    except OSError:
        return False


class TestADatabaseThatCannotBeWritten:

    def test_lets_nobody_new_in(self, httpd_of):
        """F5: the graceful restart makes new connections, read-only ones."""
        httpd = serve(httpd_of(guard()))
        httpd.log.expect("CP2FA003", "CP2FA102", "CP2FA105",
                         "exit signal Killed")
        alice = enrolled(httpd)
        database = Database(httpd)
        before = database.sessions(name_of(alice))
        path = database.path
        path.chmod(0o444)
        os.chown(path, 0, 0)
        try:
            replace_children(httpd, alice)
            _, send = token_form(alice)
            check_unavailable(send(alice.device.code()))
            check_unavailable(another(alice).get("/page.html", headers={
                "TwoFactor-Token": alice.device.code()}))
            assert is_in(alice)                 # who was in stays in
            check_unavailable(newcomer(httpd).post_form(
                "/2fa/enable", {}, on="/2fa/profile"))
            assert "readonly" in httpd.log.text()
        finally:
            path.chmod(0o600)
            shutil.chown(path, "www-data", "www-data")
        assert database.sessions(name_of(alice)) == before
        replace_children(httpd, alice)
        check_well(httpd, alice)

    def test_is_no_reason_not_to_start(self, httpd_of):
        """F5: who was in stays in, nobody else gets in, and the log says it.
        """
        httpd = serve(httpd_of(guard()))
        httpd.log.expect("CP2FA003", "CP2FA102", "CP2FA105")
        client = enrolled(httpd)
        httpd.stop()
        path = Database(httpd).path
        path.chmod(0o444)
        shutil.chown(path, "root", "root")
        httpd.start()
        assert is_in(client)
        _, send = token_form(client)
        check_unavailable(send(client.device.code()))
        assert "readonly" in httpd.log.text()

    def test_nor_read_is_refused_at_the_start(self, httpd_of):
        """F5: before anybody finds out by failing to log in."""
        httpd = serve(httpd_of(guard()))
        client = enrolled(httpd)
        httpd.stop()
        path = Database(httpd).path
        path.chmod(0o000)
        shutil.chown(path, "root", "root")
        check_refused(httpd, "cp2fa.db", "www-data", configtest=False)
        path.chmod(0o600)
        shutil.chown(path, "www-data", "www-data")
        httpd.start()
        assert is_in(client)

    def test_is_refused_in_a_folder_that_children_cannot_use(self, httpd_of):
        """One line says which folder, and as whom."""
        httpd = httpd_of(guard())
        shutil.chown(httpd.state, "root", "root")
        for mode in (0o700, 0o755):
            httpd.state.chmod(mode)
            check_refused(httpd, str(httpd.state), "www-data",
                          configtest=False)
            (httpd.root / "logs" / "error.log").unlink()
            assert list(httpd.state.iterdir()) == []


class TestAFullDisk:

    @pytest.fixture()
    def small(self, httpd_of):
        """A server whose state is on a file system of half a megabyte."""
        httpd = httpd_of(guard(), server=NO_CACHE)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "cp2fa-test",
             httpd.state], capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr}")
        try:
            httpd.give_to_httpd("state")
            httpd.log.expect("CP2FA003", "CP2FA102", "CP2FA105")
            yield serve(httpd)
        finally:
            httpd.stop()
            subprocess.run(["umount", httpd.state], check=True)

    def test_denies_and_heals(self, small):
        """F6: no half state."""
        alice = enrolled(small)
        database = Database(small)
        before = database.sessions(name_of(alice))
        _, send = token_form(alice)
        guest = newcomer(small)
        # no room is left in the journal: what is written next must grow it
        assert database.ask("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0
        filler = small.state / "filler"
        with open(filler, "wb", buffering=0) as full, \
                pytest.raises(OSError, match="No space"):
            while True:
                full.write(b"x" * 4096)
        code = alice.device.code()
        check_unavailable(send(code))
        check_unavailable(guest.post_form("/2fa/enable", {},
                                          on="/2fa/profile"))
        assert is_in(alice)
        filler.unlink()
        assert database.sessions(name_of(alice)) == before
        assert database.devices(name_of(guest), "pending") == []
        assert location(send(code))
        assert database.failures(name_of(alice)) == 0
        guest.enrol()
        check_well(small, alice)


# the indexes that versions 6 and 7 have brought
INDEXES = (("cp2fa_session", "over"), ("cp2fa_account", "locked"),
           ("cp2fa_device", "expires"), ("cp2fa_mail_token", "expires"),
           ("cp2fa_login_failure", "at"), ("cp2fa_app_token", "expires"),
           ("cp2fa_app_token", "offered"))


class TestADatabaseOfAnotherVersion:

    @pytest.mark.parametrize("version", ["0", "1", "x", "99"])
    def test_is_refused_at_the_start_and_left_alone(self, httpd_of, version):
        """F26: older and newer."""
        httpd = serve(httpd_of(guard() + "KeepAlive Off\n"))
        # httpd's own words when it is stopped while it answers
        httpd.log.expect("mpm_event:error.*Bad file descriptor",
                         "AH03092", "AH03093", "AH00468")
        httpd.stop()
        database = Database(httpd)
        right = database.ask("SELECT value FROM cp2fa_meta"
                             " WHERE name = 'schema'")
        database.tell("UPDATE cp2fa_meta SET value = ? WHERE name = 'schema'",
                      version)
        dump_before = database.dump()
        check_refused(httpd, "version", configtest=False)
        for command in (["user", "list"], ["check"]):
            told = Ctl(httpd).tried(*command)
            assert told.returncode == CONFIG, told
            advice = "newer module" if version == "99" else "cp2factl migrate"
            assert advice in told.stdout + told.stderr, told
        Ctl(httpd).run("migrate", status=CONFIG)
        assert database.dump() == dump_before
        database.tell("UPDATE cp2fa_meta SET value = ? WHERE name = 'schema'",
                      *right[0])
        httpd.start()
        enrolled(httpd)

    def test_of_before_is_migrated_by_cp2factl(self, httpd_of):
        """F26: with a copy of before; who was enrolled still is."""
        httpd = serve(httpd_of(guard() + "KeepAlive Off\n"))
        alice = enrolled(httpd)
        httpd.stop()
        database = Database(httpd)
        database.tell("DROP TABLE cp2fa_ended")
        for table, column in INDEXES:
            on = f" ON {table}" if httpd.database and \
                httpd.database.kind == "mysql" else ""
            database.tell(f"DROP INDEX {table}_{column}{on}")
        database.tell("UPDATE cp2fa_meta SET value = '4'"
                      " WHERE name = 'schema'")
        check_refused(httpd, "cp2factl migrate", configtest=False)
        told = Ctl(httpd).tried("migrate")
        assert told.returncode == 0 and "META_GET" not in told.stderr, told
        if not httpd.database:
            copy = httpd.state / "cp2fa.db.version-4"
            assert copy.stat().st_mode & 0o777 == 0o600
            with closing(sqlite3.connect(copy)) as before:
                assert before.execute("SELECT value FROM cp2fa_meta WHERE"
                                      " name = 'schema'").fetchone() == ("4",)
                assert before.execute("SELECT COUNT(*) FROM cp2fa_account"
                                      ).fetchone() == (1,)
        httpd.start()
        assert is_in(alice) and not is_in(another(alice))
        Ctl(httpd).run("migrate")   # and there is nothing to do
