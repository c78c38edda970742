"""What a server needs to start, and what it says when it lacks that."""
import base64
import os
import secrets
import stat

import pytest

from cp2fa.people import enrolled, guard, is_in, newcomer, serve

def lines_of(said):
    """The lines of the module in what a configtest says."""
    return [line for line in said.splitlines() if "CP2FA001" in line]


def check_refused(httpd, *words, configtest=True):
    """It says no in one line, with these words, and does not start."""
    if configtest:
        status, said = httpd.configtest()
        assert status != 0, said
    else:
        assert httpd.configtest()[0] == 0   # which opens no database
    httpd.log.expect("CP2FA001", "AH00020", "CP2FA003")
    try:
        # its port is open before it reads the database
        assert httpd.start().process.wait(20) != 0
    except AssertionError as ended:
        assert "httpd ended" in str(ended)
    finally:
        httpd.stop()
    if not configtest:
        said = httpd.log.text()
    assert len(lines_of(said)) == 1, said
    for word in words:
        assert word in lines_of(said)[0]


def key_line(name="k1", octets=32, more=":active"):
    return f"{name}:{base64.b64encode(secrets.token_bytes(octets)).decode()}" \
           f"{more}\n"


def write_key(httpd, text, mode=0o400):
    path = httpd.state / "cp2fa.key"
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


class TestConfigtest:

    def test_takes_what_is_well(self, httpd_of):
        status, said = httpd_of(guard()).configtest()
        assert status == 0 and "Syntax OK" in said
        assert not lines_of(said)

    def test_makes_nothing(self, httpd_of):
        httpd = httpd_of(guard())
        httpd.configtest()
        assert list(httpd.state.iterdir()) == []

    @pytest.mark.parametrize("config, words", [
        ('<Location "/">\nTwoFactor optional\n</Location>',
         ["first factor", "AuthType"]),
        (guard(where="/app"), ["/2fa", "outside any authentication"]),
        (guard() + guard(where="/other", realm="Another"),
         ['"Another"', '"Cloud console"', "TwoFactorRealm"]),
        (guard("TwoFactorPath /elsewhere"),
         ["TwoFactorPath /elsewhere", "holds no pages"]),
        (guard() + '<Location "/app">\nTwoFactorCookieName other\n'
                   "TwoFactor optional\n</Location>",
         ["TwoFactorCookieName"]),
    ], ids=["no AuthType", "pages outside", "two realms", "no pages there",
            "two cookie names"])
    def test_stops_at_what_cannot_work(self, httpd_of, config, words):
        check_refused(httpd_of(config), *words)

    @pytest.mark.parametrize("words", [
        'AuthName "C %{SERVER_NAME}"', 'AuthName "%{req:Host}"',
        '<If "true">\nAuthName "C %{HTTP_HOST}"\n</If>',
        'AuthName "C %{HTTPS}"', "AuthType %{req:X-Type}"])
    def test_stops_where_a_client_could_choose_whose_accounts(
            self, httpd_of, words):
        """In a realm without an account nobody has a second factor."""
        config = guard() + f'<Location "/app">\n{words}\n</Location>'
        name = "AuthName" if "AuthName" in words else "AuthType"
        check_refused(httpd_of(config), name, "expression")

    @pytest.mark.parametrize("config, server", [
        (guard("TwoFactorRealm Console", realm="C %{SERVER_NAME}"), ""),
        ("TwoFactorRealm Console\n" + guard()
         + '<If "true">\nAuthName "C %{HTTP_HOST}"\n</If>', ""),
        (guard(), '<VirtualHost 127.0.0.1:1>\n<Location "/">\n'
                  'AuthName "C %{HTTP_HOST}"\n</Location>\n</VirtualHost>')],
        ids=["realm", "realm of the host", "another host"])
    def test_takes_a_name_for_show(self, httpd_of, config, server):
        status, said = httpd_of(config, server=server).configtest()
        assert status == 0, said

    @pytest.mark.parametrize("name", ["include"])
    def test_stops_without_a_module_that_the_pages_need(
            self, httpd_of, name):
        httpd = httpd_of(guard())
        conf = httpd.root / "conf" / "httpd.conf"
        conf.write_text("\n".join(
            line for line in conf.read_text().splitlines()
            if f"LoadModule {name}_module" not in line))
        check_refused(httpd, f"mod_{name}", "LoadModule")

    OUT_OF_RANGE = [
        ("TwoFactor", ["perhaps", "1", "on", '""']),
        ("TwoFactorPath", ["2fa", "/", '""', "https://x/2fa", '"/2 fa"']),
        ("TwoFactorRealm", ['""', '"' + "x" * 256 + '"']),
        ("TwoFactorIssuer", ['""', '"' + "x" * 256 + '"']),
        ("TwoFactorClockSkew", ["-1", "601", "abc", "9999999999999999999",
                                '""', "1.5"]),
        ("TwoFactorToken", ["MD5 6 30", "SHA1 5 30", "SHA1 9 30", "SHA1 6 0",
                            "SHA1 6 19", "SHA1 6 301", "SHA1 -6 30",
                            "SHA1 6 -30", "SHA1 6", "sha-1 6 30"]),
        # THR-10: an overflow has switched lockouts off elsewhere
        ("TwoFactorFailureLimit", [
            "0 30d", "-1 30d", "101 30d", "2147483648 30d", "4294967297 30d",
            "18446744073709551617 30d", "20 0", "20 59m", "20 23h", "0 0", "20 1h", "20 -1d",
            "20 367d", "20 21900d", "20 2147483648d", "20 99999999999999d",
            "20 30", "abc 30d", "20", "20 30x", "1e3 30d", "0x14 30d"]),
        ("TwoFactorSessionLifetime", ["0", "59", "-1h", "25h", "86401",
                                      "9999999999999999d", "abc"]),
        ("TwoFactorSessionIdle", ["0", "59", "-1m", "61m", "3601", "2h",
                                  "99999999999999999999m", "abc"]),
        ("TwoFactorFoldUserCase", ["perhaps"]),
        ("TwoFactorCookieName", ['""', '"a b"', "a;b", "a=b", '"a\tb"',
                                 "ā", "a,b"]),
        ("TwoFactorCookieSecure", ["perhaps"]),
        ("TwoFactorBaseURL", ["console.example", "ftp://x", "https://",
                              "https://x/path", "https://x?q",
                              "https://user@x", "javascript:alert(1)"]),
        ("TwoFactorPages", ["perhaps"]),
    ]

    @pytest.mark.parametrize(
        "directive, value",
        [(name, value) for name, values in OUT_OF_RANGE for value in values])
    def test_stops_at_a_value_out_of_range(self, httpd_of, directive, value):
        """THR-10."""
        status, said = httpd_of(guard(f"{directive} {value}")).configtest()
        assert status != 0, said
        assert directive in said
        assert "must be" in said or "takes" in said, said   # what to change

    @pytest.mark.parametrize("rules, odds, advice", [
        (["TwoFactorFailureLimit 20 1d"], 35, "29d or longer"),
        (["TwoFactorFailureLimit 100 28d"], 939, "29d or longer"),
        (["TwoFactorFailureLimit 3 7d"], 262, "29d or longer"),
        (["TwoFactorFailureLimit 3 14d"], 514,
         "29d or longer, or allow at most 1 "),
        (["TwoFactorFailureLimit 20 28d", "TwoFactorClockSkew 600"], 952,
         "29d or longer"),
        (["TwoFactorFailureLimit 2 14d", "TwoFactorClockSkew 180"], 712,
         "20d or longer, or allow at most 1 "),
    ])
    def test_stops_where_guessing_would_pay(self, httpd_of, rules, odds,
                                            advice):
        """THR-10: 1 in 1000 a year, for who has the password."""
        check_refused(httpd_of(guard(*rules)), "TwoFactorFailureLimit",
                      "TwoFactorClockSkew", f"1 in {odds},", "1 in 1000",
                      advice)

    @pytest.mark.parametrize("rules", [
        [], ["TwoFactorFailureLimit 20 30d"], ["TwoFactorFailureLimit 5 29d"],
        ["TwoFactorFailureLimit 100 366d"], ["TwoFactorFailureLimit 2 20d"],
        ["TwoFactorFailureLimit 1 10d"], ["TwoFactorClockSkew 0"],
        ["TwoFactorClockSkew 600", "TwoFactorToken SHA1 6 20"]])
    def test_takes_what_keeps_guessing_hopeless(self, httpd_of, rules):
        """THR-10."""
        status, said = httpd_of(guard(*rules)).configtest()
        assert status == 0, said

    def test_stops_where_guessing_would_pay_on_the_pages_alone(
            self, httpd_of):
        """THR-10: tokens are entered there."""
        check_refused(
            httpd_of(guard() + '<Location "/2fa">\n'
                     "TwoFactorFailureLimit 20 1d\n</Location>"),
            "/2fa: TwoFactorFailureLimit 20 1d", "1 in 35,")

    @pytest.mark.parametrize("directive", [
        "TwoFactor off", "TwoFactorPages on", "TwoFactorPath /2fa",
        "TwoFactorRealm x", "TwoFactorIssuer x", "TwoFactorClockSkew 600",
        "TwoFactorToken SHA1 6 30", "TwoFactorFailureLimit 100 366d",
        "TwoFactorSessionLifetime 24h", "TwoFactorSessionIdle 1h",
        "TwoFactorFoldUserCase on", "TwoFactorCookieName x",
        "TwoFactorCookieSecure off", "TwoFactorBaseURL https://x.example"])
    def test_stops_at_limit_and_takes_it_elsewhere(self, httpd_of, directive):
        """A directive of one method would be a hole for the others."""
        limited = f"<Limit GET>\n{directive}\n</Limit>"
        for config in (guard(limited),
                       guard(limited.replace("Limit", "LimitExcept"))):
            status, said = httpd_of(config).configtest()
            assert status != 0, said
            assert directive.split()[0] in said
        unused = f'<Location "/unused">\n{directive}\n</Location>'
        assert httpd_of(unused).configtest()[0] == 0

    def test_stops_at_server_wide_directives_in_a_virtual_host(
            self, httpd_of):
        for directive in ('TwoFactorDatabase sqlite3 "x"',
                          'TwoFactorKeyFile "x"',
                          "TwoFactorSessionCache none"):
            status, said = httpd_of(guard() + directive).configtest()
            assert status != 0 and directive.split()[0] in said

    def test_knows_no_driver_and_no_cache_that_is_not_there(self, httpd_of):
        status, said = httpd_of(
            guard(), server='TwoFactorDatabase oracle "x"').configtest()
        assert status != 0 and "sqlite3" in said
        status, said = httpd_of(
            guard(), server='TwoFactorDatabase pgsql "/x.db"').configtest()
        assert status != 0 and "name=value" in said
        check_refused(httpd_of(guard(), server="TwoFactorSessionCache redis"),
                      "mod_socache_redis", configtest=False)


class TestADatabaseServerThatIsNotThere:

    def test_costs_503_and_its_password_is_in_no_log(self, httpd_of):
        """F1, LOG-01."""
        httpd = httpd_of(guard(), server='TwoFactorDatabase pgsql "host=/no'
                                         ' dbname=x password=hush-hush"')
        httpd.log.expect("CP2FA003", "CP2FA014", "CP2FA105")
        serve(httpd)
        assert newcomer(httpd).get("/page.html").status_code == 503
        assert "CP2FA014" in httpd.log.text()
        assert "hush" not in httpd.log.text() + httpd.console()


class TestHtaccess:

    def test_can_not_switch_the_guard_off(self, httpd_of):
        httpd = httpd_of(guard() + """
            <Directory "${DOCS}">\nAllowOverride All\n</Directory>""")
        httpd.log.expect("TwoFactor not allowed here")
        httpd.write(".htaccess", "TwoFactor off\n")
        serve(httpd)
        client = enrolled(httpd)
        answer = client.get("/page.html")
        assert answer.status_code == 500
        assert "the content" not in answer.text


class TestTheKeyFile:
    """CRY-03."""

    @pytest.mark.parametrize("mode", [0o404, 0o440, 0o444, 0o644, 0o660])
    def test_must_be_shut_to_others(self, httpd_of, mode):
        """CRY-03."""
        httpd = httpd_of(guard())
        write_key(httpd, key_line(), mode)
        check_refused(httpd, "cp2fa.key", f"{mode:04o}", "chmod 0400")

    @pytest.mark.parametrize("text", [
        "", "\n", "# only a comment\n", "nonsense\n", "k1\n", "k1:\n",
        "k1:!!!!\n", key_line(octets=31), key_line(octets=33),
        key_line(octets=16), key_line(name=""), key_line(name="a b"),
        key_line(name="x" * 100), key_line(more=":perhaps"),
        key_line() + key_line(), key_line() + key_line("k2"),
        key_line(more="") + key_line("k2", more=""),
        key_line() + "k2\n", key_line().replace("\n", "\0\n"),
        key_line() * 5000],
        ids=["empty", "blank", "only a comment", "nonsense", "no key",
             "an empty key", "no base64", "31 bytes", "33 bytes", "16 bytes",
             "no name", "a blank in the name", "a long name",
             "an unknown word", "one name twice", "two active", "none active",
             "a broken second line", "a NUL", "too long"])
    def test_must_be_well_formed(self, httpd_of, text):
        """CRY-03."""
        httpd = httpd_of(guard())
        path = write_key(httpd, text)
        check_refused(httpd, "cp2fa.key")
        assert path.read_text() == text             # and is left alone
        assert not (httpd.state / "cp2fa.db").exists()

    def test_must_be_no_symbolic_link_and_no_folder(self, httpd_of):
        """CRY-03."""
        httpd = httpd_of(guard())
        real = write_key(httpd, key_line())
        real.rename(httpd.root / "var" / "real.key")
        real.symlink_to(httpd.root / "var" / "real.key")
        check_refused(httpd, "symbolic link")
        real.unlink()
        real.mkdir()
        check_refused(httpd, "not a regular file")
        real.rmdir()

    def test_must_be_the_starters_own(self, httpd_of):
        """CRY-03: else its owner could swap it."""
        httpd = httpd_of(guard())
        os.chown(write_key(httpd, key_line()), 65534, 65534)
        check_refused(httpd, "cp2fa.key", "belongs to another user")

    def test_may_hold_older_keys_beside_the_active_one(self, httpd_of):
        """CRY-04."""
        httpd = httpd_of(guard())
        write_key(httpd, key_line("old", more="") + key_line("new"))
        assert httpd.configtest()[0] == 0
        assert is_in(enrolled(serve(httpd)))

    def test_is_read_by_root_alone(self, httpd_of):
        """No child can open it, nor its folder's other files."""
        httpd = serve(httpd_of(guard()))
        found = (httpd.state / "cp2fa.key").stat()
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o400)


class TestTheFirstStart:

    def test_makes_the_database_and_the_key_and_says_so_once(
            self, httpd_of):
        httpd = serve(httpd_of(guard()))
        key = (httpd.state / "cp2fa.key").stat()
        database = (httpd.state / "cp2fa.db").stat()
        assert (key.st_uid, stat.S_IMODE(key.st_mode)) == (0, 0o400)
        assert database.st_uid != 0
        assert stat.S_IMODE(database.st_mode) == 0o600
        for code in ("CP2FA004", "CP2FA005"):
            assert httpd.log.text().count(code) == 1
        assert "cp2fa.key" in httpd.log.text()
        client = enrolled(httpd)
        for again in (httpd.restart, httpd.restart):
            again()
            assert is_in(client)
            for code in ("CP2FA004", "CP2FA005"):
                assert httpd.log.text().count(code) == 1

    def test_makes_the_folder_too(self, httpd_of):
        httpd = httpd_of(guard())
        httpd.state.rmdir()
        serve(httpd)
        folder = httpd.state.stat()
        assert stat.S_IMODE(folder.st_mode) & 0o007 == 0
        assert is_in(enrolled(httpd))


class TestADatabaseOfAnotherKey:

    @pytest.fixture()
    def used(self, httpd_of):
        """A server with an account in its database; stopped."""
        httpd = serve(httpd_of(guard()))
        httpd.client = enrolled(httpd)
        httpd.key = httpd.state / "cp2fa.key"
        httpd.stop()
        return httpd

    def test_is_refused(self, used):
        """CRY-05: before anybody's PIN turns out 'wrong'."""
        right = used.key.read_text()
        write_key(used, wrong := key_line("other"))
        check_refused(used, "put the", "key file", configtest=False)
        assert used.key.read_text() == wrong
        write_key(used, right)
        used.start()
        assert is_in(used.client)

    def test_is_refused_if_only_the_keys_name_is_right(self, used):
        """CRY-05."""
        line = used.key.read_text().splitlines()[-1]
        name = line.split(":")[0]
        write_key(used, wrong := key_line(name))
        check_refused(used, name, "key", configtest=False)
        assert used.key.read_text() == wrong

    def test_is_refused_if_the_key_file_is_lost_and_none_is_made(self, used):
        """CRY-05, F14."""
        right = used.key.read_text()
        used.key.unlink()
        check_refused(used, "put the", "key file", configtest=False)
        assert not used.key.exists()
        write_key(used, right)
        used.start()
        assert is_in(used.client)
