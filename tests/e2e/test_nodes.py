"""Several httpds over one database server."""
import subprocess
import time
from contextlib import contextmanager

import pytest

from cp2fa.client import Client, dump
from cp2fa.clock import Clock
from cp2fa.database import Database
from cp2fa.httpd import free_port
from cp2fa.people import (PASSWORD, another, enrolled, guard, is_in, name_of,
                          serve, together, wait_until)

SHMCB = "shmcb"
MODULES = "/usr/lib/apache2/modules"


@pytest.fixture(scope="session")
def redis(workshop):
    port = free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1",
         "--save", "", "--dir", str(workshop)], stdout=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait()


def nodes_of(httpd_of, database, count=2, cache=""):
    first = httpd_of(guard(), server=cache, database=database)
    nodes = [serve(first)]
    for _ in range(count - 1):
        node = httpd_of(guard(), server=cache, database=database)
        node.join(first)
        node.configure(guard(), cache)
        nodes.append(serve(node))
    return nodes


def at(node, client):
    """The same browser, sent to another node by a load balancer."""
    name, password = (part.decode() for part in client.http.auth)
    node.set_password(name, password)
    other = Client(node, name, password)
    other.device = getattr(client, "device", None)
    if client.cookie():
        other.http.headers = {**other.http.headers,
                              "Cookie": client.cookie()}
    return other


@pytest.fixture(scope="class", params=["none", "shmcb", "redis"])
def cache(request):
    return request.param


@pytest.fixture(scope="class")
def nodes(request, httpd_of, server_of, cache):
    text = {"none": "TwoFactorSessionCache none", "shmcb": ""}.get(cache)
    if text is None:
        port = request.getfixturevalue("redis")
        text = (f"LoadModule socache_redis_module {MODULES}/"
                "mod_socache_redis.so\n"
                f"TwoFactorSessionCache redis:127.0.0.1:{port}\n")
    return nodes_of(httpd_of, server_of("pgsql").make(), 2, text)


class TestTwoNodes:

    def test_share_a_session(self, nodes):
        """SES-05: and its end, at once where they share a cache."""
        alice = enrolled(nodes[0])
        there = at(nodes[1], alice)
        assert is_in(there) and is_in(alice)
        stranger = at(nodes[1], another(alice))
        assert not is_in(stranger)

    def test_end_it_together(self, nodes, cache):
        """SES-05: within 5 seconds, or at once by a cache that they share."""
        alice = enrolled(nodes[0])
        there = at(nodes[1], alice)
        assert is_in(there)
        answer = alice.post_form("/2fa/logout", {}, on="/2fa/profile")
        assert answer.status_code == 303, dump(answer)
        if cache == "shmcb":
            assert wait_until(lambda: not is_in(there), 5)
        assert not is_in(there)

    def test_end_every_other_session(self, nodes, cache):
        """SES-05."""
        alice = enrolled(nodes[0])
        there = at(nodes[1], another(alice))
        form = there.page("/2fa/token").form("/token").fields
        assert there.post("/2fa/token", {
            **form, "token": alice.device.code()}).status_code == 303
        assert is_in(there)
        alice.post_form("/2fa/sessions/end", {}, on="/2fa/profile")
        assert is_in(alice)
        assert wait_until(lambda: not is_in(there), 5)

    def test_take_a_code_once(self, nodes):
        """OTP-02: raced on both, it makes one session."""
        alice = enrolled(nodes[0])
        browsers = [at(node, another(alice)) for node in nodes * 4]
        forms = [browser.page("/2fa/token").form("/token").fields
                 for browser in browsers]
        code = alice.device.code()
        before = len(Database(nodes[0]).sessions(name_of(alice)))
        answers = together([
            lambda browser=browser, form=form: browser.post(
                "/2fa/token", {**form, "token": code})
            for browser, form in zip(browsers, forms)])
        done = [a for a in answers if a.status_code == 303]
        assert len(done) == 1, [a.status_code for a in answers]
        assert len(Database(nodes[0]).sessions(name_of(alice))) == before + 1

    def test_count_wrong_codes_together(self, nodes):
        """THR-02."""
        alice = enrolled(nodes[0])
        database = Database(nodes[0])
        for count, node in enumerate(nodes, 1):
            browser = at(node, another(alice))
            form = browser.page("/2fa/token").form("/token").fields
            answer = browser.post("/2fa/token", {
                **form, "token": alice.device.wrong_code()})
            assert answer.status_code == 422, dump(answer)
            assert database.failures(name_of(alice)) == count


class TestANodeCutOff:

    def test_from_the_database_lets_nobody_in(self, httpd_of, server_of):
        """F1, SES-05: it can't know what the others have ended."""
        database = server_of("pgsql").make()
        one, two = nodes_of(httpd_of, database)
        two.log.expect("CP2FA003", "CP2FA105", "CP2FA102")
        alice = enrolled(one)
        there = at(two, alice)
        assert is_in(there)
        role = f"{database.name}_two"
        database.run(f"CREATE ROLE {role} LOGIN SUPERUSER")
        two.configure(guard(), database.directive.replace(
            "user=cp2fa", f"user={role}"))
        two.restart()
        assert is_in(there)
        database.run(f"ALTER ROLE {role} NOLOGIN")
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                     " WHERE usename = ?", (role,))
        assert wait_until(lambda: there.get("/page.html").status_code == 503,
                          5)
        assert is_in(alice)
        database.run(f"ALTER ROLE {role} LOGIN")
        assert wait_until(lambda: there.get("/page.html").status_code == 200,
                          5)


class TestTheClockOfANode:

    @contextmanager
    def node(self, httpd_of, server_of, ahead):
        clock = Clock(httpd_of().root)
        clock.move(ahead)
        httpd = httpd_of(guard() + "KeepAlive Off\n",
                         database=server_of("pgsql").make())
        httpd.any_clock = False
        httpd.log.expect("CP2FA003", "CP2FA105", "CP2FA013")
        with clock.worn():
            yield serve(httpd)

    def test_that_is_off_by_a_minute_is_told(self, httpd_of, server_of):
        """F11."""
        with self.node(httpd_of, server_of, 60) as httpd:
            httpd.set_password("carl", PASSWORD)
            assert is_in(Client(httpd, "carl", PASSWORD))
            assert "CP2FA012" in httpd.log.text()

    @pytest.mark.parametrize("ahead", [240, -240])
    def test_that_is_off_by_four_is_refused(self, httpd_of, server_of, ahead):
        """F11, F10: delays, locks and used steps would mean other things."""
        with self.node(httpd_of, server_of, ahead) as httpd:
            httpd.set_password("carl", PASSWORD)
            answer = Client(httpd, "carl", PASSWORD).get("/page.html")
            assert answer.status_code == 503, dump(answer)
            assert "CP2FA013" in httpd.log.text()
