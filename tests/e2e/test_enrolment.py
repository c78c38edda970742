"""Enabling two-factor auth, replacing a phone, and disabling it again."""
import re
import subprocess
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from cp2fa.client import dump, location
from cp2fa.clock import StillClock, begin
from cp2fa.database import Database
from cp2fa.oath import Device
from cp2fa.people import (alert_of, another, csrf_of, enrolled, guard, is_in,
                          name_of, newcomer, serve, session_of)
from cp2fa.race import MANY_CHILDREN, Racer, race, session_in

KEY = re.compile(r"\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b|[A-Z2-7]{32}")


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture()
def carol(httpd):
    return newcomer(httpd)


def start(client):
    """Begins an enrolment: what the page says of it, as {name: value}."""
    location(client.post_form("/2fa/enable", {}, on="/2fa/profile"))
    return said_on(client.page("/2fa/enroll"))


def said_on(page):
    link = page.link("otpauth://")
    return {"link": link, **{name: values[0] for name, values
                             in parse_qs(urlsplit(link).query).items()}}


def confirm(client, code):
    return client.post_form("/2fa/enroll", {"token": code})


def no_key(answer):
    return not KEY.search(answer.text) and "otpauth" not in answer.text


class TestASecret:

    def test_is_random_and_nobody_elses(self, httpd):
        """ENR-01: 160 bits, as 32 characters of base32."""
        client = newcomer(httpd)
        csrf = csrf_of(client, "/2fa/profile")
        found = []
        for _ in range(120):
            location(client.post("/2fa/enable", {"csrf": csrf}))
            found.append(said_on(client.page("/2fa/enroll"))["secret"])
        assert all(re.fullmatch("[A-Z2-7]{32}", one) for one in found)
        assert len(set(found)) == len(found)
        bits = "".join(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.index(c):05b}"
                       for one in found for c in one)
        assert abs(bits.count("1") / len(bits) - 0.5) < 0.02    # 5 sigma

    def test_is_on_the_page_as_text_too(self, carol):
        """ENR-07: for who can't scan it, in groups of four."""
        said = start(carol)
        text = carol.get("/2fa/enroll").text
        grouped = re.search(KEY, text.replace(said["secret"], "")).group()
        assert grouped.replace(" ", "") == said["secret"]

    def test_is_seen_no_more_once_it_is_confirmed(self, httpd, carol):
        """ENR-07."""
        said = start(carol)
        location(confirm(carol, Device(said["secret"]).code()))
        for path in ("enroll", "profile", "token", "qr.svg", "recovery-codes"):
            for browser in (carol, another(carol)):
                answer = browser.get(f"/2fa/{path}")
                assert no_key(answer), path
                assert said["secret"] not in answer.text
        assert carol.get("/2fa/qr.svg").status_code == 404

    def test_is_in_no_cache_and_no_address(self, carol):
        """ENR-07."""
        said = start(carol)
        for path in ("/2fa/enroll", "/2fa/qr.svg"):
            answer = carol.get(path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert said["secret"] not in str(answer.headers)
        assert said["secret"] not in carol.get("/2fa/enroll").text.replace(
            said["link"].replace("&", "&amp;"), "")

    def test_is_in_no_log_and_not_in_the_database(self, httpd_of):
        """ENR-07, CRY-01: not even at trace8."""
        httpd = serve(httpd_of(guard(), trace=True))
        client = newcomer(httpd)
        said = start(client)
        client.get("/2fa/qr.svg")
        location(confirm(client, Device(said["secret"]).code()))
        for path in httpd.root.rglob("*"):
            if path.is_file():
                text = path.read_bytes()
                assert said["secret"].encode() not in text, path
                assert said["secret"].lower().encode() not in text, path


class TestAnEnrolment:

    def test_changes_nothing_until_it_is_confirmed(self, httpd, carol):
        """ENR-02."""
        said = start(carol)
        assert is_in(carol) and is_in(another(carol))
        assert confirm(carol, "000000").status_code == 422
        assert is_in(another(carol))
        assert Database(httpd).devices(name_of(carol)) == []
        location(confirm(carol, Device(said["secret"]).code()))
        assert is_in(carol) and not is_in(another(carol))

    def test_shows_the_same_secret_again_after_a_wrong_pin(self, carol):
        """ENR-02: so nobody has to scan it twice."""
        said = start(carol)
        answer = confirm(carol, "000000")
        assert alert_of(answer).startswith("PIN isn't valid")
        assert said["secret"] in answer.text
        assert said_on(carol.page("/2fa/enroll")) == said

    def test_burns_the_pin_that_confirmed_it(self, carol):
        """ENR-03."""
        code = Device(start(carol)["secret"]).code()
        location(confirm(carol, code))
        answer = another(carol).login_token(code)
        assert answer.status_code == 422
        assert session_of(answer) is None

    def test_is_of_the_browser_that_began_it(self, carol):
        """ENR-04."""
        said = start(carol)
        other = another(carol)
        assert no_key(other.get("/2fa/enroll"))
        assert other.get("/2fa/qr.svg").status_code == 404
        answer = other.post("/2fa/enroll", {
            "csrf": csrf_of(other, "/2fa/profile"),
            "token": Device(said["secret"]).code()})
        assert answer.status_code == 422
        assert alert_of(answer).startswith("The QR code has expired")
        assert is_in(another(carol))

    def test_is_replaced_by_a_new_start(self, httpd, carol):
        """ENR-04."""
        first, second = start(carol), start(carol)
        assert first["secret"] != second["secret"]
        assert len(Database(httpd).devices(name_of(carol), "pending")) == 1
        assert confirm(carol, Device(first["secret"]).code()
                       ).status_code == 422
        location(confirm(carol, Device(second["secret"]).code()))

    def test_can_be_cancelled(self, httpd, carol):
        """ENR-04."""
        start(carol)
        csrf = csrf_of(carol, "/2fa/enroll")
        assert location(carol.post("/2fa/enroll/cancel", {"csrf": csrf}))
        assert no_key(carol.get("/2fa/enroll"))
        assert Database(httpd).devices(name_of(carol), "pending") == []
        answer = carol.post("/2fa/enroll", {"csrf": csrf, "token": "123456"})
        assert answer.status_code == 422

    def test_does_not_outlive_ten_minutes(self, httpd_of, workshop):
        """ENR-04."""
        clock = StillClock(workshop)
        httpd = clock.serve(httpd_of)
        client = newcomer(httpd)
        for seconds, good in [(601, False), (590, True)]:
            phone = begin(client)
            clock.move(seconds)
            csrf = csrf_of(client, "/2fa/enroll")
            assert no_key(client.get("/2fa/enroll")) != good
            answer = client.post("/2fa/enroll", {
                "csrf": csrf, "token": phone.code(clock.step())})
            assert answer.status_code == (303 if good else 422)
            assert bool(session_of(answer)) == good


class TestTheLink:

    @pytest.mark.parametrize("issuer", [
        "Cloud console", "a:b", "a&b=c", "a#b?c/d", "100% / +1", "Mākoņi ☁",
        "<svg onload=alert(1)>", "'\\\"quotes\\\"'", "x" * 255, "ā" * 120])
    @pytest.mark.parametrize("name", ["plain", "we?ird&na=me#1%41+",
                                      "jānis@example.lv", "<b>&amp;'x'"])
    def test_says_who_and_for_what_whatever_the_names_are(
            self, httpd_of, request, issuer, name):
        """ENR-05, ENR-06: it parses, and nothing in it is lost."""
        httpd = request.getfixturevalue("many")(issuer)
        client = newcomer(httpd, name)
        link = start(client)["link"]
        parts = urlsplit(link)
        said = parse_qs(parts.query, strict_parsing=True)
        meant = issuer.replace('\\"', '"')
        assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
        assert not parts.fragment
        assert re.fullmatch(r"[!-~]+", link)
        # the Key URI format has no way to write a colon in either part
        shown, _, user = parts.path[1:].partition(":")
        assert unquote(user) == name
        assert unquote(shown) in (meant, meant.replace(":", ""),
                                  meant.replace(":", " "))
        assert said["issuer"] == [unquote(shown)]
        assert re.fullmatch("[A-Z2-7]{32}", said["secret"][0])
        assert {k: said[k] for k in ("algorithm", "digits", "period")} == {
            "algorithm": ["SHA1"], "digits": ["6"], "period": ["30"]}
        location(confirm(client, Device(said["secret"][0]).code()))

    @pytest.fixture(scope="class")
    def many(self, httpd_of):
        """One server for each issuer."""
        made = {}

        def give(issuer):
            if issuer not in made:
                made[issuer] = serve(httpd_of(
                    guard(f'TwoFactorIssuer "{issuer}"')))
            return made[issuer]
        return give

    def test_is_what_the_qr_code_says(self, httpd, carol, tmp_path):
        """ENR-05: read as a phone would, off a screen."""
        link = start(carol)["link"]
        picture = carol.get("/2fa/qr.svg")
        assert picture.headers["Content-Type"] == "image/svg+xml"
        (tmp_path / "qr.svg").write_bytes(picture.content)
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--hide-scrollbars", "--window-size=600,600",
             f"--screenshot={tmp_path}/qr.png", f"file://{tmp_path}/qr.svg"],
            check=True, capture_output=True, timeout=60)
        read = subprocess.run(["zbarimg", "--quiet", "--raw",
                               f"{tmp_path}/qr.png"], check=True,
                              capture_output=True, text=True)
        assert read.stdout.strip() == link

    def test_and_its_page_ask_nobody_else_for_anything(self, carol):
        """ENR-05: every address on it is of this server."""
        start(carol)
        for source in re.findall(r'(?:src|href|action)="([^"]*)"',
                                 carol.get("/2fa/enroll").text):
            assert source.startswith(("/", "otpauth://")), source
        svg = carol.get("/2fa/qr.svg").text
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<script|"
                             r"href|url\(", svg)


class TestANewPhone:

    def test_replaces_the_old_one_not_before_it_is_confirmed(self, carol):
        """ENR-02: a broken-off replacement locks nobody out."""
        old = Device(start(carol)["secret"])
        location(confirm(carol, old.code()))
        said = start(carol)
        browser = another(carol)
        location(browser.login_token(old.code()))
        new = Device(said["secret"])
        assert another(carol).login_token(new.code()).status_code == 422
        location(confirm(carol, new.code()))
        location(another(carol).login_token(new.code()))
        answer = another(carol).login_token(old.code())
        assert answer.status_code == 422

    def test_of_another_name_works_beside_the_old_one(self, carol):
        """A second device, for who says that it is one."""
        old = carol.enrol()
        location(carol.post_form("/2fa/enable", {"name": "tablet"},
                                 on="/2fa/profile"))
        new = Device(said_on(carol.page("/2fa/enroll"))["secret"])
        location(confirm(carol, new.code()))
        for device in (old, new):
            location(another(carol).login_token(device.code()))

    def test_needs_both_factors(self, carol):
        """ENR-09: the password alone begins no replacement."""
        carol.device = carol.enrol()
        browser = another(carol)
        for path in ("profile", "enroll", "qr.svg"):
            assert location(browser.get(f"/2fa/{path}")).path == "/2fa/token"
        csrf = csrf_of(browser)
        for path in ("enable", "enroll", "enroll/cancel", "disable"):
            answer = browser.post(f"/2fa/{path}", {"csrf": csrf})
            assert answer.status_code == 403, (path, dump(answer))


class TestManyConfirmationsAtOnce:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(guard(), server=MANY_CHILDREN["event"])
        httpd.log.expect("AH00484", "AH10159")
        return serve(httpd)

    def test_give_one_session_and_one_device(self, httpd):
        """ENR-11: of one pending secret, fifty times."""
        for _ in range(3):
            client = newcomer(httpd)
            code = Device(start(client)["secret"]).code()
            pre = "; ".join(f"{c.name}={c.value}"
                            for c in client.http.cookies)
            answers = race([Racer(client, pre) for _ in range(50)],
                           "/2fa/enroll", {"token": code})
            assert sum(bool(session_in(a)) for a in answers) == 1
            assert {a.status for a in answers} <= {303, 403, 422, 429}
            database = Database(httpd)
            assert len(database.devices(name_of(client))) == 1
            assert len(database.devices(name_of(client), "pending")) == 0
            assert len(database.sessions(name_of(client))) == 1

    def test_of_two_browsers_leave_one_secret(self, httpd):
        """ENR-11: and the other browser is told."""
        client = newcomer(httpd)
        other = another(client)
        first, second = start(client), start(other)
        answer = client.post("/2fa/enroll", {
            "csrf": csrf_of(client, "/2fa/enroll"),
            "token": Device(first["secret"]).code()})
        assert answer.status_code == 422
        assert alert_of(answer).startswith("The QR code has expired")
        location(confirm(other, Device(second["secret"]).code()))
        assert is_in(other) and not is_in(client)
        assert len(Database(httpd).devices(name_of(client))) == 1


class TestRequired:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard(mode="required")))

    def test_leads_who_has_no_device_to_enrol(self, carol):
        """FAIL-02."""
        assert location(carol.get("/page.html")).path == "/2fa/enroll"
        assert "requires" in carol.get("/2fa/enroll").text
        carol.enrol()
        assert is_in(carol)

    def test_lets_nobody_in_whose_rows_are_gone(self, httpd):
        """FAIL-02: a missing row is no pass."""
        client = enrolled(httpd)
        other = another(client)
        Database(httpd).tell("DELETE FROM cp2fa_device")
        assert location(other.get("/page.html")).path == "/2fa/enroll"
        Database(httpd).tell("PRAGMA foreign_keys = ON")
        Database(httpd).tell("DELETE FROM cp2fa_session")
        Database(httpd).tell("DELETE FROM cp2fa_account")
        assert location(other.get("/page.html")).path == "/2fa/enroll"

    def test_takes_no_disabling(self, httpd):
        """The administrator's word counts."""
        client = enrolled(httpd)
        answer = client.post("/2fa/disable", {
            "csrf": csrf_of(client, "/2fa/profile")})
        assert answer.status_code == 403
        assert alert_of(answer).startswith("2-factor authentication can't")
        assert is_in(client)
        assert len(Database(httpd).devices(name_of(client))) == 1
        assert "/2fa/disable" not in client.get("/2fa/profile").text
