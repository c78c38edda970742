"""cp2factl without a server: what it says where something is not as it
should be, and with which exit status."""
import sqlite3
import subprocess

import pytest

from cp2fa.ctl import (CANTCREAT, CONFIG, DATAERR, IOERR, OK, TEMPFAIL, USAGE,
                       Ctl)

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
REALM = ("--realm", "R")


@pytest.fixture(scope="class")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ctl")


def ctl_on(folder):
    """With tables and a key of its own, and one account: ann, in R."""
    ctl = Ctl.__new__(Ctl)
    ctl.base = ["--database", f"sqlite3:{folder}/db", "--key-file",
                folder / "key"]
    ctl.run("init", "--run-as", "root")
    ctl.run("import", "otpauth", *REALM,
            typed=f"otpauth://totp/R:ann?secret={SECRET}&issuer=R\n")
    return ctl


@pytest.fixture(scope="class")
def ctl(folder):
    return ctl_on(folder)


class TestWhatIsAsked:

    def test_help_names_every_command_and_option(self, ctl):
        said = ctl.run("--help")
        for word in ("user disable", "key rotate", "import authn-otp",
                     "--database", "--graceful", "cp2factl(8)"):
            assert word in said

    def test_an_account_is_shown_as_text(self, ctl):
        said = ctl.run("user", "show", *REALM, "ann")
        assert "ann" in said and "devices" in said and "name=" in said

    @pytest.mark.parametrize("arguments, status, words", [
        (("user", "enroll", "bob"), USAGE, "say --realm"),
        (("user", "enroll", *REALM, "b\tb"), DATAERR, "bad name"),
        (("user", "show", "ann"), USAGE, "say --realm"),
        (("import", "authn-otp", "/dev/null"), USAGE, "say --realm"),
        (("init", "--run-as", "no-such-user"), CONFIG, "there is no user"),
        (("init",), USAGE, "--run-as USER"),
        (("key", "retire", "none", "--yes"), DATAERR, "no key"),
        (("key", "rotate", "--settle", "x"), USAGE, "--settle is a number"),
        (("revoke", "--yes"), USAGE, "say --since"),
        (("log", "--since", "yesterday"), USAGE, "--since"),
        (("import", "otpauth", "/nowhere"), None, "/nowhere"),
        (("--config", "/nowhere", "user", "list"), CONFIG, "/nowhere"),
        (("--config", "/etc", "user", "list"), CONFIG, "Is a directory"),
        (("import", "otpauth", "/etc"), IOERR, "Is a directory"),
        (("import", "authn-otp", *REALM, "/etc"), IOERR, "Is a directory"),
        (("--database", "sqlite3:/bin/ls", "log"), CONFIG,
         "no SQLite database"),
        (("--database", "sqlite3:/etc", "log"), CONFIG, "no SQLite database"),
        (("--database", "pgsql:x", "log"), CONFIG, "name=value"),
    ], ids=lambda part: " ".join(part) if isinstance(part, tuple) else "")
    def test_that_can_not_be_is_said_in_words(self, ctl, arguments, status,
                                              words):
        done = ctl.tried(*arguments)
        assert done.returncode == (status or done.returncode) != OK, done
        assert words in done.stderr and "ann" not in done.stdout

    def test_a_key_file_that_is_there_is_not_made_anew(self, ctl, folder):
        before = (folder / "key").read_bytes()
        assert "File exists" in ctl.run("key", "new", folder / "key",
                                        status=CANTCREAT)
        assert (folder / "key").read_bytes() == before
        active = ctl.json("key", "status")[0]["id"]
        assert "is the active one" in ctl.run("key", "retire", active,
                                              status=DATAERR)


class TestADiskThatIsFull:

    @pytest.fixture()
    def folder(self, tmp_path):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs",
                        tmp_path], check=True)
        yield tmp_path
        subprocess.run(["umount", tmp_path], check=True)

    @pytest.mark.parametrize("arguments, status", [
        (("user", "disable", *REALM, "ann", "--yes"), TEMPFAIL),
        (("user", "list"), TEMPFAIL), (("log",), TEMPFAIL),
        (("key", "new", "other"), CANTCREAT)], ids=lambda part: str(part))
    def test_changes_nothing_and_is_said_once(self, folder, arguments,
                                              status):
        ctl = ctl_on(folder)
        key = (folder / "key").read_bytes()
        fill = folder / "fill"
        with pytest.raises(OSError), open(fill, "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 1024)
        done = ctl.tried(*(str(folder / part) if part == "other" else part
                           for part in arguments))
        assert done.returncode == status and done.stdout == "", done
        said = done.stderr.splitlines()
        assert len(said) == len(set(said)) <= 2, said
        fill.unlink()
        assert not (folder / "other").exists()
        assert (folder / "key").read_bytes() == key
        assert ctl.json("user", "list")[0]["enabled"] is True


class TestWhatIsBroughtAlong:

    def test_and_can_not_be_taken_is_named_by_its_line(self, ctl):
        said = ctl.tried("import", "otpauth", typed="\n".join([
            "x" * 9000, f"otpauth://hotp/R:a?secret={SECRET}&counter=1",
            f"otpauth://totp/R:a?secret={SECRET}&digits=9", "nonsense",
            f"otpauth://totp/R:bea?secret={SECRET}&issuer=R"]) + "\n")
        assert said.returncode == DATAERR and "4 skipped" in said.stderr
        for line, words in ((1, "too long"), (2, "HOTP"), (3, "digits"),
                            (4, "line 4")):
            assert f"line {line} " in said.stderr and words in said.stderr

    def test_of_mod_authn_otp_too(self, ctl, folder):
        key = "54fccc418a4d8acbddef6db4cc2f85ce99321d64"
        (folder / "users").write_text(
            f"HOTP/E/6 bob - {key}\nMOTP carl 1234 {key}\nHOTP/T30/9 dan - "
            f"{key}\nnonsense\nHOTP/T30/6 eve - {key}\n")
        said = ctl.tried("import", "authn-otp", folder / "users", *REALM)
        assert said.returncode == DATAERR
        assert "HOTP" in said.stderr and "1 devices added" in said.stderr

    @pytest.mark.parametrize("text, words", [
        (f"{SECRET}\n\" HOTP_COUNTER 1\n", "HOTP"), ("no base32!\n", "no file of"),
        ("x" * 70000, "")])
    def test_of_google_authenticator_too(self, ctl, folder, text, words):
        (folder / "google").write_text(text)
        (folder / "google").chmod(0o400)
        said = ctl.tried("import", "google-authenticator", folder / "google",
                         *REALM, "--user", "fay")
        (folder / "google").unlink()
        assert said.returncode != OK and words in said.stderr
        assert "fay" not in ctl.run("user", "list")


class TestWordsThatAreNoText:

    def test_leave_no_row_out_of_a_listing(self, ctl, folder):
        """Bytes that are no UTF-8, quotes, newlines, an escape: of somebody
        who has written into the database."""
        bad = "CAST(x'ff220a5c1b' AS TEXT)"
        with sqlite3.connect(folder / "db") as database:
            (account,), = database.execute("SELECT id FROM cp2fa_account")
            for table, values in (
                    ("session", f"{bad}, '{account}', {bad}, 1, 1, 1,"
                     f" 4102444800, {bad}, {bad}"),
                    ("event", f"'e', 1, '{account}', {', '.join([bad] * 6)}"),
                    ("outbox", f"{bad}, '{account}', {bad}, {bad}, 'en', '',"
                     f" '', {bad}, {bad}, 0, 1, 1, 0")):
                database.execute(f"INSERT INTO cp2fa_{table} VALUES ({values})")
        for arguments, text in ((("session", "list"), "agent"),
                                (("log", "--since", "1970-01-01"), "detail"),
                                (("mail", "list"), "problem")):
            rows = [row for row in ctl.json(*arguments)
                    if row[text] == '?"?\\?']
            assert len(rows) == 1, arguments
            assert "\x1b" not in ctl.run(*arguments)


class TestTablesThatAreGone:

    @pytest.mark.parametrize("arguments", [
        ("user", "list"), ("user", "show", *REALM, "ann"), ("log",),
        ("session", "list"), ("mail", "list"), ("export", "--yes"),
        ("key", "status"), ("key", "retire", "x"), ("purge",),
        ("revoke", "--since", "1h", "--yes"), ("mail", "drop", "x", "--yes"),
        ("mail", "retry", "x"), ("session", "end", *REALM, "--user", "ann"),
        ("user", "disable", *REALM, "ann", "--yes")], ids=" ".join)
    def test_are_a_fault_and_no_empty_list(self, ctl, folder, arguments):
        """FAIL-01."""
        with sqlite3.connect(folder / "db") as database:
            for name, in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND"
                    " name NOT LIKE 'sqlite%' AND name != 'cp2fa_meta'"
                    ).fetchall():
                database.execute(f"DROP TABLE {name}")
        done = ctl.tried(*arguments)
        assert done.returncode == TEMPFAIL, done
        assert "does not answer" in done.stderr and done.stdout == ""


class TestALookAtNothing:

    @pytest.mark.parametrize("config, words", [
        ("", ["no TwoFactorKeyFile", "no TwoFactorDatabase"]),
        ("TwoFactorDatabase sqlite3 {0}/gone\nTwoFactorKeyFile {0}/gone\n",
         ["No such file", "cp2factl init"]),
        ("User nobody\nTwoFactorDatabase sqlite3 {0}/db\nTwoFactorKeyFile "
         "{0}/key\nTwoFactorMailFrom a@x\nTwoFactorMail file:/nowhere\n",
         ["does not belong to nobody", "/nowhere"]),
        ("TwoFactorDatabase no params\nTwoFactorKeyFile {0}/key\n"
         "TwoFactorMailFrom a@x\nTwoFactorMail file:{0}\n",
         ["can't be read", "TwoFactorMailTemplates is no folder"]),
    ])
    def test_names_what_is_missing(self, ctl, folder, config, words):
        file = folder / "httpd.conf"
        file.write_text(config.format(folder))
        done = subprocess.run(
            [ctl.command()[0], "--config", file, "check"],
            capture_output=True, text=True, timeout=60)
        assert done.returncode == CONFIG, done
        for word in words:
            assert word in done.stdout
