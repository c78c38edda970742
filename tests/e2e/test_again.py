"""The same request again on a connection is let in by what let the last one in.

So each test warms one connection first, until the server takes that short way
(cp2fa/line.py), and changes one thing then: the answer must be the one that a
new connection gets.
"""
import time
from base64 import b64encode
from hashlib import sha1

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded

from cp2fa import pageuser, people
from cp2fa.client import location
from cp2fa.clock import StillClock, enrol_with
from cp2fa.ctl import Ctl
from cp2fa.echo import (AMR, COOKIE, REALM, SINCE, SSI, TOKEN, USER, basic,
                        shown, start)
from cp2fa.httpd import USERS
from cp2fa.line import Line, counted, fresh, pipelined
from cp2fa.pageuser import Visitor
from cp2fa.program import token_of
from cp2fa.wire import connect


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return start(httpd_of(pageuser.guard() + SSI, trace=True), "same/")


@pytest.fixture(scope="class")
def alice(httpd):
    return pageuser.enrolled(httpd)


class TestTheSameAgain:

    def test_gets_the_same(self, httpd, alice):
        mine = alice.cookie()
        line = Line(httpd)
        first = line.ask(mine)
        assert not first.again and first.status == 200
        line.warm(mine)
        assert shown(first, USER) == alice.name
        assert shown(first, COOKIE) == "(none)"
        for path in ("/echo.shtml", "/same/echo.shtml", "/echo.shtml?x"):
            said = line.ask(mine, path=path)
            assert said.again and said.content == first.content

    def test_with_cookies_of_the_application_s_own(self, httpd, alice):
        """None of ours is shown, the first time or any other."""
        mine = alice.cookie()
        line = Line(httpd)
        for sent, left in ((f"a=b; {mine}; c=d", "a=b; c=d"),
                           (f"{mine}; a=b", "a=b"), (mine, "(none)")):
            assert shown(line.ask(sent), COOKIE) == left
            assert shown(line.warm(sent), COOKIE) == left

    def test_is_compared_whole(self, httpd, alice):
        """SES-09: order, another's cookie, two of ours, a longer one."""
        mine = alice.cookie()
        bob = pageuser.enrolled(httpd).cookie()
        line = Line(httpd)
        for other in (f"a=b; {mine}", f"{mine}; a=b", f"{mine}; {bob}", bob,
                      f"{mine}; {mine}", mine[:-1], mine + ";", mine.upper(),
                      f"a={'b' * 600}; {mine}", None):
            line.warm(mine)
            said = line.ask(other)
            assert not said.again
            assert said.content == fresh(httpd, other).content, other
            assert line.ask(mine).content == fresh(httpd, mine).content

    def test_shows_a_token_in_a_header_to_nobody(self, httpd, alice):
        """A session needs none; it is hidden all the same."""
        line = Line(httpd)
        line.warm(alice.cookie())
        said = line.ask(alice.cookie(), TwoFactor_Token="123456")
        assert said.again and shown(said, TOKEN) == "(none)"

    def test_is_not_who_sends_credentials(self, httpd, alice):
        """SES-06: another user, a wrong password, an application token."""
        mine = alice.cookie()
        bob = basic("bob", USERS["bob"])
        line = Line(httpd)
        token = token_of(alice, path="/same/")
        for field, status, user, amr in (
                (bob, 200, "bob", "pwd"),
                (basic("bob", "wrong"), 401, None, None),
                (f"Bearer {token}x", 401, None, None),
                (f"Bearer {token}", 401, None, None),   # not for this path
                (basic(alice.name, pageuser.PASSWORD), 200, alice.name,
                 "pwd otp")):
            line.warm(mine)
            said = line.ask(mine, Authorization=field)
            assert said.status == status, field
            # what she types is verified, and then she is who she was
            assert said.again == (user == alice.name), field
            if user:
                assert (shown(said, USER), shown(said, AMR)) == (user, amr)
            assert line.ask(mine).status == 200
        line.warm(mine)
        said = line.ask(mine, path="/same/echo.shtml",
                        Authorization=f"Bearer {token}")
        assert not said.again and shown(said, AMR) == "app"


class TestBasic:
    """AuthType Basic: the password is asked for each time."""

    @pytest.fixture(scope="class", params=[
        (), ("TwoFactorPasswordReuse 10m",), ("TwoFactorFoldUserCase on",)],
        ids=["alone", "reuse", "fold"])
    def httpd(self, httpd_of, request):
        made = start(httpd_of(people.guard(*request.param) + SSI, trace=True))
        made.log.expect("AH01617", "AH01618")
        return made

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return people.enrolled(httpd)

    def test_and_the_cookie_is_hers_alone(self, httpd, alice):
        """SES-06: bob, who has no second factor, gets nothing of hers."""
        mine = alice.cookie()
        name = people.name_of(alice)
        hers = basic(name, people.PASSWORD)
        line = Line(httpd)
        for field, status in ((basic("bob", USERS["bob"]), 200),
                              (basic(name, "wrong"), 401),
                              (basic(name.upper(), "wrong"), 401),
                              (None, 401)):
            first = line.warm(mine, Authorization=hers)
            assert shown(first, AMR) == "pwd otp"
            said = line.ask(mine, Authorization=field)
            assert said.status == status
            assert said.content == fresh(httpd, mine,
                                         Authorization=field).content
            if status == 200:
                assert [shown(said, i) for i in (USER, AMR, SINCE)] == [
                    "bob", "pwd", "(none)"]
            assert line.ask(mine, Authorization=hers).body == first.body

    def test_a_name_is_another_as_the_configuration_says(self, httpd, alice):
        """INP-03."""
        mine = alice.cookie()
        name = people.name_of(alice)
        httpd.set_password(name.upper(), people.PASSWORD)
        upper = basic(name.upper(), people.PASSWORD)
        line = Line(httpd)
        line.warm(mine, Authorization=basic(name, people.PASSWORD))
        said = line.ask(mine, Authorization=upper)
        assert said.status == 200 and not said.again
        assert said.content == fresh(httpd, mine, Authorization=upper).content


@pytest.mark.parametrize("cache", ["none", "dbm:run/sessions"])
def test_without_versions_nothing_is_the_same(httpd_of, cache):
    """A cache that others write to, or none."""
    kind = cache.partition(":")[0]
    httpd = start(httpd_of(pageuser.guard() + SSI, trace=True, server=(
        f"LoadModule socache_{kind}_module /usr/lib/apache2/modules/"
        f"mod_socache_{kind}.so\n" * (kind != "none")
        + f"TwoFactorSessionCache {cache}\n")))
    alice = pageuser.enrolled(httpd)
    line = Line(httpd)
    for _ in range(4):
        said = line.ask(alice.cookie())
        assert said.status == 200 and not said.again


class TestASessionThatEnds:
    """SES-05, SES-08: here and elsewhere."""

    def refused(self, line, cookie):
        said = [line.ask(cookie) for _ in range(2)]
        assert [(one.status, one.again) for one in said] == [(401, False)] * 2

    def test_by_a_log_out(self, httpd):
        alice = pageuser.enrolled(httpd)
        mine = alice.cookie()
        line = Line(httpd)
        line.warm(mine)
        assert alice.log_out().status_code == 303
        self.refused(line, mine)

    def test_with_its_account_s_second_factor(self, httpd):
        alice = pageuser.enrolled(httpd)
        mine = alice.cookie()
        line = Line(httpd)
        line.warm(mine)
        location(alice.post_form("/2fa/disable", {}, on="/2fa/profile"))
        self.refused(line, mine)

    def test_elsewhere_while_nobody_asks_here(self, httpd):
        """The very request that hears of it is refused."""
        alice = pageuser.enrolled(httpd)
        mine = alice.cookie()
        line = Line(httpd)
        line.warm(mine)
        # another process, as another node is: no word of it gets here
        Ctl(httpd).user("disable", alice.name, "--yes")
        time.sleep(5.5)     # what was heard is too old by then
        self.refused(line, mine)

    def test_elsewhere_while_somebody_asks_here(self, httpd):
        alice = pageuser.enrolled(httpd)
        mine = alice.cookie()
        line = Line(httpd)
        line.warm(mine)
        Ctl(httpd).user("disable", alice.name, "--yes")
        assert people.wait_until(lambda: line.ask(mine).status == 401, 6)
        self.refused(line, mine)


class TestAClock:
    """SES-03, SES-07: what ends by itself, while a connection is kept."""

    @pytest.fixture(scope="class")
    def clock(self, workshop):
        return StillClock(workshop)

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        # worker: event closes what is kept when its clock jumps
        made = httpd_of(people.guard(
            "TwoFactorSessionIdle 2m", "TwoFactorSessionLifetime 5m") + SSI
            + "KeepAlive On\n", mpm="worker", trace=True)
        with clock.worn():
            return start(made)

    def warmed(self, httpd, clock):
        alice = enrol_with(people.newcomer(httpd), clock)
        field = basic(people.name_of(alice), people.PASSWORD)
        line = Line(httpd)
        line.warm(alice.cookie(), Authorization=field)
        return lambda: line.ask(alice.cookie(), Authorization=field)

    @pytest.mark.parametrize("moved, status, again", [
        (14, 200, True), (16, 200, False), (119, 200, False),
        (121, 403, False), (301, 403, False), (-30, 200, False),
        (-90, 403, False)])
    def test_that_is_moved(self, httpd, clock, moved, status, again):
        ask = self.warmed(httpd, clock)
        assert ask().again
        clock.move(moved)
        said = ask()
        assert (said.status, said.again) == (status, again)
        clock.move(-moved if moved < 0 else 0)

    def test_that_goes_on_to_the_end(self, httpd, clock):
        """Used all the time, and over all the same."""
        ask = self.warmed(httpd, clock)
        for _ in range(29):
            clock.move(10)
            assert ask().status == 200
            # once it is noted, behind the requests, that it is used
            assert people.wait_until(lambda: ask().again, 10)
        clock.move(11)
        assert ask().status == 403


class TestManyOnOneConnection:

    def test_sent_before_one_is_answered(self, httpd, alice):
        """SES-06: pipelined, of several browsers."""
        bob = pageuser.enrolled(httpd)
        who = [alice, alice, bob, None, bob, bob, alice, alice, None, alice]
        httpd.write("who.txt", "x" * 20000)

        def fields(one):
            return ("Accept: application/json\r\n" + (
                f"Cookie: a=b; {one.cookie()}\r\n" if one else ""))
        before = counted(httpd)
        said = pipelined(httpd, [("/who.txt", fields(one))
                                 for one in who * 5])
        assert [one.status for one in said] == [
            200 if one else 401 for one in who] * 5
        assert counted(httpd) > before

    def test_streams_of_http_2(self, httpd, alice):
        """HTTP-04: parallel, of several browsers."""
        bob = pageuser.enrolled(httpd)
        who = [alice, alice, bob, None, bob, bob, alice, alice, None,
               alice] * 10
        before = counted(httpd)
        got = streams(httpd, [one and one.cookie() for one in who])
        assert counted(httpd) == before
        for one, (status, body) in zip(who, got, strict=True):
            assert status == ("200" if one else "401")
            if one:
                assert body.split("|")[USER] == one.name
                assert body.split("|")[COOKIE] == "(none)"


    def test_streams_forget_a_session_that_has_ended(self, httpd):
        """SES-08: what one has read is near for the next (gate/near.h)."""
        carol = pageuser.enrolled(httpd)
        cookies = [carol.cookie()] * 5
        assert {status for status, _ in streams(httpd, cookies)} == {"200"}
        assert carol.log_out().status_code == 303
        assert {status for status, _ in streams(httpd, cookies)} == {"401"}


def streams(httpd, cookies, path="/echo.shtml"):
    """One connection, all requests at once: (status, body) of each."""
    got = {}
    with connect(httpd.port, "localhost", protocol="h2") as stream:
        talk = H2Connection(H2Configuration(header_encoding="latin-1"))
        talk.initiate_connection()
        for number, cookie in enumerate(cookies):
            talk.send_headers(2 * number + 1, [
                (":method", "GET"), (":scheme", "https"), (":path", path),
                (":authority", f"localhost:{httpd.port}"),
                ("accept", "application/json")]
                + ([("cookie", cookie)] if cookie else []), end_stream=True)
            got[2 * number + 1] = [None, ""]
        stream.sendall(talk.data_to_send())
        left = len(cookies)
        while left:
            for event in talk.receive_data(stream.recv(65536)):
                if isinstance(event, ResponseReceived):
                    got[event.stream_id][0] = dict(event.headers)[":status"]
                elif isinstance(event, DataReceived):
                    got[event.stream_id][1] += event.data.decode()
                elif isinstance(event, StreamEnded):
                    left -= 1
            stream.sendall(talk.data_to_send())
    return list(got.values())


class TestLongNames:

    def test_are_let_in_the_long_way(self, httpd_of):
        """INP-01: what does not fit is not noted."""
        realm = "R" * 255
        httpd = start(httpd_of(pageuser.guard(realm=realm) + SSI, trace=True))
        name = "n" * 255
        with open(httpd.root / "conf" / "users", "a") as users:
            users.write(f"{name}:{{SHA}}" + b64encode(sha1(
                pageuser.PASSWORD.encode()).digest()).decode() + "\n")
        alice = Visitor(httpd, name)
        location(alice.log_in())
        alice.device = alice.enrol()
        line = Line(httpd)
        for _ in range(4):
            said = line.ask(alice.cookie())
            assert said.status == 200 and not said.again
            assert shown(said, USER) == name
            assert shown(said, REALM) == realm


class TestTheDirectivesOfHttpd:
    """AuthType and AuthName are noted by the module, too."""

    def said(self, httpd_of, text, without="no such line"):
        """What configtest says, without our module and with it."""
        httpd = httpd_of(text, guarded=False)
        path = httpd.root / "conf" / "httpd.conf"
        lines = [line for line in path.read_text().splitlines()
                 if without not in line]
        # loaded last, as conf/cp2fa.conf does it: it is asked first
        at = max(i for i, line in enumerate(lines) if "LoadModule" in line) + 1
        answers = []
        for ours in ("", f"LoadModule cp2fa_module {self.module}"):
            path.write_text("\n".join(lines[:at] + [ours] + lines[at:]))
            answers.append(httpd.configtest())
        return answers

    @pytest.fixture(autouse=True)
    def loaded(self, module):
        self.module = module

    @pytest.mark.parametrize("directive", [
        "AuthType Basic Digest", "AuthName", 'AuthName "%{"'])
    def test_are_refused_in_httpd_s_own_words(self, httpd_of, directive):
        bare, ours = self.said(
            httpd_of, f'<Location "/">\n{directive}\n</Location>')
        assert bare == ours and bare[0] == 1

    def test_need_the_module_that_heeds_them(self, httpd_of):
        bare, ours = self.said(httpd_of, '<Location "/">\nAuthType Basic\n'
                               '</Location>', without="authn_core")
        assert bare[0] == ours[0] == 1
        assert "AuthType needs mod_authn_core" in ours[1]
