"""cp2factl: keys that are rotated while a server runs, and secrets that come
from elsewhere."""
import contextlib
import itertools
import os
import pty
import re
import select
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from cp2fa.codes import recover, with_codes
from cp2fa.ctl import CONFIG, DATAERR, OK, REALM, TEMPFAIL, USAGE, Ctl
from cp2fa.database import Database
from cp2fa.oath import Device, code_at, now_step
from cp2fa.people import (another, enrolled, guard, name_of, newcomer, serve,
                          session_of)


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def ctl(httpd):
    return Ctl(httpd)


def takes(client, code):
    return session_of(another(client).login_token(code)) is not None


def keys(ctl):
    return {k["id"]: k for k in ctl.json("key", "status")}


def active(ctl):
    return next(k["id"] for k in ctl.json("key", "status") if k["active"])


def browse(person):
    """Logs in; a reload may close an idle connection, and a browser opens
    another then."""
    for _ in range(2):
        with contextlib.suppress(requests.ConnectionError):
            return another(person).login_token(person.device.code())
    return another(person).login_token(person.device.code())


class TestARotation:

    def test_waits_for_the_server_and_seals_all_anew_step_by_step(self, httpd, ctl):
        """CRY-04."""
        alice = with_codes(httpd)
        old = active(ctl)
        assert "step 1" in ctl.tried("key", "rotate").stderr
        new, = set(keys(ctl)) - {old}
        assert active(ctl) == old
        assert (httpd.state / "cp2fa.key").stat().st_mode & 0o777 == 0o400
        ctl.run("key", "rotate", status=75)     # refused: "no server has read"
        assert active(ctl) == old
        self.reload(httpd, ctl, new)
        assert "step 2" in ctl.tried("key", "rotate").stderr
        assert active(ctl) == new
        assert "as the active one yet" in ctl.tried("key", "rotate").stderr
        assert keys(ctl)[old]["secrets"] == 1
        httpd.restart()
        bob = enrolled(httpd)
        assert (keys(ctl)[old]["secrets"], keys(ctl)[new]["secrets"]) == (1, 1)
        assert "step 3 of 3: 1 secrets" in ctl.tried("key", "rotate").stderr
        assert (keys(ctl)[old]["secrets"], keys(ctl)[new]["secrets"]) == (0, 2)
        assert takes(alice, alice.device.code())
        assert takes(bob, bob.device.code())
        assert "10 recovery codes" in ctl.run("key", "retire", old,
                                              status=DATAERR)
        assert recover(another(alice), alice.codes[0]).status_code == 303
        Database(httpd).tell("DELETE FROM cp2fa_code")
        ctl.run("key", "retire", old, status=USAGE)     # nobody to ask
        ctl.run("key", "retire", old, "--yes")
        httpd.restart()
        assert list(keys(ctl)) == [new]
        assert takes(alice, alice.device.code())
        assert [e["kind"] for e in ctl.json("log")
                if e["user"] is None and e["actor"] == "operator"] == [
            "key-added", "key-activated", "secrets-resealed", "key-retired"]

    @staticmethod
    def reload(httpd, ctl, key):
        httpd.graceful()
        deadline = time.monotonic() + 20
        while not keys(ctl)[key]["read"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def test_takes_out_no_key_that_became_the_active_one_meanwhile(
            self, httpd, ctl):
        """CRY-04: between the question and its answer."""
        file = httpd.state / "cp2fa.key"
        before = file.read_text()
        ours, theirs = pty.openpty()
        file.chmod(0o600)
        file.write_text(before + "spare:" + "A" * 43 + "=\n")
        file.chmod(0o400)
        with subprocess.Popen(
                ctl.command("key", "retire", "spare"), stdin=theirs,
                stderr=theirs, stdout=subprocess.DEVNULL) as run:
            os.close(theirs)
            said = b""
            while b"Go on?" not in said:
                assert select.select([ours], [], [], 30)[0], said
                said += os.read(ours, 1000)
            file.chmod(0o600)
            file.write_text(before.replace(":active", "") + "spare:"
                            + "A" * 43 + "=:active\n")
            file.chmod(0o400)
            os.write(ours, b"y\n")
            assert run.wait(20) == DATAERR
        said = b""
        while b'"spare" is the active one' not in said:
            said += os.read(ours, 1000)     # which fails after its last word
        assert "spare:" in file.read_text()
        file.chmod(0o600)
        file.write_text(before)
        file.chmod(0o400)
        os.close(ours)

    def test_of_a_file_that_is_no_secret_changes_nothing(self, httpd, ctl):
        """CRY-03."""
        file = httpd.state / "cp2fa.key"
        file.chmod(0o444)
        before = file.read_bytes()
        assert "open to others" in ctl.run("key", "rotate", status=CONFIG)
        assert file.read_bytes() == before
        file.chmod(0o400)

    def test_fails_no_log_in_under_load(self, httpd, ctl):
        """CRY-04, F13: before, between and after, whoever logs in is in."""
        people = [enrolled(httpd) for _ in range(5)]
        old = active(ctl)
        done, failed, stop = [], [], threading.Event()

        def log_in():
            # nine each: what a phone can show without waiting
            for person in itertools.chain(*[people] * 9):
                if stop.is_set() and len(done) >= 10:
                    break
                answer = browse(person)
                (done if session_of(answer) else failed).append(
                    answer.status_code)

        worker = threading.Thread(target=log_in)
        worker.start()
        rotated = ctl.tried("key", "rotate", "--settle", "1", "--graceful",
                            f"kill -USR1 {httpd.process.pid}")
        stop.set()
        worker.join()
        assert rotated.returncode == OK, rotated
        assert failed == [] and len(done) >= 10
        use = keys(ctl)
        assert use[old]["secrets"] == 0
        assert use[active(ctl)]["secrets"] == sum(
            k["secrets"] for k in use.values()) >= len(people)
        for person in people:
            assert takes(person, person.device.code())

    def test_says_that_a_reload_failed_and_goes_on_later(self, httpd, ctl):
        ctl.run("key", "rotate", "--graceful", "false", status=69)
        assert "no server has read" in ctl.tried("key", "rotate").stderr
        ctl.run("key", "rotate", "--settle", "0", "--graceful",
                f"kill -USR1 {httpd.process.pid}")
        assert len([k for k in keys(ctl).values() if k["secrets"]]) == 1


class TestRotationsAtOnce:

    def test_lose_no_key_and_make_one_step(self, httpd, ctl):
        """CRY-04: a key that a server has read, and that is in no file any
        more, would keep it from starting."""
        before = keys(ctl)
        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda _: ctl.tried("key", "rotate"),
                                 range(8)))
        assert {r.returncode for r in runs} <= {OK, TEMPFAIL}, runs
        added = re.findall(r'step 1 of 3: key "(\w+)"',
                           "".join(r.stderr for r in runs))
        assert len(added) == 1
        assert set(keys(ctl)) == {*before, *added}
        assert not (httpd.state / "cp2fa.key.new").exists()


class TestSecretsFromElsewhere:

    def test_of_google_authenticator_log_in(self, httpd, ctl, tmp_path):
        """Its own program made the file."""
        alice = newcomer(httpd)
        file = tmp_path / "google"
        subprocess.run(["google-authenticator", "-t", "-f", "-d", "-r", "3",
                        "-R", "30", "-w", "3", "-C", "-q", "-s", file],
                       check=True)
        ctl.run("import", "google-authenticator", file, "--realm", REALM,
                status=USAGE)
        into = ("--realm", REALM, "--user", name_of(alice))
        said = ctl.tried("import", "google-authenticator", file, *into)
        assert said.returncode == OK and "5 emergency scratch" in said.stderr
        secret = file.read_text().split("\n")[0]
        assert takes(alice, Device(secret).code())
        again = ctl.tried("import", "google-authenticator", file, *into)
        assert "0 devices added, 1 were there" in again.stderr
        assert ctl.log(name_of(alice)) == [("enabled", "operator")]

    def test_of_google_authenticator_with_another_period(self, httpd, ctl,
                                                         tmp_path):
        alice = newcomer(httpd)
        file = tmp_path / "google"
        subprocess.run(["google-authenticator", "-t", "-f", "-D", "-u", "-W",
                        "-S", "60", "-Q", "none", "-C", "-q", "-s", file],
                       check=True)
        ctl.run("import", "google-authenticator", file, "--realm", REALM,
                "--user", name_of(alice))
        code = subprocess.run(
            ["oathtool", "--totp", "-b", "-s", "60",
             file.read_text().split("\n")[0]], text=True, check=True,
            capture_output=True).stdout.strip()
        assert takes(alice, code)

    def test_of_mod_authn_otp_log_in_with_their_offset(self, httpd, ctl,
                                                       tmp_path):
        """The format is that of its users.sample."""
        alice, bob = newcomer(httpd), newcomer(httpd)
        file = tmp_path / "users"
        file.write_text(
            "# Example users file for mod_authn_otp\n\n"
            f"T {name_of(alice)} 999999 "
            "ef654fccdef654fccc4a4d8acbd18db4cc2f85ce -2 883913"
            " 2009-06-04T21:17:03Z\n"
            f"HOTP/T30/6 {name_of(bob)} - "
            "54fccc418a4d8acbddef6db4cc2f85ce99321d64\n"
            "E wilma 5678 a4d8acbddef654fccc418db4cc2f85cea6339f00\n")
        said = ctl.tried("import", "authn-otp", file, "--realm", REALM)
        assert said.returncode == DATAERR
        assert "line 5 is skipped" in said.stderr
        assert "2 devices added" in said.stderr
        assert Database(httpd).ask(
            "SELECT d.skew FROM cp2fa_device d JOIN cp2fa_account a ON a.id ="
            " d.account WHERE a.name = ?", name_of(alice)) == [(-2,)]
        key = "55SU7TG66ZKPZTCKJWFMXUMNWTGC7BOO"
        assert takes(alice, code_at(key, now_step() - 2))

    def test_come_back_as_they_were_exported(self, httpd, ctl, tmp_path):
        """Every parameter of them, into a new database."""
        alice = newcomer(httpd)
        secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        uris = [
            f"otpauth://totp/{REALM.replace(' ', '%20')}:{name_of(alice)}"
            f"?secret={secret}&issuer={REALM.replace(' ', '%20')}"
            "&algorithm=SHA256&digits=8&period=60",
            "otpauth://totp/%C5%A0%3A:j%C4%81nis%40x?secret=MZXW6YTBOJTGC6TC"
            "&issuer=%C5%A0%3A&algorithm=SHA512&digits=6&period=30",
        ]
        bad = ["otpauth://hotp/a:b?secret=GEZDGNBVGY3TQOJQ&counter=1",
               "otpauth://totp/a:b?secret=AAAA", "nonsense"]
        said = ctl.tried("import", "otpauth",
                         typed="\n".join(uris + bad) + "\n")
        assert said.returncode == DATAERR and "3 skipped" in said.stderr
        ctl.run("export", status=USAGE)
        said = ctl.tried("export", "--yes")
        assert "in the clear" in said.stderr
        assert set(uris) <= set(said.stdout.splitlines())
        other = ["--database", f"sqlite3:{tmp_path}/sub/db", "--key-file",
                 tmp_path / "sub" / "key"]
        fresh = Ctl(httpd)
        fresh.base = other
        fresh.run("init", "--run-as", "root")
        fresh.run("init", "--run-as", "root")   # twice is once
        fresh.run("import", "otpauth", "-", typed=said.stdout)
        assert sorted(fresh.run("export", "--yes").splitlines()) == sorted(
            said.stdout.splitlines())
        assert "exported" in {e["kind"] for e in ctl.json("log")}


class TestALookAtASetUp:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        """Its folder is as a package, or cp2factl init, makes it."""
        httpd = httpd_of(guard())
        shutil.chown(httpd.state, "root", "www-data")
        httpd.state.chmod(0o1770)
        return serve(httpd)

    def test_that_is_well_finds_nothing_wrong(self, httpd, ctl):
        findings = ctl.json("check")
        assert [f for f in findings if f["wrong"]] == []
        assert {f["about"] for f in findings} == {
            "keys", "database", "clock", "mail", "gate"}
        assert re.search(r"\b[01] s apart", str(findings))

    def wrong(self, ctl):
        done = ctl.tried("check")
        assert done.returncode == CONFIG, done
        return done.stdout

    def test_says_what_to_change_of_files(self, httpd, ctl):
        """CRY-03, F14, F26."""
        (httpd.state / "cp2fa.db").chmod(0o644)
        (httpd.state / "cp2fa.key").chmod(0o440)
        said = self.wrong(ctl)
        assert "chmod 0600" in said and "chmod 0400" in said
        (httpd.state / "cp2fa.key").chmod(0o400)
        shutil.chown(httpd.state, "www-data")   # who may rename what is in it
        said = self.wrong(ctl)
        assert "its owner, user 33, can put another" in said
        assert "chown root" in said
        shutil.chown(httpd.state, "root")
        (httpd.state / "cp2fa.db").chmod(0o600)
        (httpd.state / "cp2fa.key").chmod(0o400)
        database = Database(httpd)
        version, = database.ask(
            "SELECT value FROM cp2fa_meta WHERE name = 'schema'")
        database.tell("UPDATE cp2fa_meta SET value = '1' WHERE name = 'schema'")
        assert "cp2factl migrate" in self.wrong(ctl)
        ctl.run("user", "list", status=CONFIG)
        ctl.run("migrate", status=CONFIG)
        database.tell("UPDATE cp2fa_meta SET value = ? WHERE name = 'schema'",
                      version[0])
        ctl.run("migrate")
        key = (httpd.state / "cp2fa.key").read_text()
        (httpd.state / "cp2fa.key").unlink()
        ctl.run("key", "new", httpd.state / "cp2fa.key")
        assert "which is not in the key file" in self.wrong(ctl)
        (httpd.state / "cp2fa.key").chmod(0o600)
        (httpd.state / "cp2fa.key").write_text(key)
        (httpd.state / "cp2fa.key").chmod(0o400)
        assert ctl.tried("check").returncode == OK

    def test_names_an_open_host_beside_a_guarded_one(self, httpd, ctl):
        conf = httpd.root / "conf" / "httpd.conf"
        whole = conf.read_text()
        conf.write_text(whole + "<VirtualHost *:80>\nServerName localhost\n"
                        "</VirtualHost>\n")
        said = self.wrong(ctl)
        assert "is not guarded" in said and "Redirect permanent / " in said
        conf.write_text(whole + "<VirtualHost *:80>\nServerName localhost\n"
                        "Redirect permanent / https://localhost/\n"
                        "</VirtualHost>\n")
        assert ctl.tried("check").returncode == OK
        conf.write_text(whole + "Include conf/not-there.conf\n")
        assert "not-there.conf" in self.wrong(ctl)
        conf.write_text(whole)
