"""cp2factl on accounts that people made in their browsers."""
import os
import subprocess
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from cp2fa.codes import recover, with_codes
from cp2fa.ctl import (CONFIG, CTL, DATAERR, NOPERM, NOUSER, REALM, TEMPFAIL,
                       USAGE, Ctl)
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, register, text_of
from cp2fa.oath import Device, code_at, now_step
from cp2fa.people import (another, enrolled, guard, is_in, name_of, newcomer,
                          serve, session_of, wait_until)

NO_CACHE = "TwoFactorSessionCache none"


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard(), server=NO_CACHE))


@pytest.fixture(scope="class")
def ctl(httpd):
    return Ctl(httpd)


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


def takes(client, code):
    """Whether another browser of that person is in by this code."""
    return session_of(another(client).login_token(code)) is not None


class TestAnAccount:

    def test_is_listed_and_shown(self, httpd, ctl):
        alice = with_codes(httpd)
        row, = [r for r in ctl.json("user", "list") if
                r["user"] == name_of(alice)]
        assert row["realm"] == REALM and row["enabled"] is True
        assert (row["devices"], row["codes"], row["sessions"]) == (1, 10, 1)
        assert ctl.json("user", "list", "--realm", "no such") == []
        shown = ctl.account(name_of(alice))
        assert [d["name"] for d in shown["devices"]] == ["phone"]
        assert shown["locked"] is False and shown["locked_at"] is None
        assert name_of(alice) in ctl.run("user", "list")

    def test_that_is_not_there_is_ex_nouser(self, ctl):
        for what in ("show", "unlock", "disable"):
            assert "no account" in ctl.user(what, "nobody", "--yes",
                                            status=NOUSER)

    def test_is_unlocked_and_told(self, httpd, ctl, alice):
        """THR-04: an operator is a way out of the lock."""
        address = register(httpd, alice)
        now = int(time.time() * 10**6)
        Database(httpd).tell(
            "UPDATE cp2fa_account SET locked_at = ?, failures = ? WHERE"
            " name = ?", now, f"{now:016d} ", name_of(alice))
        assert not takes(alice, alice.device.code())
        assert ctl.account(name_of(alice))["locked"] is True
        ctl.user("unlock", name_of(alice))
        assert takes(alice, alice.device.code())
        told = Mailbox(httpd.root / "mail").wait(1, address)[0]
        assert "unlocked" in told["Subject"] and "operator" in text_of(told)
        assert ("unlocked", "operator") in ctl.log(name_of(alice))

    def test_is_disabled_and_every_session_of_it_ends(self, httpd, ctl,
                                                      alice):
        """SES-05, ENR-10."""
        refused = ctl.user("disable", name_of(alice), status=USAGE)
        assert "--yes" in refused and is_in(alice)
        ctl.user("disable", name_of(alice), "--yes")
        assert Database(httpd).sessions(name_of(alice)) == []
        assert Database(httpd).devices(name_of(alice)) == []
        assert is_in(another(alice))        # optional: the password will do
        assert ctl.log(name_of(alice))[-1] == ("disabled-by-operator",
                                               "operator")

    def test_has_its_address_set_and_the_old_one_told(self, httpd, ctl, alice):
        """MAIL-10: in both places."""
        old = register(httpd, alice)
        assert "no mail address" in ctl.user("email", name_of(alice), "a b",
                                             "--yes", status=DATAERR)
        ctl.user("email", name_of(alice), "new." + old, "--yes")
        assert ctl.account(name_of(alice))["email"] == "new." + old
        box = Mailbox(httpd.root / "mail")
        assert box.wait(1, old) and box.wait(1, "new." + old)

    def test_can_not_be_changed_while_the_database_is_locked(self, httpd, ctl,
                                                             alice):
        """F4: nothing is half done, and the status says try again."""
        with Database(httpd).locked():
            ctl.user("unlock", name_of(alice), status=TEMPFAIL)
        assert ctl.log(name_of(alice))[-1] == ("enabled", "user")

    def enrol(self, ctl, name, answer):
        """Runs it, answering what it prints; its output and status."""
        with subprocess.Popen(
                ctl.command("user", "enroll", "--realm", REALM, name),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True) as run:
            lines = []
            for line in run.stdout:
                lines.append(line)
                if line.startswith("otpauth://"):
                    break
            run.stdin.write(answer(lines[-1].strip()) + "\n")
            run.stdin.close()
            run.wait(30)
            return lines, run.returncode

    def test_is_enrolled_with_a_code_to_scan_and_its_pin(self, httpd, ctl,
                                                         tmp_path):
        """ENR-05: the QR code is that very URI."""
        alice = newcomer(httpd)
        device = []

        def answer(uri):
            device.append(Device(parse_qs(urlsplit(uri).query)["secret"][0]))
            return device[0].code()

        lines, status = self.enrol(ctl, name_of(alice), answer)
        assert status == 0
        assert scan(lines[:-1], tmp_path) == lines[-1].strip()
        assert not is_in(alice)
        assert not takes(alice, code_at(device[0].secret,
                                        device[0].last_step))
        assert takes(alice, device[0].code())

    def test_is_not_enrolled_by_a_wrong_pin(self, httpd, ctl):
        """ENR-02."""
        alice = newcomer(httpd)
        _, status = self.enrol(ctl, name_of(alice), lambda uri: "000000x")
        assert status == DATAERR
        assert is_in(alice) and ctl.log(name_of(alice)) == []

    def test_gets_a_device_beside_the_others(self, httpd, ctl, alice):
        """ENR-10: and ends every session, as an enrolment does."""
        ctl.user("enroll", name_of(alice), "--no-confirm", "--name", "phone")
        assert {d["name"] for d in ctl.account(name_of(alice))["devices"]} \
            == {"phone", "phone 2"}
        assert not is_in(alice)
        assert takes(alice, alice.device.code())
        assert ctl.log(name_of(alice))[-1] == ("device-added", "operator")


def scan(lines, folder):
    """What zbarimg reads out of the half blocks."""
    rows = []
    for line in lines:
        cells = line.split("m", 1)[1].split("\033")[0]
        rows.append([c in "▀█" for c in cells])
        rows.append([c in "▄█" for c in cells])
    zoom = 4
    text = "".join("".join(" 0" if dark else " 1" for dark in row
                           for _ in range(zoom)) + "\n"
                   for row in rows for _ in range(zoom))
    picture = folder / "qr.pgm"
    picture.write_text(f"P2 {len(rows[0]) * zoom} {len(rows) * zoom} 1\n"
                       + text)
    done = subprocess.run(["zbarimg", "-q", "--raw", picture], text=True,
                          capture_output=True, check=True)
    return done.stdout.strip()


class TestSessions:

    def test_end_one_by_one_by_user_and_all(self, httpd, ctl):
        """SES-08: an operator can list and end any."""
        alice, bob = enrolled(httpd), enrolled(httpd)
        second = another(alice)
        second.login_token(alice.device.code())
        listed = ctl.json("session", "list", "--realm", REALM, "--user",
                          name_of(alice))
        assert len(listed) == 2
        ids = {s["id"]: s for s in listed}
        oldest = min(listed, key=lambda s: s["created"])["id"]
        ctl.run("session", "end", oldest)
        assert set(ids) - {s["id"] for s in ctl.json("session", "list")} == {
            oldest}
        ctl.run("session", "end", "--realm", REALM, "--user", name_of(alice))
        assert not is_in(alice) and not is_in(second) and is_in(bob)
        ctl.run("session", "end", "--all", status=USAGE)
        assert is_in(bob)
        ctl.run("session", "end", "--all", "--yes")
        assert not is_in(bob)
        assert ctl.log(name_of(bob))[-1] == ("sessions-ended", "operator")

    def test_of_an_id_that_is_none_are_not_there(self, ctl):
        ctl.run("session", "end", "0123456789abcdef", status=DATAERR)
        ctl.run("session", "end", "01", status=USAGE)

    def test_that_an_old_backup_brought_back_are_void(self, httpd, ctl):
        """F25: a code, a recovery code and a session that live again."""
        alice = with_codes(httpd)
        code = alice.device.code()
        database = Database(httpd)
        before = database.ask("SELECT last_step FROM cp2fa_device")
        ctl.run("revoke", "--since", "0s", status=USAGE)
        assert is_in(alice)
        ctl.run("revoke", "--since", "0s", "--yes")
        assert not is_in(alice)
        assert not takes(alice, code)
        assert recover(another(alice), alice.codes[0]).status_code == 422
        after = database.ask("SELECT MIN(last_step) FROM cp2fa_device")
        assert after[0][0] >= now_step() + 5 > max(b[0] for b in before)
        assert ctl.log(name_of(alice))[-1] == ("codes-voided", "operator")

    def test_that_began_after_the_backup_go_on(self, httpd, ctl):
        alice = with_codes(httpd)
        ctl.run("revoke", "--since", "1h", "--yes")
        assert is_in(alice)
        assert ctl.account(name_of(alice))["codes"] == 10


class TestTheTrailAndTheOutbox:

    def test_shows_what_an_operator_did_and_is_filtered(self, httpd, ctl,
                                                        alice):
        ctl.user("unlock", name_of(alice))
        assert ctl.log(name_of(alice)) == [("enabled", "user"),
                                           ("unlocked", "operator")]
        assert ctl.log(name_of(alice), "--since", "2999-01-01") == []
        assert ctl.log(name_of(alice), "--realm", "other") == []
        ctl.run("log", "--since", "yesterday", status=USAGE)
        event = ctl.json("log", "--user", name_of(alice))[-1]
        assert event["address"] is None and "run by" in event["agent"]
        assert event["at"].endswith("Z")

    def test_dead_letters_are_sent_again_or_dropped(self, httpd, ctl, alice):
        """F12: dead letters are kept and shown."""
        address = register(httpd, alice)
        ctl.user("unlock", name_of(alice))
        box = Mailbox(httpd.root / "mail")
        box.wait(1, address)
        assert wait_until(lambda: ctl.json("mail", "list") == [])
        account, = Database(httpd).ask(
            "SELECT id FROM cp2fa_account WHERE name = ?", name_of(alice))
        for n, kind in enumerate(("unlocked", "locked", "bypass-token")):
            Database(httpd).tell(
                "INSERT INTO cp2fa_outbox VALUES (?, ?, ?, ?, 'en', ?, '',"
                " 'dead', 'no route', 9, 1, 1, 1)", f"{n:032d}", account[0],
                address, kind, "address=operator\nagent=\nissuer=x\n")
        assert [(m["kind"], m["state"], m["problem"])
                for m in ctl.json("mail", "list")] == [
            ("unlocked", "dead", "no route"), ("locked", "dead", "no route"),
            ("bypass-token", "dead", "no route")]
        ctl.run("mail", "retry", f"{2:032d}", status=DATAERR)
        ctl.run("mail", "retry", f"{0:032d}")
        assert len(box.wait(2, address)) == 2
        assert wait_until(lambda: len(ctl.json("mail", "list")) == 2)
        ctl.run("mail", "drop", "--all", "--yes")
        assert ctl.json("mail", "list") == []
        ctl.run("mail", "drop", "x", "--yes", status=DATAERR)

    def test_what_has_expired_is_purged(self, httpd, ctl, alice):
        Database(httpd).tell("UPDATE cp2fa_session SET ends = 1")
        assert "0 expired" not in ctl.tried("purge").stderr
        assert Database(httpd).ask("SELECT * FROM cp2fa_session") == []

    @pytest.mark.parametrize("arguments, status", [
        ((), USAGE), (("user",), USAGE), (("user", "show"), USAGE),
        (("user", "show", "x"), USAGE), (("--no-such",), USAGE),
        (("key", "status", "--realm", "x"), USAGE),
        (("--database", "nowhere", "user", "list"), USAGE),
        (("--database", "no:thing", "user", "list"), CONFIG),
        (("--database", "sqlite3:/nowhere/db", "user", "list"), CONFIG),
        (("--key-file", "/nowhere", "key", "status"), CONFIG)])
    def test_what_can_not_be_has_a_status_of_its_own(self, ctl, arguments,
                                                     status):
        assert ctl.run(*arguments, status=status)

    def test_no_word_of_a_database_is_obeyed_by_a_terminal(self, httpd,
                                                           tmp_path):
        """INP-01: nor of a name, nor of an 8-bit terminal."""
        (tmp_path / "bad").mkdir()
        for name in (b"\x1b[2J\x07", "\u009b2J".encode(), b"\x9b2J\n"):
            done = subprocess.run(
                [CTL, "--database", b"sqlite3:%s/bad/%s" % (
                    os.fsencode(tmp_path), name), "user", "list"],
                capture_output=True, timeout=60)
            assert done.returncode == CONFIG, done
            line, = done.stderr.splitlines()
            assert b"/bad/?" in line
            assert all(byte >= 0x20 and byte not in (0x7f, 0x9b)
                       for byte in line), line

    def test_who_may_not_read_the_keys_is_told(self, httpd, ctl):
        if os.geteuid() != 0:
            pytest.skip("needs root, to be somebody else")
        done = subprocess.run(
            ["setpriv", "--reuid", "www-data", "--clear-groups", "--",
             *ctl.command("key", "status")], capture_output=True, text=True)
        if "execute" in done.stderr:
            pytest.skip("the build folder is root's alone")
        assert done.returncode == NOPERM and "be root" in done.stderr

    def test_database_and_key_file_are_enough(self, httpd):
        done = subprocess.run(
            [CTL, "--database", f"sqlite3:{httpd.state}/cp2fa.db",
             "--key-file", httpd.state / "cp2fa.key", "key", "status"],
            capture_output=True, text=True)
        assert done.returncode == 0 and "yes" in done.stdout
