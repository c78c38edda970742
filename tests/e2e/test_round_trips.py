"""What a log-in asks of a database server, from the token page to the console.

Each statement is a round trip. Read from the server's own log; what goes on
beside requests (what other nodes have ended, the mail) is left out.
"""
import re
from contextlib import closing

import pytest

from cp2fa import pageuser
from cp2fa.client import location
from cp2fa.people import another, enrolled, guard, serve

SAID = re.compile(r"(?:LOG:  (?:execute \w+: PREPARE .*?\) AS"
                  r"|statement:(?! PREPARE)) |\d (?:Execute|Query)\t)(.*)")
# and what a connection begins with
BESIDE = re.compile(r"FROM cp2fa_(ended|outbox)\b|^SET |^SELECT (CAST|UNIX)")


def log_all(server):
    """From now on, whoever asks; where that is read."""
    with closing(server._connect(None)) as connection:
        cursor = connection.cursor()
        if server.kind == "pgsql":
            cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
            cursor.execute("SELECT pg_reload_conf()")
            return server.folder / "server.log"
        cursor.execute("SET GLOBAL general_log_file = 'all.log'")
        cursor.execute("SET GLOBAL general_log = ON")
        return server.folder / "data" / "all.log"


class Asked:
    """The statements while it was looked, by their first word."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.begun = self.path.stat().st_size
        return self

    def __exit__(self, *_):
        said = self.path.read_bytes()[self.begun:].decode()
        self.statements = [one.split()[0] for one in SAID.findall(said)
                           if not BESIDE.search(one)]


@pytest.fixture(scope="class", params=["pgsql", "mysql"])
def server(request, server_of):
    return server_of(request.param, private=True)


@pytest.fixture(scope="class")
def log(server):
    return log_all(server)


class TestALogIn:
    """A right token's attempt and what it is good for: two commits, for all
    that changes rows here is one statement and a transaction of its own."""

    CHECKED = {"pgsql": ["SELECT", "UPDATE", "WITH"],
               "mysql": ["SELECT", "UPDATE", "BEGIN"]}

    @pytest.fixture(scope="class")
    def basic(self, httpd_of, server):
        return serve(httpd_of(guard(), database=server.make()))

    def test_takes_three_round_trips(self, basic, server, log):
        alice = enrolled(basic)
        for _ in range(2):  # what is prepared, then what is asked
            browser = another(alice)
            form = browser.page("/2fa/token").form("/token").fields
            with Asked(log) as asked:
                answer = browser.post("/2fa/token", {
                    **form, "token": alice.device.code()})
                assert answer.status_code == 303
                assert browser.get("/page.html").text == "the content"
        assert asked.statements == self.CHECKED[server.kind]

    @pytest.fixture(scope="class")
    def paged(self, httpd_of, server):
        return serve(httpd_of(pageuser.guard(), database=server.make()))

    def test_takes_four_after_the_log_in_page(self, paged, server, log):
        """The session of the password is asked for, since it may have ended
        while the form was under way."""
        alice = pageuser.enrolled(paged)
        for _ in range(2):
            browser = pageuser.again(alice)
            location(browser.log_in())
            form = browser.page("/2fa/token").form("/token").fields
            with Asked(log) as asked:
                answer = browser.post("/2fa/token", {
                    **form, "token": alice.device.code()})
                assert answer.status_code == 303
                assert browser.get("/page.html").text == "the content"
        assert asked.statements == ["SELECT", *self.CHECKED[server.kind]]
