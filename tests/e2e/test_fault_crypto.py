"""Faults above the database: randomness, keys, and children that die."""
import os
import signal
import stat
import subprocess
import time

import pytest

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.oath import code_at, now_step
from cp2fa.people import (alert_of, another, enrolled, guard, is_in, name_of,
                          newcomer, serve, session_of, wait_until)
from cp2fa.race import Racer, session_in
from test_fault_files import answers, children_of
from test_faults import check_unavailable, check_well, token_form


@pytest.fixture(scope="class")
def httpd(httpd_of):
    httpd = httpd_of(guard())
    httpd.log.expect("CP2FA003", "CP2FA105")
    return serve(httpd)


@pytest.fixture(scope="class")
def database(httpd):
    return Database(httpd)


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


RNG = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int RAND_bytes(unsigned char *out, int n)
{
    int (*real)(unsigned char *, int);
    if (access(BROKEN, F_OK) == 0) {
        return 0;
    }
    real = (int (*)(unsigned char *, int))dlsym(RTLD_NEXT, "RAND_bytes");
    return real(out, n);
}
"""


class TestARandomGeneratorThatFails:

    @pytest.fixture()
    def server(self, httpd_of, monkeypatch):
        """`broken` is a file: while it is there, RAND_bytes fails."""
        httpd = httpd_of(guard())
        httpd.broken = httpd.root / "rng-is-broken"
        source = httpd.root / "rng.c"
        source.write_text(RNG)
        library = httpd.root / "rng.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source,
                        f'-DBROKEN="{httpd.broken}"', "-ldl"], check=True)
        monkeypatch.setenv("LD_PRELOAD", str(library))
        httpd.log.expect("CP2FA003", "CP2FA105")
        serve(httpd)
        monkeypatch.delenv("LD_PRELOAD")
        return httpd

    def test_grants_nothing(self, server):
        """FAIL-01, F20."""
        alice = enrolled(server)
        guest = newcomer(server)
        guest_form = guest.page("/2fa/profile").form("/enable").fields
        database = Database(server)
        before = database.sessions(name_of(alice))
        browser, send = token_form(alice)
        code = alice.device.code()
        server.broken.touch()
        check_unavailable(send(code))
        answer = another(alice).get("/2fa/token")   # no pre-session is made
        assert answer.status_code == 503
        assert "Set-Cookie" not in answer.headers
        check_unavailable(another(alice).get("/page.html", headers={
            "TwoFactor-Token": code}))
        check_unavailable(guest.post("/2fa/enable", guest_form))
        assert not is_in(browser) and is_in(alice)
        assert database.sessions(name_of(alice)) == before
        assert database.devices(name_of(guest), "pending") == []
        server.broken.unlink()
        assert location(send(code))     # and cost no attempt
        assert database.failures(name_of(alice)) == 0
        guest.enrol()


    def test_says_when_to_come_back(self, server):
        """FAIL-01, HTTP-03."""
        alice = enrolled(server)
        server.broken.touch()
        check_unavailable(another(alice).get("/2fa/token"))


class TestASealedSecret:

    def secret(self, database, client):
        (device,) = database.devices(name_of(client))
        return device[0], database.ask(
            "SELECT secret FROM cp2fa_device WHERE id = ?", device[0])[0][0]

    def put(self, database, device, secret):
        assert database.tell("UPDATE cp2fa_device SET secret = ? WHERE id = ?",
                             secret, device) == 1

    def check_fault(self, httpd, client, code):
        said = httpd.log.text().count("CP2FA003")
        _, send = token_form(client)
        answer = send(code)
        check_unavailable(answer)
        assert alert_of(answer).startswith("The service can't check")
        assert httpd.log.text().count("CP2FA003") > said

    def test_that_was_swapped_opens_for_neither(self, httpd, database, alice):
        """CRY-02: with nobody's code; and heals when swapped back."""
        bob = enrolled(httpd)
        hers, his = self.secret(database, alice), self.secret(database, bob)
        self.put(database, hers[0], his[1])
        self.put(database, his[0], hers[1])
        for client, code in [(alice, alice.device.code()),
                             (alice, bob.device.code()),
                             (bob, alice.device.code()),
                             (bob, bob.device.code())]:
            self.check_fault(httpd, client, code)
        self.put(database, *hers)
        self.put(database, *his)
        for one in (alice, bob):
            assert database.failures(name_of(one)) == 0
            check_well(httpd, one)

    @pytest.mark.parametrize("spoil", [
        lambda s: "", lambda s: "x", lambda s: s[:-1], lambda s: s[:-8],
        lambda s: s + "A", lambda s: s[:-3] + ("A" if s[-3] != "A" else "B")
        + s[-2:], lambda s: s[:20] + ("A" if s[20] != "A" else "B") + s[21:],
        lambda s: "9" + s[1:], lambda s: s.replace(".", ":"),
        lambda s: s.partition(".")[0] + ".other." + s.rpartition(".")[2],
        lambda s: s * 2, lambda s: "\0" + s],
        ids=["empty", "one letter", "cut by 1", "cut by 8", "longer",
             "a late bit", "an early bit", "its version", "its dots",
             "its key's name", "twice", "a NUL"])
    def test_that_was_spoilt_is_a_fault(self, httpd, database, alice, spoil):
        """CRY-02."""
        device, right = self.secret(database, alice)
        self.put(database, device, spoil(right))
        self.check_fault(httpd, alice, alice.device.code())
        self.put(database, device, right)
        check_well(httpd, alice)

    @pytest.mark.parametrize("column, value", [
        ("digits", 8), ("period", 60), ("algorithm", "SHA256"),
        ("algorithm", "MD5"), ("digits", 0), ("digits", 1), ("period", 0),
        ("digits", -6), ("period", 2 ** 40)])
    def test_of_other_parameters_grants_nothing(
            self, httpd, database, alice, column, value):
        """CRY-02: fewer digits would be easier to guess."""
        device, _ = self.secret(database, alice)
        _, sends = token_form(alice)
        (right,) = database.ask(
            f"SELECT {column} FROM cp2fa_device WHERE id = ?", device)[0]
        database.tell(f"UPDATE cp2fa_device SET {column} = ? WHERE id = ?",
                      value, device)
        for code in (alice.device.code(), "1", "0", "12345678"):
            for answer in (sends(code), another(alice).get(
                    "/page.html", headers={"TwoFactor-Token": code})):
                assert answer.status_code in (403, 422, 503), dump(answer)
                assert session_of(answer) is None
        database.tell(f"UPDATE cp2fa_device SET {column} = ? WHERE id = ?",
                      right, device)
        assert database.failures(name_of(alice)) == 0
        check_well(httpd, alice)


class TestAKilledChild:

    def test_uses_no_code_twice_and_leaves_all_well(self, httpd_of):
        """F7, OTP-02: kill -9 at four moments of six log-ins at once."""
        httpd = serve(httpd_of(guard() + "KeepAlive Off\n"))
        httpd.log.expect("exit signal Killed")
        database = Database(httpd)
        outcomes = set()
        for number, milliseconds in enumerate([0, 3, 8, 20] + [0] * 20):
            if number >= 4 and 0 in outcomes:
                break       # a busy machine was late to kill them
            client = enrolled(httpd)
            before = set(database.sessions(name_of(client)))
            code = code_at(client.device.secret, now_step())
            racers = [Racer(client) for _ in range(6)]
            for racer in racers:
                racer.fetch("/2fa/token")
                racer.post({"token": code})
            for racer in racers:
                racer.finish()
            time.sleep(milliseconds / 1000)
            for child in children_of(httpd):
                os.kill(child, signal.SIGKILL)
            told = [racer.answer() for racer in racers]
            assert wait_until(lambda: answers(another(client)))
            granted = [s for s in map(session_in, told) if s]
            made = set(database.sessions(name_of(client))) - before
            assert len(granted) <= len(made) <= 1
            outcomes |= {answer.status for answer in told}
            # I2: whoever was told "no" was counted
            refused = sum(answer.status == 422 for answer in told)
            assert database.failures(name_of(client)) >= refused
            assert database.ask("PRAGMA integrity_check") == [("ok",)]
            # I5, I6: used or not, at most one session comes of that code
            database.tell("UPDATE cp2fa_account SET failures = '',"
                          " next_try = 0")
            _, send = token_form(client)
            again = send(code)
            assert again.status_code == (422 if made else 303), dump(again)
            _, send = token_form(client)
            assert location(send(code_at(client.device.secret,
                                         now_step() + 2)))
        assert 0 in outcomes            # some were indeed cut short

    def test_is_told_from_a_file_of_the_state_folder(self, httpd_of):
        """The files stay shut to others, whoever makes them anew."""
        httpd = serve(httpd_of(guard()))
        httpd.log.expect("exit signal Killed")
        client = enrolled(httpd)
        for child in children_of(httpd):
            os.kill(child, signal.SIGKILL)
        assert wait_until(lambda: answers(another(client)))
        check_well(httpd, client)
        for path in httpd.state.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
