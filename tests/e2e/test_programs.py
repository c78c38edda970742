"""Programs at a console with the log-in page: git, and what time does."""
import os
import subprocess

import pytest

from cp2fa import http2, pageuser
from cp2fa.client import dump
from cp2fa.clock import StillClock
from cp2fa.database import Database
from cp2fa.httpd import free_port
from cp2fa.people import serve
from cp2fa.program import Program, raw, token_of

GIT = "/usr/lib/git-core/git-http-backend"
CONFIG = f"""
SetEnv GIT_PROJECT_ROOT "${{ROOT}}/var/git"
SetEnv GIT_HTTP_EXPORT_ALL 1
ScriptAlias "/git/" "{GIT}/"
KeepAlive Off
"""


@pytest.fixture(scope="class")
def clock(workshop):
    return StillClock(workshop)


@pytest.fixture(scope="class")
def httpd(httpd_of, clock):
    httpd = httpd_of(pageuser.guard("TwoFactorFoldUserCase on") + CONFIG)
    subprocess.run(["git", "init", "-q", "--bare",
                    httpd.root / "var" / "git" / "tool.git"], check=True)
    httpd.give_to_httpd("var")
    with clock.worn():
        return serve(httpd)


@pytest.fixture(scope="class")
def alice(httpd):
    return pageuser.enrolled(httpd)


class TestAtALogInPage:

    @pytest.fixture()
    def git(self, httpd, tmp_path):
        """Runs git as somebody who has nothing set up."""
        def run(*arguments, where=tmp_path, fails=False):
            done = subprocess.run(
                ["git", *arguments], cwd=where, text=True,
                capture_output=True, timeout=30,
                env={"PATH": os.environ["PATH"], "HOME": str(tmp_path),
                     "GIT_SSL_CAINFO": str(httpd.certificate.path),
                     "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
                     "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
                     "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"})
            assert (done.returncode != 0) == fails, done.stderr
            return done.stdout + done.stderr
        return run

    def test_git_clones_and_pushes_over_https(
            self, httpd, alice, git, tmp_path):
        token = token_of(alice, path="/git/tool.git")
        address = f"localhost:{httpd.port}/git/tool.git"
        git("clone", f"https://{alice.name}:{token}@{address}", "one")
        (tmp_path / "one" / "file").write_text("by git\n")
        git("add", "file", where=tmp_path / "one")
        git("commit", "-qm", "a file", where=tmp_path / "one")
        git("push", "origin", "HEAD:refs/heads/main", where=tmp_path / "one")
        git("-c", f"http.extraHeader=Authorization: Bearer {token}", "clone",
            "-b", "main", f"https://{address}", "two")
        assert (tmp_path / "two" / "file").read_text() == "by git\n"
        # and no farther: neither with the password, nor to another one
        git("clone", f"https://{alice.name}:{pageuser.PASSWORD.split()[0]}"
            f"@{address}", "three", fails=True)
        git("clone", f"https://{alice.name}:{token}@localhost:{httpd.port}"
            "/git/other.git", "four", fails=True)

    def test_a_wrong_one_is_challenged_and_slows_nobody_down(
            self, httpd, alice):
        """HTTP-02: 128 random bits need no throttle."""
        for _ in range(6):
            answer = Program(httpd, "cp2fa_wrong", alice.name).get(
                "/page.html")
            assert answer.status_code == 401, dump(answer)
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert not Database(httpd).ask(
            "SELECT * FROM cp2fa_login_failure WHERE failures > 1")
        assert pageuser.again(alice).log_in().status_code == 303

    def test_it_is_good_beside_a_session_of_somebody_else(
            self, httpd, alice):
        bob = pageuser.newcomer(httpd)
        bob.log_in()
        answer = Program(httpd, token_of(alice), alice.name).get(
            "/page.html", headers={"Cookie": bob.cookie()})
        assert answer.status_code == 200 and answer.text == "the content"

    def test_it_goes_with_the_name_as_accounts_have_it(self, httpd, alice):
        """INP-03: TwoFactorFoldUserCase."""
        token = token_of(alice)
        for name in (alice.name, alice.name.upper()):
            assert Program(httpd, token, name).get(
                "/page.html").status_code == 200
        assert Program(httpd, token, alice.name + "x").get(
            "/page.html").status_code == 401

    def test_it_may_stand_where_the_name_does_too(self, httpd, alice):
        """Some tools have one field for a secret, and send it as both."""
        token = token_of(alice)
        assert Program(httpd, token, token).get(
            "/page.html").status_code == 200
        wrong = Program(httpd, token[:-1] + ("1" if token[-1] == "0" else "0"),
                        token)
        assert wrong.get("/page.html").status_code == 401
        assert token not in httpd.log.text()

    def test_it_may_come_over_http_2(self, httpd, alice):
        token = token_of(alice)
        assert http2.send(raw(token, "/page.html"), httpd.port).status == 200
        answer = http2.send(raw(token[:-1], "/page.html"), httpd.port)
        assert answer.status == 401 and not answer.has("the content")

    def test_it_ends_at_its_time(self, httpd, alice, clock):
        """The last of this class: it moves the clock."""
        short = Program(httpd, token_of(alice, expires="1d"))
        long = Program(httpd, token_of(alice, expires="7d"))
        clock.move(86400 - 60)
        assert short.get("/page.html").status_code == 200
        clock.move(120)
        assert short.get("/page.html").status_code == 401
        assert "refused: expired" in httpd.log.text()
        assert long.get("/page.html").status_code == 200


def test_over_plain_http_it_is_not_looked_at(httpd_of):
    """CK-03: nobody may get used to sending it in the clear."""
    httpd = httpd_of(pageuser.guard(), server="""
Listen 127.0.0.1:${PLAIN}
<VirtualHost 127.0.0.1:${PLAIN}>
    ServerName localhost
    DocumentRoot "${DOCS}"
""" + pageuser.guard() + "</VirtualHost>\n", defines={
        "PLAIN": free_port()})
    serve(httpd)
    program = Program(httpd, "cp2fa_any")
    answer = program.http.get(
        f"http://localhost:{httpd.defines['PLAIN']}/page.html",
        allow_redirects=False, timeout=10)
    assert answer.status_code == 403, dump(answer)
    assert answer.json()["code"] == "https-required"
