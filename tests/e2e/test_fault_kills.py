"""kill -9 of a child at the k-th time it waits for the disk, for each k.

Until the child lives through it: after each, all is done or nothing is.
"""
import itertools
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from cp2fa.client import dump, location
from cp2fa.codes import with_codes
from cp2fa.database import Database
from cp2fa.invariants import Invariants
from cp2fa.mailbox import Mailbox, ask, register
from cp2fa.oath import Device
from cp2fa.people import (another, enrolled, guard, is_in, name_of, newcomer,
                          serve, session_of, wait_until)
from cp2fa.tracer import tracing
from test_fault_files import answers, children_of

ENOUGH = 8      # more than any scene waits for the disk


@pytest.fixture(scope="class")
def httpd(httpd_of):
    httpd = serve(httpd_of(guard() + "KeepAlive Off\n"))
    httpd.log.expect("exit signal Killed")
    return httpd


class Scene:
    """What is sent, when all is ready for it; and sent once more."""

    def __init__(self, client, browser, path, form, fields):
        self.client = client
        self.browser = browser
        self.path = path
        self.fields = {**form, **fields}

    def send(self):
        try:
            return self.browser.post(self.path, self.fields)
        except requests.exceptions.RequestException:
            return None         # killed in the midst of it


def form_at(browser, path, action):
    return browser.page(path).form(action).fields


def an_enrolment(httpd):
    client = newcomer(httpd)
    location(client.post_form("/2fa/enable", {}, on="/2fa/profile"))
    page = client.page("/2fa/enroll")
    client.device = Device(parse_qs(urlsplit(
        page.link("otpauth://")).query)["secret"][0])
    return Scene(client, client, "/2fa/enroll", page.form("/enroll").fields,
                 {"token": client.device.code()})


def a_token(httpd):
    client = enrolled(httpd)
    browser = another(client)
    return Scene(client, browser, "/2fa/token",
                 form_at(browser, "/2fa/token", "/token"),
                 {"token": client.device.code()})


def disabling(httpd):
    client = enrolled(httpd)
    return Scene(client, client, "/2fa/disable",
                 form_at(client, "/2fa/profile", "/disable"), {})


def a_recovery_code(httpd):
    client = with_codes(httpd)
    browser = another(client)
    page = browser.page("/2fa/recovery")
    return Scene(client, browser, "/2fa/recovery",
                 page.form("/recovery").fields, {"code": client.codes[0]})


def a_mailed_token(httpd):
    client = enrolled(httpd)
    address = register(httpd, client)
    browser = another(client)
    location(ask(browser))
    token = Mailbox(httpd.root / "mail").token(address)
    return Scene(client, browser, "/2fa/bypass",
                 form_at(browser, "/2fa/bypass", "/bypass"),
                 {"mail_token": token})


def check_well(httpd, client):
    """I6: by whatever the account has by now."""
    database = Database(httpd)
    database.tell("UPDATE cp2fa_account SET failures = '', next_try = 0"
                  " WHERE name = ?", name_of(client))
    browser = another(client)
    if database.devices(name_of(client)):
        answer = browser.login_token(client.device.code())
        assert answer.status_code == 303, dump(answer)
    else:
        browser.enrol()
    assert is_in(browser)


@pytest.mark.parametrize("scene", [
    an_enrolment, a_token, disabling, a_recovery_code, a_mailed_token])
class TestAChildKilledAtTheDisk:

    def test_has_done_all_or_nothing_and_leaves_all_well(self, httpd, scene):
        """F7, OTP-02, FAIL-01."""
        for k in itertools.count(1):
            ready = scene(httpd)
            state = Invariants(httpd, ready.client)
            children = children_of(httpd)
            with tracing(children, f"fdatasync:signal=KILL:when={k}"):
                answer = ready.send()
            assert wait_until(lambda: answers(another(ready.client)))
            made = state.check(answer.status_code if answer else 0)
            if answer is not None and session_of(answer):
                assert len(made) == 1
            self.check_used_stays_used(ready, state, answer)
            check_well(httpd, ready.client)
            if answer is not None and set(children) <= set(
                    children_of(httpd)):
                assert answer.status_code == 303, dump(answer)
                break
            assert k < ENOUGH
        assert k > 1            # somebody was killed

    def check_used_stays_used(self, ready, state, answer):
        """I5: the same once more, where it was used and where not."""
        if ready.path == "/2fa/disable":
            return
        used = state.used
        again = ready.send()
        assert again is not None
        if used:
            assert session_of(again) is None, dump(again)
        else:
            assert again.status_code == 303, dump(again)
