"""Many at once, over two servers of four children, on one database.

The throttle would turn most of them away before they reach what is raced for.
So a trigger in the database takes back what they are counted, as fast as it
is written: every one of them is looked at, as the log tells, and only the one
condition decides that is meant to.
"""
import copy
import itertools
import re

import pytest

from cp2fa.client import location
from cp2fa.clock import begin
from cp2fa.codes import with_codes
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, ask, register
from cp2fa.oath import code_at, now_step
from cp2fa.people import (PASSWORD, another, enrolled, guard, is_in, name_of,
                          newcomer, serve, wait_until)
from cp2fa.race import HeaderRacer, Racer, dash, session_in

MANY = 200
WAVE = 50       # what two slow cores look at before anybody's patience ends
# room for half of a wave on each, and three children would not do
CHILDREN = ("StartServers 4\nServerLimit 4\nThreadsPerChild 8\n"
            "MaxRequestWorkers 32\nMinSpareThreads 32\n"
            "MaxSpareThreads 32")
TRIGGER = """
CREATE TRIGGER unthrottled AFTER UPDATE OF failures ON cp2fa_account
WHEN EXISTS (SELECT 1 FROM cp2fa_meta WHERE name = 'unthrottled')
BEGIN
    UPDATE cp2fa_account SET failures = OLD.failures, next_try = 0,
        locked_at = 0 WHERE id = NEW.id;
END
"""


class Nodes:
    """Two servers with one database and one key file."""

    def __init__(self, httpd_of):
        config = guard() + 'CustomLog logs/children.log "%P %r"\n'
        self.first = httpd_of(config, server=CHILDREN)
        self.second = httpd_of(config, server=CHILDREN)
        self.second.state = self.first.state
        self.second.configure(config, CHILDREN)
        self.database = Database(self.first)
        serve(self.first).stop()            # which made the tables
        self.database.tell(TRIGGER)
        for node in self.both:
            # all are busy
            node.log.expect("AH00161", "AH00484", "AH03490", "AH10159")
            serve(node)

    @property
    def both(self):
        return self.first, self.second

    def race(self, client, page, fields, cookie=None, of=Racer):
        """A wave of that person's posts, half of it at each; the answers."""
        self.second.set_password(name_of(client), PASSWORD)
        racers = []
        for node in self.both:
            racer = of(another(client, node), cookie)
            racer.fetch(page)
            racers += [copy.copy(racer) for _ in range(WAVE // 2)]
        return dash(racers, fields)

    def said(self, client, tag):
        """What both logs say of that person under that tag: {word: count}."""
        found = re.findall(
            rf"{tag}: (.*), user {name_of(client)},",
            "\n".join(node.log.text() for node in self.both))
        return {word: found.count(word) for word in set(found)}

    def children(self, node):
        """Those who have answered; a child logs after it answered."""
        log = (node.root / "logs" / "children.log").read_text()
        return {line.split()[0] for line in log.splitlines()}

    def sessions(self, client):
        return len(self.database.sessions(name_of(client)))

    def events(self, client, kind):
        return len(self.database.ask(
            "SELECT id FROM cp2fa_event WHERE name = ? AND kind = ?",
            name_of(client), kind))


@pytest.fixture(scope="class")
def nodes(httpd_of):
    return Nodes(httpd_of)


@pytest.fixture()
def unthrottled(nodes):
    nodes.database.tell("INSERT INTO cp2fa_meta VALUES ('unthrottled', '')")
    yield
    nodes.database.tell("DELETE FROM cp2fa_meta WHERE name = 'unthrottled'")


class TurnRacer(Racer):
    """Takes the next of some codes, whoever posts it."""

    def __init__(self, codes, *who):
        super().__init__(*who)
        self.codes = itertools.cycle(codes)

    def post(self, fields):
        super().post({**fields, "token": next(self.codes)})


def statuses(answers):
    """{status: how many}; nobody may be told that we are broken."""
    found = {a.status for a in answers}
    assert max(found) < 500, found
    return {status: sum(a.status == status for a in answers)
            for status in found}


def winners(answers):
    return [session_in(a) for a in answers if session_in(a)]


class TestManyAtOnce:

    def check_the_winner(self, nodes, client, cookie):
        """It is in at both nodes, and its owner's next code works."""
        for node in nodes.both:
            assert another(client, node).get("/page.html", headers={
                "Cookie": cookie}).text == "the content"
        browser = another(client, nodes.second)
        assert location(browser.login_token(client.device.code()))
        assert is_in(browser)

    def test_with_one_token_one_gets_in(self, nodes):
        """OTP-02, OTP-05, F17: of two hundred; the throttle is as ever."""
        alice = enrolled(nodes.first)
        token = {"token": alice.device.code()}
        answers = [answer for _ in range(MANY // WAVE) for answer
                   in nodes.race(alice, "/2fa/token", token)]
        assert set(statuses(answers)) <= {303, 422, 429}
        said = nodes.said(alice, "CP2FA301")
        assert said["token accepted"] == 1 and sum(said.values()) == MANY
        (won,) = winners(answers)
        assert nodes.sessions(alice) == 2       # and the one that enrolled
        for node in nodes.both:                 # not one child alone
            assert wait_until(lambda: len(nodes.children(node)) > 2)
        nodes.database.tell("UPDATE cp2fa_account SET failures = '',"
                            " next_try = 0")
        self.check_the_winner(nodes, alice, won)

    def test_with_one_token_that_all_is_about_one_gets_in(
            self, nodes, unthrottled):
        """OTP-02, OTP-05, F17."""
        alice = enrolled(nodes.first)
        answers = nodes.race(alice, "/2fa/token", {
            "token": alice.device.code()})
        assert statuses(answers) == {303: 1, 422: WAVE - 1}
        assert nodes.said(alice, "CP2FA301") == {
            "token accepted": 1, "token otp_replay": WAVE - 1}
        (won,) = winners(answers)
        assert nodes.sessions(alice) == 2
        self.check_the_winner(nodes, alice, won)

    def test_with_one_token_in_a_header_one_gets_in(
            self, nodes, unthrottled):
        """OTP-02, OTP-05, F17."""
        alice = enrolled(nodes.first)
        answers = nodes.race(alice, "/page.html", {
            "TwoFactor-Token": alice.device.code(),
            "X-Requested-With": "a program"}, of=HeaderRacer)
        assert nodes.said(alice, "CP2FA107") == {
            "token in header accepted": 1,
            "token in header otp_replay": WAVE - 1}
        assert statuses(answers)[200] == 1
        (won,) = winners(answers)
        assert sum(a.body == b"the content" for a in answers) == 1
        assert nodes.sessions(alice) == 2
        self.check_the_winner(nodes, alice, won)

    def test_with_one_recovery_code_one_gets_in(self, nodes, unthrottled):
        """REC-02."""
        alice = with_codes(nodes.first)
        answers = nodes.race(alice, "/2fa/recovery", {
            "code": alice.codes[0]})
        assert statuses(answers) == {303: 1, 422: WAVE - 1}
        assert nodes.said(alice, "CP2FA310") == {
            "recovery code accepted": 1,
            "recovery code no such code": WAVE - 1}
        (won,) = winners(answers)
        assert nodes.sessions(alice) == 1
        assert nodes.events(alice, "recovery-used") == 1
        self.check_the_winner(nodes, alice, won)

    def test_with_one_mailed_token_one_disables(self, nodes, unthrottled):
        """MAIL-05."""
        alice = enrolled(nodes.first)
        address = register(nodes.first, alice)
        browser = another(alice)
        assert location(ask(browser))
        mails = [Mailbox(node.root / "mail") for node in nodes.both]
        assert wait_until(lambda: any(m.all(address) for m in mails))
        (token,) = [m.token(address) for m in mails if m.all(address)]
        cookie = "; ".join(f"{c.name}={c.value}"
                           for c in browser.http.cookies)
        answers = nodes.race(alice, "/2fa/bypass", {"mail_token": token},
                             cookie=cookie)
        assert statuses(answers) == {303: 1, 422: WAVE - 1}
        assert sum(nodes.said(alice, "CP2FA409").values()) == WAVE
        assert nodes.events(alice, "disabled-by-mail") == 1
        assert winners(answers) == [] and nodes.sessions(alice) == 0
        assert is_in(another(alice, nodes.second))
        alice.enrol()
        assert is_in(alice)

    def test_confirming_one_enrolment_one_does(self, nodes, unthrottled):
        """ENR-11."""
        alice = newcomer(nodes.first)
        phone = begin(alice)
        cookie = "; ".join(f"{c.name}={c.value}" for c in alice.http.cookies)
        answers = nodes.race(alice, "/2fa/enroll", {
            "token": phone.code(now_step())}, cookie=cookie)
        assert statuses(answers)[303] == 1
        assert set(statuses(answers)) <= {303, 403, 422}
        (won,) = winners(answers)
        assert len(nodes.database.devices(name_of(alice))) == 1
        assert nodes.database.devices(name_of(alice), "pending") == []
        assert nodes.sessions(alice) == 1
        assert nodes.events(alice, "enabled") == 1
        assert another(alice, nodes.second).get("/page.html", headers={
            "Cookie": won}).text == "the content"
        browser = another(alice, nodes.second)
        assert location(browser.login_token(phone.code(now_step() + 1)))

    @pytest.fixture()
    def victim(self, nodes):
        """Somebody whose password got known, after two guesses."""
        victim = enrolled(nodes.first)      # with a device that is late
        for _ in range(2):
            assert another(victim).login_token(
                victim.device.wrong_code()).status_code == 422
        return victim

    def race_of_steps(self, nodes, victim, *steps):
        """Codes of these steps, in turn, by many at once."""
        codes = [code_at(victim.device.secret, step) for step in steps]
        return nodes.race(victim, "/2fa/token", {}, of=lambda *who:
                          TurnRacer(codes, *who))

    def test_with_the_first_of_two_tokens_nobody_gets_in(
            self, nodes, victim, unthrottled):
        """OTP-05, OTP-07."""
        here = now_step()
        answers = self.race_of_steps(nodes, victim, here + 2)
        assert statuses(answers) == {422: WAVE}
        assert nodes.said(victim, "CP2FA301") == {
            "token wrong": 2, "token first of two": 1,
            "token otp_replay": WAVE - 1}
        assert nodes.sessions(victim) == 1      # the one that enrolled
        answers = self.race_of_steps(nodes, victim, here + 3)
        assert len(winners(answers)) == 1
        assert nodes.sessions(victim) == 2

    def test_with_both_of_two_tokens_one_gets_in_at_most(
            self, nodes, victim, unthrottled):
        """OTP-05, OTP-07: whichever comes first, one step is used up."""
        here = now_step()
        won = winners(self.race_of_steps(nodes, victim, here + 2, here + 3))
        said = nodes.said(victim, "CP2FA301")
        assert len(won) == said.get("token accepted", 0) <= 1
        assert said["token first of two"] >= 1
        assert nodes.sessions(victim) == 1 + len(won)
        # the owner, whose clock is late, needs none of that
        nodes.database.tell("UPDATE cp2fa_device SET last_step = ?"
                            " WHERE last_step > ?", here - 5, here - 5)
        browser = another(victim)
        assert location(browser.login_token(code_at(
            victim.device.secret, here - 4)))
