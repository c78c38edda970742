"""Guessing passwords on the log-in page: what it costs, and whom."""
import statistics
import subprocess
import time

import pytest

from cp2fa.client import dump, location
from cp2fa.clock import StillClock
from cp2fa.database import Database
from cp2fa.pageuser import (API, Visitor, again, guard, newcomer, words)
from cp2fa.people import together

REMOTE = """
LoadModule remoteip_module /usr/lib/apache2/modules/mod_remoteip.so
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.1
"""
FREE = 3
DELAYS = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


@pytest.fixture(scope="class")
def clock(workshop):
    return StillClock(workshop)


@pytest.fixture(scope="class")
def httpd(httpd_of, clock):
    with clock.worn():
        made = httpd_of(guard(), server=REMOTE)
        made.write("page.html", "the content")
        return made.start()


_addresses = (f"198.51.{i // 250}.{i % 250 + 1}" for i in range(9999))


@pytest.fixture()
def owner(httpd):
    return newcomer(httpd, address=next(_addresses))


def guess(visitor, times):
    for _ in range(times):
        answer = visitor.log_in(password="wrong")
        assert answer.status_code == 422, dump(answer)
    return answer


def check_wait(answer, least, most):
    assert answer.status_code == 429, dump(answer)
    seconds = int(answer.headers["Retry-After"])
    assert least <= seconds <= most
    assert "Too many tries" in words(answer)
    assert f"wait {seconds} second" in words(answer)


class TestANameFromOneAddress:

    def test_may_be_mistyped_a_few_times(self, owner):
        """THR-08."""
        guess(owner, FREE)
        assert location(owner.log_in())

    def test_waits_longer_with_every_wrong_password(self, owner, clock):
        """THR-08: who honours Retry-After gets on."""
        guess(owner, FREE)
        for delay in DELAYS:
            guess(owner, 1)
            answer = owner.log_in(password="wrong")
            check_wait(answer, delay - 2, delay)
            clock.move(delay)
        assert location(owner.log_in())

    def test_is_not_looked_at_meanwhile(self, owner):
        """THR-08: nor is anything written."""
        guess(owner, FREE + 1)
        database = Database(owner.httpd)
        before = database.dump()
        check_wait(owner.log_in(), 1, 5)
        check_wait(owner.log_in(password="wrong"), 1, 5)
        assert database.dump() == before
        assert owner.session() is None

    def test_is_forgiven_by_the_right_password(self, owner, clock):
        guess(owner, FREE)
        assert location(owner.log_in())
        guess(again_at(owner, owner), FREE)

    def test_is_forgotten_after_a_while(self, owner, clock):
        guess(owner, FREE + 1)
        clock.move(5 * 3600)
        guess(owner, FREE)

    def test_keeps_out_nobody_elsewhere(self, owner):
        """THR-08: no stranger can lock the owner out."""
        strangers = [again(owner, address=next(_addresses))
                     for _ in range(12)]
        for stranger in strangers:
            guess(stranger, 1)
        # the name alone is slowed a little, for those who failed with it
        check_wait(strangers[0].log_in(password="wrong"), 1, 2)
        assert location(owner.log_in())

    def test_counts_an_unknown_name_alike(self, httpd):
        """THR-08."""
        nobody = Visitor(httpd, "nobody-at-all", address=next(_addresses))
        guess(nobody, FREE + 1)
        check_wait(nobody.log_in(), 1, 5)

    def test_is_not_to_be_read_in_the_database(self, owner):
        guess(owner, 1)
        database = Database(owner.httpd)
        rows = database.ask("SELECT origin FROM cp2fa_login_failure")
        assert len(rows) >= 3
        assert all(len(row[0]) == 64 for row in rows)
        assert f"'{owner.name}'" not in database.dump()

    def test_gives_no_free_guess_to_a_race(self, httpd, owner, clock):
        """THR-01: once it has failed, one at a time is looked at."""
        httpd.log.expect("AH00484")     # httpd, of all its threads at work
        guess(owner, FREE + 1)
        clock.move(6)
        racers = [again_at(owner, owner) for _ in range(12)]
        forms = [{"username": r.name, "password": "wrong", "csrf":
                  r.page("/2fa/login").form("/login").fields["csrf"]}
                 for r in racers]
        answers = together([lambda r=r, f=f: r.post("/2fa/login", f)
                            for r, f in zip(racers, forms)])
        codes = sorted(a.status_code for a in answers)
        assert codes == [422] + [429] * 11


def again_at(visitor, place):
    return again(visitor, address=place.http.headers["X-Forwarded-For"])


class TestAnAddress:

    def test_is_slowed_whatever_the_names(self, httpd, clock):
        """THR-08: password spraying."""
        address = next(_addresses)
        for i in range(21):
            sprayer = Visitor(httpd, f"victim{i}", address=address)
            assert sprayer.log_in(password="x").status_code == 422
        one = newcomer(httpd, address=address)
        check_wait(one.log_in(), 1, 5)
        clock.move(6)
        assert location(one.log_in())

    def test_of_ipv6_stands_for_its_network(self, httpd):
        """THR-08: a customer has 2^64 of them."""
        owner = newcomer(httpd)
        for i in range(FREE + 1):
            guess(again(owner, address=f"2001:db8:0:1::{i + 1:x}"), 1)
        check_wait(again(owner, address="2001:db8:0:1:f::1").log_in(), 1, 5)
        assert location(again(owner, address="2001:db8:0:2::1").log_in())

    def test_many_honest_programs_at_one_address_get_on(self, httpd):
        """With Basic credentials, all at once."""
        address = next(_addresses)
        programs = []
        for _ in range(4):
            program = newcomer(httpd, address=address)
            program.http.auth = (program.name.encode(),
                                 program.password.encode())
            programs.append(program)
        # (mpm_event drops idle connections when its threads are busy)
        answers = together([
            lambda p=p: p.get("/page.html",
                              headers={**API, "Connection": "close"})
            for p in programs * 8], threads=8)
        assert {a.status_code for a in answers} == {200}


class TestBasicCredentials:

    def test_are_slowed_by_the_same_rule(self, owner):
        """THR-08: it is no second door."""
        program = again_at(owner, owner)
        program.http.auth = (owner.name.encode(), b"wrong")
        for _ in range(FREE + 1):
            answer = program.get("/page.html", headers=API)
            assert answer.status_code == 401, dump(answer)
        program.http.auth = (owner.name.encode(), owner.password.encode())
        answer = program.get("/page.html", headers=API)
        assert answer.status_code == 429
        assert answer.json()["code"] == "login-throttled"
        assert 1 <= int(answer.headers["Retry-After"]) <= 5
        check_wait(owner.log_in(), 1, 5)

    def test_that_are_wrong_count_once_a_request(self, httpd_of, workshop):
        """An error document inside the guarded place asks again."""
        httpd = httpd_of(guard('ErrorDocument 401 "/sorry.html"'))
        httpd.write("sorry.html", "sorry")
        httpd.write("page.html", "the content")
        httpd.start()
        visitor = newcomer(httpd)
        visitor.http.auth = (visitor.name.encode(), b"wrong")
        answer = visitor.get("/page.html", headers=API)
        assert answer.status_code == 401
        assert "the content" not in answer.text
        counts = Database(httpd).ask(
            "SELECT failures FROM cp2fa_login_failure")
        assert sorted(counts) == [(1,), (1,), (1,)]


class TestTheTime:
    """An unknown name answers no sooner than a wrong password."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        made = httpd_of(guard(), server=REMOTE)
        made.write("page.html", "the content")
        return made.start()

    def slow_user(self, httpd, cost):
        name = f"slow{cost}"
        subprocess.run(["htpasswd", "-b", "-B", "-C", str(cost),
                        httpd.root / "conf" / "users", name, "secret"],
                       check=True, capture_output=True)
        return name

    def seconds(self, httpd, name):
        visitor = Visitor(httpd, name, address=next(_addresses))
        csrf = visitor.page("/2fa/login").form("/login").fields["csrf"]
        began = time.monotonic()
        answer = visitor.post("/2fa/login", {
            "csrf": csrf, "username": name, "password": "wrong"})
        took = time.monotonic() - began
        assert answer.status_code == 422
        return took

    @pytest.mark.parametrize("cost", [11])
    def test_does_not_tell_names_apart(self, httpd, cost):
        known = self.slow_user(httpd, cost)
        for _ in range(4):
            self.seconds(httpd, known)
        # what tells them apart does so each time, a busy machine doesn't
        for i in range(8):
            wrong, unknown = self.medians(httpd, known, f"nobody{i}")
            assert wrong > 0.05
            if abs(wrong - unknown) < 0.25 * wrong:
                return
        raise AssertionError((wrong, unknown))

    def medians(self, httpd, known, nobody):
        took = [(self.seconds(httpd, known), self.seconds(httpd, nobody))
                for _ in range(9)]
        return map(statistics.median, zip(*took))
