# SPDX-License-Identifier: Apache-2.0
"""What operators see from outside: metrics, mod_status, fail2ban."""
import re
import shutil
import subprocess
from contextlib import contextmanager
from urllib.parse import quote

import pytest
import requests

from cp2fa import pageuser
from cp2fa.client import Client, dump
from cp2fa.database import Database
from cp2fa.httpd import REPO, USERS
from cp2fa.oath import code_at, now_step
from cp2fa.people import (another, enrolled, guard, is_in, name_of, newcomer,
                          serve)

METRICS = "/2fa/metrics"
TABLES = ("cp2fa_session", "cp2fa_login_failure")
STATUS = """
<Location "/server-status">
    SetHandler server-status
    Require all granted
    TwoFactor off
</Location>
"""
ADMITTED = """
<Location "/2fa/metrics">
    Require local
</Location>
"""
SAMPLE = re.compile(r'^(cp2fa_[a-z_]+)(\{(?:[a-z]+="[a-z_ -]+",?)+\})? (\d+)$')


def scrape(httpd, **more):
    with requests.Session() as http:
        http.trust_env = False
        return http.get(httpd.origin + METRICS, verify=str(
            httpd.certificate.path), allow_redirects=False, **more)


def numbers(text):
    """By name and labels; every line is checked."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.match(line).groups()
            assert f"# TYPE {name} " in text.partition(line)[0], line
            assert name + (labels or "") not in found
            found[name + (labels or "")] = int(value)
    return found


def decided(httpd, door, outcome):
    return numbers(scrape(httpd).text).get(
        f'cp2fa_decisions_total{{door="{door}",outcome="{outcome}"}}', 0)


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard() + ADMITTED + STATUS))


class TestTheMetrics:

    def test_are_text_that_prometheus_reads(self, httpd):
        answer = scrape(httpd)
        assert answer.status_code == 200, dump(answer)
        assert answer.headers["Content-Type"].replace(" ", "") == \
            "text/plain;version=0.0.4;charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        found = numbers(answer.text)
        assert found["cp2fa_database_up"] == 1
        assert {"cp2fa_sessions", "cp2fa_accounts_locked", "cp2fa_mail_queued",
                "cp2fa_mail_oldest_seconds", "cp2fa_database_errors_total",
                'cp2fa_session_cache_total{result="hit"}'} <= set(found)

    def test_count_log_ins_by_outcome(self, httpd):
        before = decided(httpd, "token", "accepted"), \
            decided(httpd, "token", "wrong")
        owner = enrolled(httpd)
        browser = another(owner)
        browser.login_token(owner.device.wrong_code())
        browser.login_token(code_at(owner.device.secret, now_step() + 1))
        assert is_in(browser)
        assert (decided(httpd, "token", "accepted"),
                decided(httpd, "token", "wrong")) == \
            (before[0] + 1, before[1] + 1)
        assert decided(httpd, "confirm", "accepted") >= 1

    @pytest.mark.parametrize("page", [
        "docs/monitoring.md", "conf/grafana/cp2fa.json"])
    def test_are_what_documentation_and_dashboard_ask_for(self, httpd, page):
        """Names and labels; what the dashboard shows is all there is."""
        text = (REPO / page).read_text().replace('\\"', '"').replace(
            "\\", "")
        said = scrape(httpd).text
        names = set(re.findall(r"^# TYPE (\w+)", said, re.M))
        # of Grafana's own: the job, which Prometheus adds
        asked = set(re.findall(r"\bcp2fa_[a-z_]+", text))
        assert "cp2fa_database_up" in names and asked == names
        labels = {name: set(re.findall(rf'\b{name}="([^"]+)"', said))
                  for name in ("door", "outcome", "result")}
        for name, values in re.findall(
                r'\b(door|outcome|result)=~?"([^"]+)"', text):
            assert set(values.split("|")) <= labels[name], (name, values)

    def test_count_what_the_cache_spares(self, httpd):
        hits = 'cp2fa_session_cache_total{result="hit"}'
        owner = enrolled(httpd)
        assert is_in(owner)
        before = numbers(scrape(httpd).text)[hits]
        for _ in range(5):
            assert is_in(owner)
        assert numbers(scrape(httpd).text)[hits] - before == 5

    def test_say_who_is_locked_and_what_mail_waits(self, httpd):
        owner = enrolled(httpd)
        before = numbers(scrape(httpd).text)
        assert Database(httpd).tell(
            "UPDATE cp2fa_account SET locked_at = 1 WHERE name = ?",
            name_of(owner)) == 1
        after = numbers(scrape(httpd).text)
        assert after["cp2fa_accounts_locked"] == \
            before["cp2fa_accounts_locked"] + 1
        assert after["cp2fa_sessions"] >= 1
        assert after["cp2fa_devices"] >= 1

    def test_name_no_user_and_hold_no_secret(self, httpd):
        owner = enrolled(httpd)
        text = scrape(httpd).text
        assert name_of(owner) not in text
        assert owner.cookie().partition("=")[2] not in text

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_are_only_to_be_read(self, httpd, method):
        with requests.Session() as http:
            http.trust_env = False
            answer = http.request(method, httpd.origin + METRICS, verify=str(
                httpd.certificate.path))
        assert answer.status_code == 405, dump(answer)
        assert answer.headers["Allow"] == "GET, HEAD"


DIGITS = "(SELECT 0 AS d" + "".join(
    f" UNION ALL SELECT {n}" for n in range(1, 10)) + ") AS "
NUMBERS = ", ".join(DIGITS + name for name in "abcefg")


class TestALargeDatabase:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard() + ADMITTED))

    def test_is_not_counted_anew_with_each_scrape(self, httpd):
        """But who is locked is seen at once."""
        owner = enrolled(httpd)
        database = Database(httpd)
        add = ("INSERT INTO cp2fa_account SELECT %s, 'r', %s, 1, '', 0, 0, '',"
               " '', '', 0 FROM %s")
        n = "a.d+10*b.d+100*c.d+1000*e.d+10000*f.d+100000*g.d"
        key = f"CAST({n} AS CHAR(9))"
        httpd.stop()    # so many at once hold up who writes meanwhile
        assert database.tell(add % (
            key, key, f"{NUMBERS} WHERE {n} < 150000")) == 150000
        httpd.start()
        counted = numbers(scrape(httpd).text)
        database.tell(add % ("'x'", "'x'", "cp2fa_account LIMIT 1"))
        database.tell("UPDATE cp2fa_account SET locked_at = 1 WHERE name = ?",
                      name_of(owner))
        kept = numbers(scrape(httpd).text)
        assert counted["cp2fa_accounts"] == kept["cp2fa_accounts"] == 150001
        assert kept["cp2fa_accounts_locked"] == 1
        assert kept["cp2fa_devices"] == kept["cp2fa_sessions"] == 1


class TestWhomRequireAdmits:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard()))

    def test_is_nobody_without_a_password_where_it_wants_users(self, httpd):
        httpd.log.expect("AH01618: user nobody not found")
        assert scrape(httpd).status_code == 401
        assert scrape(httpd, auth=("nobody", "x")).status_code == 401

    def test_is_nobody_without_the_token_where_he_has_a_device(self, httpd):
        owner = enrolled(httpd)
        assert owner.get(METRICS).status_code == 200
        assert another(owner).get(METRICS).status_code in (303, 403)
        assert "cp2fa_sessions" not in another(owner).get(METRICS).text

    def test_is_who_has_none_where_that_is_optional(self, httpd):
        assert newcomer(httpd).get(METRICS).status_code == 200


class TestWhomRequireRefuses:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return serve(httpd_of(guard("ErrorDocument 403 /2fa/metrics") + """
            <Location "/2fa/metrics">
                AuthMerging Off
                Require ip 192.0.2.1
                ErrorDocument 403 /2fa/metrics
                ErrorDocument 401 /2fa/metrics
            </Location>"""))

    def test_sees_nothing_by_no_way(self, httpd):
        httpd.log.expect("AH01630: client denied", "AH01618: user x not found")
        owner = enrolled(httpd)
        for answer in (scrape(httpd), owner.get(METRICS),
                       scrape(httpd, auth=("x", "y"))):
            assert answer.status_code in (401, 403), dump(answer)
            assert "cp2fa_sessions" not in answer.text
        # an error document of a place that he may not enter
        answer = owner.get("/no-such-page")
        assert "cp2fa_sessions" not in answer.text


class TestAnOutageUnderTheLogInPage:
    """AuthType TwoFactor: the session is looked for before anything else."""

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of(pageuser.guard() + ADMITTED,
                         server="TwoFactorSessionCache none")
        httpd.write("page.html", "the content")
        return httpd.start()

    @contextmanager
    def outage(self, httpd, *expected):
        httpd.log.expect("CP2FA003", *expected)
        for table in TABLES:
            Database(httpd).tell(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            for table in TABLES:
                Database(httpd).tell(
                    f"ALTER TABLE {table}_away RENAME TO {table}")

    def count(self, httpd, name):
        return numbers(scrape(httpd).text)[name]

    def test_is_counted_and_told_to_people_in_words(self, httpd):
        """FAIL-01: of who is in, and wants a page of ours or another."""
        visitor = pageuser.Visitor(httpd, "alice", USERS["alice"])
        visitor.log_in()
        before = self.count(httpd, "cp2fa_unavailable_total")
        with self.outage(httpd, "CP2FA105"):
            answers = [visitor.get(path)
                       for path in ("/page.html", "/2fa/profile")]
            program = visitor.get("/page.html", headers=pageuser.API)
        assert self.count(httpd, "cp2fa_unavailable_total") == before + 3
        for answer in answers:
            assert answer.status_code == 503, dump(answer)
            assert answer.headers["Content-Type"].startswith("text/html")
            assert int(answer.headers["Retry-After"]) > 0
        assert "can't check right now" in answers[1].text
        assert program.status_code == 503
        assert program.json()["code"] == "unavailable"
        assert visitor.get("/page.html").text == "the content"

    def test_is_no_password_that_was_refused(self, httpd):
        names = [f'cp2fa_passwords_total{{outcome="{word}"}}'
                 for word in ("unavailable", "refused")]
        before = [self.count(httpd, name) for name in names]
        program = pageuser.Visitor(httpd)
        program.http.auth = ("bob", USERS["bob"])
        with self.outage(httpd, "CP2FA105"):
            answer = program.get("/page.html", headers=pageuser.API)
            assert answer.status_code == 503, dump(answer)
            page = pageuser.Visitor(httpd, "bob", USERS["bob"]).log_in()
            assert page.status_code == 503, dump(page)
        assert [self.count(httpd, name) for name in names] == \
            [before[0] + 2, before[1]]
        assert "CP2FA121: Basic credentials unavailable, user bob" in \
            httpd.log.text()
        assert program.get("/page.html",
                           headers=pageuser.API).text == "the content"

    def test_is_not_what_comes_too_soon(self, httpd):
        name = 'cp2fa_passwords_total{outcome="too soon"}'
        before = self.count(httpd, name)
        visitor = pageuser.Visitor(httpd, "carol", "not hers")
        statuses = [visitor.log_in().status_code for _ in range(8)]
        assert set(statuses) == {422, 429}
        assert self.count(httpd, name) - before == statuses.count(429)


class TestADatabaseThatIsAway:

    def test_is_told_and_the_counts_go_on(self, httpd_of):
        httpd = serve(httpd_of(guard() + ADMITTED))
        enrolled(httpd)
        Database(httpd).tell("ALTER TABLE cp2fa_session RENAME TO away")
        try:
            found = numbers(scrape(httpd).text)
        finally:
            Database(httpd).tell("ALTER TABLE away RENAME TO cp2fa_session")
        assert found["cp2fa_database_up"] == 0
        assert "cp2fa_sessions" not in found
        assert found["cp2fa_database_errors_total"] >= 1
        assert numbers(scrape(httpd).text)["cp2fa_database_up"] == 1
        httpd.log.expect("CP2FA003")


class TestModStatus:

    def test_has_a_section_of_ours(self, httpd):
        enrolled(httpd)
        answer = Client(httpd).get("/server-status")
        assert answer.status_code == 200, dump(answer)
        assert "Two-factor authentication (mod_cp2fa)" in answer.text
        assert re.search(r"door=&quot;confirm&quot;,outcome=&quot;accepted"
                         r"&quot;</td><td>[1-9]", answer.text)

    def test_has_lines_of_ours_for_programs(self, httpd):
        text = Client(httpd).get("/server-status?auto").text
        assert re.search(r'^cp2fa_session_cache_total\{result="hit"\}: \d+$',
                         text, re.M)


def banned(httpd):
    """The lines of the log that the filter takes, and whom it would ban."""
    told = subprocess.run(
        ["fail2ban-regex", "--print-all-matched", "-v", httpd.log.path,
         REPO / "conf/fail2ban/filter.d/cp2fa.conf"],
        capture_output=True, text=True, check=True).stdout
    return (re.findall(r"^\|  (\[.*CP2FA.*)$", told, re.M),
            set(re.findall(r"^\|      ([0-9a-f.:]+)  \w{3} \w{3} ", told, re.M)))


FORGED = "[client 192.0.2.66:1] CP2FA301: token wrong, user root"
AS_A_LINE = ("[Sun Nov 29 12:00:00.000000 2026] [cp2fa:info] [pid 1:tid 1] "
             + FORGED)


class TestFail2ban:
    """LOG-01: one line a decision, with who and from where."""

    def test_finds_who_guesses_and_nobody_else(self, httpd_of):
        assert shutil.which("fail2ban-regex"), "tools/deps installs it"
        httpd = serve(httpd_of(guard()))
        owner = enrolled(httpd)
        for _ in range(3):
            another(owner).login_token(owner.device.wrong_code())
        another(owner).login_token(code_at(owner.device.secret, now_step() + 1))
        lines, addresses = banned(httpd)
        assert len(lines) == 4, lines     # the last one came too soon
        assert all(f"user {name_of(owner)}" in line and "127.0.0.1" in line
                   for line in lines)
        assert addresses == {"127.0.0.1"}

    @pytest.mark.parametrize("name", [
        FORGED, "x\n" + AS_A_LINE, "x\r\n" + AS_A_LINE, "x\u2028" + AS_A_LINE,
        "x, user y, realm z\x85" + AS_A_LINE, "\x1b[2K\r" + FORGED])
    def test_is_not_led_astray_by_a_name(self, httpd_of, name):
        """LOG-01: whoever types it is meant, and no other."""
        httpd = httpd_of(pageuser.guard())
        httpd.log.expect("AH01618", "AH01617", "AH10", "user .* not found")
        serve(httpd)
        visitor = pageuser.Visitor(httpd, name, "no password")
        visitor.http.headers["Referer"] = "https://x/\t" + FORGED
        assert visitor.log_in().status_code in (401, 403, 422)
        visitor.get("/" + quote(name))
        visitor.http.auth = (name.encode(), b"x")
        visitor.get("/page.html", headers=pageuser.API)
        text = httpd.log.text()
        assert not re.search(r"^\[Sun Nov 29 12:00:00", text, re.M)
        assert banned(httpd)[1] <= {"127.0.0.1"}
