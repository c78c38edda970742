"""My Profile: devices, sessions, and what is left of the codes."""
import pytest

from cp2fa.client import dump, location
from cp2fa.database import Database
from cp2fa.forms import Page
from cp2fa.oath import Device
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in,
                          name_of, newcomer, serve)

PROFILE = "/2fa/profile"


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def alice(httpd):
    return enrolled(httpd)


def said_of(client):
    return client.get(PROFILE, headers={"Accept": "application/json"}).json()


def devices_of(client):
    return {one["name"]: one["id"] for one in said_of(client)["devices"]}


def add(client, name):
    """Sets up a further device of that name."""
    location(client.post("/2fa/enable", {"csrf": csrf_of(client, PROFILE),
                                         "name": name}))
    secret = client.get("/2fa/enroll", headers={
        "Accept": "application/json"}).json()["secret"]
    device = Device(secret)
    done = client.post_form("/2fa/enroll", {"token": device.code()})
    assert location(done).path == "/2fa/recovery-codes"
    return device


def send(client, path, **fields):
    return client.post(path, {"csrf": csrf_of(client, PROFILE), **fields})


def log_in(client, device):
    browser = another(client)
    location(browser.login_token(device.code()))
    return browser


class TestDevices:

    def test_are_named_with_their_dates(self, alice):
        text = alice.get(PROFILE).text
        assert "phone" in text and "Last used" in text
        assert "1 authenticator app," in text

    def test_can_be_two(self, httpd, alice):
        tablet = add(alice, "tablet")
        assert set(devices_of(alice)) == {"phone", "tablet"}
        assert is_in(log_in(alice, alice.device))
        assert is_in(log_in(alice, tablet))
        assert Database(httpd).ask(
            "SELECT detail FROM cp2fa_event WHERE kind = 'device-added'"
            " AND name = ?", name_of(alice)) == [("tablet",)]

    def test_added_is_said_and_codes_are_not_shown_again(self, alice):
        assert len(alice.get("/2fa/recovery-codes").text) > 0   # takes them
        location(alice.post("/2fa/enable", {
            "csrf": csrf_of(alice, PROFILE), "name": "tablet"}))
        secret = alice.get("/2fa/enroll", headers={
            "Accept": "application/json"}).json()["secret"]
        done = alice.post_form("/2fa/enroll", {"token":
                                               Device(secret).code()})
        page = alice.get(done.headers["Location"])
        assert "the same as before" in page.text and "<pre" not in page.text

    def test_of_the_same_name_is_replaced(self, alice):
        new = add(alice, "phone")
        assert set(devices_of(alice)) == {"phone"}
        assert another(alice).login_token(
            alice.device.code()).status_code == 422
        assert is_in(log_in(alice, new))

    def test_goes_on_working_until_its_successor_is_confirmed(self, alice):
        location(send(alice, "/2fa/enable", name="phone"))
        assert is_in(log_in(alice, alice.device))

    def test_can_be_removed_one_by_one(self, httpd, alice):
        """ENR-10, SES-05."""
        tablet = add(alice, "tablet")
        other = log_in(alice, tablet)
        gone = devices_of(alice)["phone"]
        answer = send(alice, "/2fa/disable", device=gone)
        assert answer.headers["Location"].endswith("?notice=removed")
        assert "Removed." in alice.get(answer.headers["Location"]).text
        assert set(devices_of(alice)) == {"tablet"}
        assert is_in(alice) and not is_in(other)
        assert another(alice).login_token(
            alice.device.code()).status_code == 422
        assert is_in(log_in(alice, tablet))
        assert Database(httpd).ask(
            "SELECT detail FROM cp2fa_event WHERE kind = 'device-removed'"
            " AND name = ?", name_of(alice)) == [("phone",)]

    def test_removed_last_disables_it_all(self, httpd, alice):
        answer = send(alice, "/2fa/disable",
                      device=devices_of(alice)["phone"])
        assert answer.headers["Location"].endswith("?notice=disabled")
        assert is_in(another(alice))
        assert Database(httpd).ask(
            "SELECT count(*) FROM cp2fa_event WHERE kind = 'disabled'"
            " AND name = ?", name_of(alice)) == [(1,)]

    @pytest.mark.parametrize("device", ["0" * 32, "x", "' OR 1=1 --",
                                        "é" * 200])
    def test_that_are_not_there_are_not_removed(self, alice, device):
        answer = send(alice, "/2fa/disable", device=device)
        assert answer.status_code == 422, dump(answer)
        assert "no such authenticator app" in alert_of(answer)
        assert set(devices_of(alice)) == {"phone"}

    def test_of_another_account_are_not_removed(self, httpd, alice):
        bob = enrolled(httpd)
        add(bob, "tablet")
        answer = send(alice, "/2fa/disable",
                      device=devices_of(bob)["phone"])
        assert answer.status_code == 422
        assert set(devices_of(bob)) == {"phone", "tablet"}

    def test_show_a_hostile_name_as_it_is(self, alice):
        add(alice, '<b>&"\' --></b>')
        text = alice.get(PROFILE).text
        assert "<b>" not in text
        names = [form.fields.get("name") for form in Page(text).forms]
        assert '<b>&"\' --></b>' in names


class TestDevicesWhereTheyAreRequired:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard(mode="required")))

    def test_the_last_one_stays(self, alice):
        answer = send(alice, "/2fa/disable",
                      device=devices_of(alice)["phone"])
        assert answer.status_code == 403, dump(answer)
        assert "can't be disabled" in alert_of(answer)
        assert is_in(alice)

    def test_one_of_two_can_go(self, alice):
        add(alice, "tablet")
        location(send(alice, "/2fa/disable",
                      device=devices_of(alice)["phone"]))
        answer = send(alice, "/2fa/disable",
                      device=devices_of(alice)["tablet"])
        assert answer.status_code == 403
        assert set(devices_of(alice)) == {"tablet"}


class TestSessions:

    def test_are_listed_with_this_one_marked(self, alice):
        """SES-08."""
        other = another(alice)
        other.http.headers["User-Agent"] = (
            "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Firefox/128.0")
        location(other.login_token(alice.device.code()))
        text = alice.get(PROFILE).text
        assert "Firefox on Windows" in text and "127.0.0.1" in text
        assert text.count("This session<") == 1
        assert text.count(">Log out there<") == 1

    def test_end_one_by_one(self, alice):
        """SES-08: at once, from the cache as well."""
        others = [log_in(alice, alice.device) for _ in range(2)]
        assert all(map(is_in, others))
        theirs = [s["id"] for s in said_of(others[0])["sessions"]
                  if s["current"]]
        answer = send(alice, "/2fa/sessions/end", session=theirs[0])
        assert location(answer).path == PROFILE
        assert [is_in(other) for other in others] == [False, True]
        assert is_in(alice)

    def test_end_all_but_this_one(self, alice):
        """SES-08."""
        others = [log_in(alice, alice.device) for _ in range(3)]
        assert all(map(is_in, others))
        location(send(alice, "/2fa/sessions/end"))
        assert not any(map(is_in, others))
        assert is_in(alice)

    def test_that_is_this_one_is_a_log_out(self, alice):
        mine, = [s["id"] for s in said_of(alice)["sessions"]]
        answer = send(alice, "/2fa/sessions/end", session=mine)
        assert location(answer).path == "/2fa/signed-out"
        assert not is_in(alice)

    @pytest.mark.parametrize("session", ["0" * 64, "x", "' OR 1=1 --"])
    def test_that_are_not_there_can_not_be_ended(self, alice, session):
        answer = send(alice, "/2fa/sessions/end", session=session)
        assert answer.status_code == 422
        assert "no such session" in alert_of(answer)
        assert is_in(alice)

    def test_of_another_account_can_not_be_ended(self, httpd, alice):
        bob = enrolled(httpd)
        his, = [s["id"] for s in said_of(bob)["sessions"]]
        answer = send(alice, "/2fa/sessions/end", session=his)
        assert answer.status_code == 422
        assert is_in(bob)

    def test_beyond_twenty_are_counted(self, httpd, alice):
        Database(httpd).tell(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 24) INSERT INTO cp2fa_session SELECT printf('%064d',"
            " i), account, amr, created, auth_time, last_seen, ends, address,"
            " agent FROM cp2fa_session, n WHERE account = (SELECT id FROM"
            " cp2fa_account WHERE name = ?)", name_of(alice))
        text = alice.get(PROFILE).text
        assert "And 5 more." in text and "25 sessions" in text

    def test_are_ended_by_nobody_without_the_second_factor(self, alice):
        stranger = another(alice)
        answer = stranger.post("/2fa/sessions/end",
                               {"csrf": csrf_of(stranger)})
        assert answer.status_code == 403
        assert is_in(alice)


class TestWhoHasNoDevice:

    def test_is_shown_what_there_is_to_enable(self, httpd):
        carol = newcomer(httpd)
        text = carol.get(PROFILE).text
        assert "2-factor authentication is off" in text
        assert "Recovery codes" not in text
        assert "Where you are logged in" not in text

    def test_can_end_nothing(self, httpd):
        carol = newcomer(httpd)
        location(send(carol, "/2fa/sessions/end"))
        location(send(carol, "/2fa/disable"))
        assert send(carol, "/2fa/disable", device="x").status_code == 422
