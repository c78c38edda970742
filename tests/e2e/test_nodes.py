"""Several httpds over one database server."""
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest

from cp2fa import pageuser
from cp2fa.client import Client, dump
from cp2fa.clock import Clock
from cp2fa.database import Database
from cp2fa.httpd import free_port
from cp2fa.people import (PASSWORD, another, enrolled, guard, is_in, name_of,
                          serve, together, wait_until)

MODULES = "/usr/lib/apache2/modules"


def said_by(port, command):
    """What Redis answers, or None while it does not."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as stream:
            stream.sendall(command + b"\r\n")
            return stream.recv(100)
    except OSError:
        return None


@pytest.fixture(scope="session")
def redis(workshop):
    port = free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1",
         "--save", "", "--dir", str(workshop)], stdout=subprocess.DEVNULL)
    assert wait_until(lambda: said_by(port, b"PING") == b"+PONG\r\n", 20)
    yield port
    assert said_by(port, b"DBSIZE") != b":0\r\n"    # it was asked, indeed
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


def is_in_at(nodes, client):
    return [is_in(at(node, client)) for node in nodes]


def with_cache(request, cache):
    """TwoFactorSessionCache: of each node (shmcb), of all (redis), or none."""
    if cache == "shmcb":
        return ""
    if cache == "none":
        return "TwoFactorSessionCache none"
    port = request.getfixturevalue("redis")
    return (f"LoadModule socache_redis_module {MODULES}/mod_socache_redis.so\n"
            f"TwoFactorSessionCache redis:127.0.0.1:{port}\n")


def set_up(request, httpd_of, server_of):
    count, cache = request.param
    nodes = nodes_of(httpd_of, server_of("pgsql").make(), count,
                     with_cache(request, cache))
    # what is ended is dead at once elsewhere, or within so many seconds
    # (5, and what a busy machine takes for an answer)
    return nodes, 8 if cache == "shmcb" else 0


@pytest.fixture(scope="class", params=[
    (2, "none"), (2, "shmcb"), (2, "redis"), (4, "shmcb"), (4, "redis")],
    ids=lambda param: "{}-{}".format(*param))
def cluster(request, httpd_of, server_of):
    return set_up(request, httpd_of, server_of)


@pytest.fixture(scope="class")
def nodes(cluster):
    return cluster[0]


@pytest.fixture(scope="class")
def seconds(cluster):
    return cluster[1]


class TestNodes:

    def test_share_a_session(self, nodes):
        """SES-05: logged in on one, a browser goes on on each other."""
        alice = enrolled(nodes[0])
        assert all(is_in_at(nodes, alice))
        assert not any(is_in_at(nodes, another(alice)))

    def test_end_it_together(self, nodes, seconds):
        """SES-05: within 5 seconds, or at once by a cache that they share."""
        alice = enrolled(nodes[0])
        assert all(is_in_at(nodes, alice))
        answer = alice.post_form("/2fa/logout", {}, on="/2fa/profile")
        assert answer.status_code == 303, dump(answer)
        # the very cookie, for logging out takes it away
        assert wait_until(lambda: not any(is_in_at(nodes, alice)), seconds)

    def test_end_every_other_session(self, nodes, seconds):
        """SES-05: everywhere but where it was asked for."""
        alice = enrolled(nodes[0])
        there = at(nodes[-1], another(alice))
        form = there.page("/2fa/token").form("/token").fields
        assert there.post("/2fa/token", {
            **form, "token": alice.device.code()}).status_code == 303
        assert all(is_in_at(nodes, there))
        alice.post_form("/2fa/sessions/end", {}, on="/2fa/profile")
        assert all(is_in_at(nodes, alice))
        assert wait_until(lambda: not any(is_in_at(nodes, there)), seconds)

    def test_take_a_code_once(self, nodes):
        """OTP-02: raced on all of them, it makes one session."""
        alice = enrolled(nodes[0])
        browsers = [at(node, another(alice))
                    for node in nodes * (8 // len(nodes))]
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
        """THR-02: and have whoever guesses wait, on each of them."""
        alice = enrolled(nodes[0])
        database = Database(nodes[0])
        for count, node in enumerate((nodes * 2)[:3], 1):
            answer = guess(at(node, another(alice)))
            assert answer.status_code == 422, dump(answer)
            assert database.failures(name_of(alice)) == count
        for node in nodes:
            answer = guess(at(node, another(alice)))
            assert answer.status_code == 429, dump(answer)
        assert database.failures(name_of(alice)) == 3


def guess(browser):
    form = browser.page("/2fa/token").form("/token").fields
    return browser.post("/2fa/token", {
        **form, "token": browser.device.wrong_code()})


class TestANodeKilled:

    @pytest.fixture(scope="class", params=[(2, "shmcb"), (4, "redis")],
                    ids=lambda param: "{}-{}".format(*param))
    def nodes(self, request, httpd_of, server_of):
        return set_up(request, httpd_of, server_of)[0]

    def test_takes_nobody_with_it(self, nodes):
        """SES-05, OTP-02, THR-02: nor what it had counted and taken."""
        first, *others = nodes
        alice = enrolled(first)
        browser = another(alice)
        form = browser.page("/2fa/token").form("/token").fields
        code = alice.device.code()
        assert guess(another(alice)).status_code == 422
        assert browser.post("/2fa/token", {
            **form, "token": code}).status_code == 303
        os.killpg(first.process.pid, signal.SIGKILL)
        first.process.wait()
        assert all(is_in_at(others, alice))
        assert all(is_in_at(others, browser))
        assert Database(first).failures(name_of(alice)) == 1
        stranger = at(others[-1], another(alice))
        form = stranger.page("/2fa/token").form("/token").fields
        assert stranger.post("/2fa/token", {
            **form, "token": code}).status_code == 422
        first.restart()
        assert all(is_in_at(nodes, alice))


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
        assert wait_until(lambda: there.get("/page.html").status_code == 503)
        assert is_in(alice)
        database.run(f"ALTER ROLE {role} LOGIN")
        assert wait_until(lambda: there.get("/page.html").status_code == 200)


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


@pytest.mark.parametrize("kind", ["pgsql", "mysql"])
class TestTwoNodesWithTwoClocks:
    """F10: delays go by the database's clock, whoever is asked."""

    @contextmanager
    def pair(self, httpd_of, server_of, kind, config):
        first = serve(httpd_of(config, database=server_of(kind).make()))
        clock = Clock(first.root)
        clock.move(100)
        ahead = httpd_of(config + "KeepAlive Off\n", database=first.database)
        ahead.join(first)
        ahead.configure(config + "KeepAlive Off\n")
        ahead.any_clock = False
        ahead.log.expect("CP2FA012")
        with clock.worn():
            yield first, serve(ahead)

    def test_wait_as_long_after_wrong_tokens(self, httpd_of, server_of, kind):
        """F10."""
        with self.pair(httpd_of, server_of, kind, guard()) as (first, ahead):
            owner = enrolled(first)
            browser = another(owner)
            for _ in range(3):
                answer = browser.login_token(owner.device.wrong_code())
                assert answer.status_code == 422, dump(answer)
            answer = another(at(ahead, owner)).login_token(
                owner.device.wrong_code())
            assert answer.status_code == 429, dump(answer)
            assert 20 <= int(answer.headers["Retry-After"]) <= 30

    def test_wait_as_long_after_wrong_passwords(self, httpd_of, server_of,
                                                kind):
        """F10."""
        with self.pair(httpd_of, server_of, kind,
                       pageuser.guard()) as (first, ahead):
            visitor = pageuser.newcomer(first)
            for _ in range(4):
                answer = visitor.log_in(password="wrong")
                assert answer.status_code == 422, dump(answer)
            ahead.set_password(visitor.name, PASSWORD)
            answer = pageuser.Visitor(ahead, visitor.name).log_in("wrong")
            assert answer.status_code == 429, dump(answer)
