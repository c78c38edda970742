"""A slow disk, graceful restarts under load, no descriptors."""
import resource
import socket
import statistics
import time
from contextlib import ExitStack

from cp2fa.client import location
from cp2fa.database import Database
from cp2fa.people import (another, enrolled, guard, is_in, name_of, serve,
                          together, wait_until)
from cp2fa.tracer import tracing
from test_fault_files import children_of
from test_faults import (NO_CACHE, OPEN_HOST, check_unavailable, check_well,
                         token_form)


class TestASlowDisk:

    def test_makes_a_short_queue_and_503_beyond(self, httpd_of):
        """F3: and what needs no database stays quick; heals by itself."""
        httpd = serve(httpd_of(guard() + "KeepAlive Off\n",
                               server=NO_CACHE + OPEN_HOST))
        httpd.log.expect("CP2FA003", "CP2FA102", "CP2FA105")
        people = [enrolled(httpd) for _ in range(6)]
        posts = [(token_form(one)[1], one.device.code()) for one in people]

        def timed(call):
            began = time.monotonic()
            return call(), time.monotonic() - began

        def others():
            time.sleep(1)
            return [timed(lambda: another(people[0]).get("/page.html", headers={
                "Host": "open.localhost"})) for _ in range(3)]

        with tracing(children_of(httpd), "fdatasync:delay_enter=1500000",
                     patience=60):
            *answers, meanwhile = together(
                [lambda send=send, code=code: timed(lambda: send(code))
                 for send, code in posts] + [others])
        for (answer, seconds), one in zip(answers, people):
            assert seconds < 25
            if answer.status_code != 303:
                check_unavailable(answer)
        assert any(answer.status_code == 503 for answer, _ in answers)
        assert {answer.text for answer, _ in meanwhile} == {"the content"}
        # each, if they waited; a busy machine keeps one of them
        took = [seconds for _, seconds in meanwhile]
        assert statistics.median(took) < 1.4, took
        assert is_in(people[0])
        Database(httpd).tell("UPDATE cp2fa_account SET failures = '',"
                             " next_try = 0")
        for one in people[:2]:
            check_well(httpd, one)


class TestGracefulRestarts:

    def test_under_load_decide_nothing_wrongly_and_lose_no_count(
            self, httpd_of):
        """F13."""
        httpd = serve(httpd_of(guard() + "KeepAlive Off\n"))
        people = [enrolled(httpd) for _ in range(8)]

        def tries(one):
            browser, send = token_form(one)
            told = [send(one.device.wrong_code()).status_code]
            told.append(send(one.device.code()).status_code)
            thief, sends = token_form(one)
            told.append(sends(one.device.wrong_code()).status_code)
            return told, is_in(browser), is_in(thief)

        def restarts():
            for count in (1, 2, 3):     # one that is asked for during another
                httpd.graceful()        # is none
                assert wait_until(lambda: httpd.log.text().count(
                    "resuming normal operations") > count)

        *seen, _ = together([lambda one=one: tries(one) for one in people]
                            + [restarts])
        for one, (told, inside, outside) in zip(people, seen):
            assert told == [422, 303, 422]
            assert inside and not outside
            assert Database(httpd).failures(name_of(one)) == 2
        assert httpd.log.text().count("AH00493") == 3


class TestNoDescriptors:

    def test_are_refused_and_nothing_is_lost(self, httpd_of):
        """F18: as many idle connections as take all that there are."""
        httpd = httpd_of(guard() + "KeepAlive Off\n", server=NO_CACHE)
        httpd.log.expect("CP2FA003", "CP2FA105", "Too many open files",
                         "AH0003[0-9]", "Broken pipe", "AH00645",
                         r"core:(error|crit)", r"ssl:error", "mpm_event:error")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (48, hard))
        try:
            serve(httpd)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        alice = enrolled(httpd)
        _, send = token_form(alice)
        code = alice.device.code()
        before = Database(httpd).sessions(name_of(alice))
        answer = None
        with ExitStack() as held:
            for _ in range(120):
                held.enter_context(socket.create_connection(
                    ("127.0.0.1", httpd.port), 5))
            try:
                alice.http.close()
                answer = alice.http.post(
                    alice.url("/2fa/token"), data={}, timeout=3)
            except OSError:
                pass            # nobody answers: nothing was granted
        assert answer is None or "the content" not in answer.text
        assert Database(httpd).sessions(name_of(alice)) == before
        assert wait_until(lambda: self.is_there(alice))
        assert is_in(alice)
        assert Database(httpd).failures(name_of(alice)) == 0
        assert location(send(code))
        check_well(httpd, alice)

    @staticmethod
    def is_there(client):
        try:
            return client.get("/2fa/style.css").status_code == 200
        except OSError:
            return False
