"""Browsers that go away in the middle, or never come to an end."""
import contextlib
import socket
import struct
import time

import pytest
import requests

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.oath import code_at, now_step
from cp2fa.people import (another, enrolled, guard, is_in, name_of, newcomer,
                          serve, wait_until)
from cp2fa.race import Racer
from cp2fa.wire import connect

IMPATIENT = """
LoadModule reqtimeout_module /usr/lib/apache2/modules/mod_reqtimeout.so
RequestReadTimeout handshake=60 header=60 body=2
"""


def held(client, code):
    """A token's form, sent but for its last byte."""
    racer = Racer(another(client))
    racer.fetch("/2fa/token")
    racer.post({"token": code})
    return racer


def hang_up(racer):
    """By RST: nobody is there for an answer."""
    racer.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
    racer.stream.close()


class TestABrowserThatGoesAway:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard()))

    def test_before_the_form_ends_has_used_and_changed_nothing(self, httpd):
        """F8."""
        alice, database = enrolled(httpd), Database(httpd)
        before = database.sessions(name_of(alice))
        code = code_at(alice.device.secret, now_step() + 2)
        for _ in range(5):
            hang_up(held(alice, code))
        time.sleep(0.5)
        assert database.failures(name_of(alice)) == 0
        assert database.sessions(name_of(alice)) == before
        browser = another(alice)
        assert location(browser.login_token(code)) and is_in(browser)

    @pytest.mark.parametrize("milliseconds", [0, 1, 5, 20])
    def test_before_the_answer_has_one_session_of_its_code_at_most(
            self, httpd, milliseconds):
        """F8: which nobody knows the id of."""
        alice, database = enrolled(httpd), Database(httpd)
        before = database.sessions(name_of(alice))
        code = code_at(alice.device.secret, now_step() + 1)
        racer = held(alice, code)
        racer.finish()
        time.sleep(milliseconds / 1000)
        hang_up(racer)
        answer = another(alice).login_token(code)   # whoever comes first
        assert answer.status_code in (303, 422), dump(answer)
        assert len(database.sessions(name_of(alice))) == len(before) + 1
        browser = another(alice)
        assert location(browser.login_token(
            code_at(alice.device.secret, now_step() + 3)))
        assert is_in(browser)


class TestAFormThatNeverEnds:

    def test_is_cut_by_mod_reqtimeout_and_counts_for_nothing(self, httpd_of):
        """F22: of as many as there are threads.

        With worker: event itself can crash when it is stopped while
        connections linger (apr_os_sock_get, called by mod_mpm_event).
        """
        httpd = serve(httpd_of(guard(), mpm="worker", server=IMPATIENT))
        httpd.log.expect("AH00484", "AH00286", "AH10159", "AH01382")
        alice = enrolled(httpd)
        code = alice.device.code()
        racers = [held(alice, code) for _ in range(32)]
        begun = time.monotonic()
        told = [racer.answer() for racer in racers]
        assert time.monotonic() - begun < 40    # TimeOut is 60
        assert {answer.status for answer in told} <= {0, 400, 408}, told
        assert Database(httpd).failures(name_of(alice)) == 0
        browser = another(alice)
        assert wait_until(lambda: location(browser.login_token(code)))
        assert is_in(browser)


class TestAFormWithoutEnd:

    def test_is_413_before_much_of_it_was_read(self, httpd_of):
        """F21: in chunks, so that no length says it beforehand."""
        httpd = serve(httpd_of(guard()))
        basic = requests.auth._basic_auth_str(*newcomer(httpd).http.auth)
        with connect(httpd.port, "localhost") as stream:
            stream.sendall(
                (f"POST /2fa/token HTTP/1.1\r\nHost: {httpd.origin[8:]}\r\n"
                 f"Authorization: {basic}\r\nOrigin: {httpd.origin}\r\n"
                 "Content-Type: application/x-www-form-urlencoded\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n").encode())
            with contextlib.suppress(ConnectionError):
                for _ in range(64):     # of 8 KiB that a form may have
                    stream.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")
            assert stream.recv(100).startswith(b"HTTP/1.1 413 ")
