# SPDX-License-Identifier: Apache-2.0
"""Runs what docs/configuring.md shows, in front of the real parts."""
import os
import subprocess

import pytest

from cp2fa import documents, pageuser, parts
from cp2fa.client import dump, location
from cp2fa.documents import filled
from cp2fa.fastcgi import Responder
from cp2fa.httpd import free_port
from cp2fa.mailbox import Mailbox
from cp2fa.program import token_of
from cp2fa.websocket import Sockets, upgrade

EXAMPLES = documents.examples("configuring.md")
LOAD = "\n".join(
    f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
    for name in ("proxy_fcgi", "ldap", "authnz_ldap"))
# of Debian's apache2.conf
SHARE = '\n<Directory "/usr/share">\n    Require all granted\n</Directory>\n'
PHPMYADMIN = """\
Alias /phpmyadmin {folder}
<Directory {folder}>
    Require all granted
    DirectoryIndex index.php
</Directory>
"""


def console(httpd_of, host, **more):
    """A server whose console is the documentation's virtual host."""
    port = free_port()
    httpd = httpd_of(server="", defines={"CONSOLE": port}, **more)
    (httpd.root / "conf/behind").mkdir()
    pem = httpd.root / "conf/console.pem"
    pem.write_text(httpd.certificate.path.read_text()
                   + httpd.certificate.key.read_text())
    httpd.configure("", LOAD + SHARE + f"Listen 127.0.0.1:{port} https\n"
                    + filled(host, {
                        "*:443": f"127.0.0.1:{port}",
                        "console.example": "localhost",
                        "/etc/apache2/console.pem": pem,
                        "/etc/apache2/behind": httpd.root / "conf/behind"}))
    httpd.port, httpd.origin = port, f"https://localhost:{port}"
    return httpd


def behind(httpd, name, places):
    (httpd.root / f"conf/behind/{name}.conf").write_text(
        filled(EXAMPLES[name], places))


@pytest.fixture(scope="class")
def sockets():
    sockets = Sockets()
    yield sockets
    sockets.stop()


def repository(folder):
    """A bare one with a file in it."""
    def git(*arguments, where=folder):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b",
                        *arguments], cwd=where, check=True,
                       capture_output=True)
    git("init", "-q", "work")
    (folder / "work/file").write_text("by git\n")
    git("add", "file", where=folder / "work")
    git("commit", "-qm", "a file", where=folder / "work")
    git("clone", "-q", "--bare", "work", "tool.git")
    git("update-server-info", where=folder / "tool.git")


def lay_out_php(httpd):
    """Debian's phpMyAdmin, or something in its place: (process, places)."""
    run = httpd.root / "var/php.sock"
    if parts.phpmyadmin():
        return parts.php(httpd.root / "fpm", run), {
            "/run/php/php8.2-fpm.sock": run}
    folder = httpd.root / "phpmyadmin"
    folder.mkdir()
    (folder / "index.php").write_text("<?php")
    conf = httpd.root / "conf/phpmyadmin.conf"
    conf.write_text(PHPMYADMIN.format(folder=folder))
    return Responder(run, '<input name="pma_username">'), {
        "/run/php/php8.2-fpm.sock": run, "/usr/share/phpmyadmin": folder,
        "/etc/phpmyadmin/apache.conf": conf}


class TestBehindTheConsole:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, backend, sockets):
        httpd = console(httpd_of, EXAMPLES["host"].replace(
            "/etc/apache2/users", "conf/users"))
        var = httpd.root / "var"
        files = var / "files"
        files.mkdir()
        repository(var)
        (var / "cgitrc").write_text(
            f"css=/cgit-css/cgit.css\nscan-path={var}\n")
        php, places = lay_out_php(httpd)
        behind(httpd, "phpmyadmin", places)
        behind(httpd, "cgit", {"/etc/cgitrc": var / "cgitrc"})
        behind(httpd, "dav", {"/var/lib/apache2": var, "/srv/files": files})
        behind(httpd, "application", {
            "http://127.0.0.1:8080/socket":
                f"http://127.0.0.1:{sockets.port}/socket",
            "http://127.0.0.1:8080": f"http://127.0.0.1:{backend.port}"})
        httpd.give_to_httpd("var")
        yield httpd.start()
        php.stop()

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        return pageuser.enrolled(httpd)

    @pytest.fixture(scope="class")
    def shell(self, httpd, alice, tmp_path_factory):
        """Runs a command of the page as alice, with a token of that path."""
        folder = tmp_path_factory.mktemp("home")
        (folder / "report.txt").write_text("a report")

        def run(name, path):
            token = token_of(alice, path=path)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", filled(EXAMPLES[name], {
                    "console.example": f"localhost:{httpd.port}",
                    "alice": alice.name})], cwd=folder, text=True,
                capture_output=True, timeout=30,
                env={"PATH": os.environ["PATH"], "HOME": str(folder),
                     "TOKEN": token, "GIT_ASKPASS": "/bin/false",
                     "CURL_CA_BUNDLE": str(httpd.certificate.path),
                     "GIT_SSL_CAINFO": str(httpd.certificate.path),
                     # git's own way to be asked for the password
                     "GIT_CONFIG_COUNT": "1",
                     "GIT_CONFIG_KEY_0": "credential.helper",
                     "GIT_CONFIG_VALUE_0":
                         f"!echo password={token}; true"})
            assert done.returncode == 0, done.stdout + done.stderr
            return folder, done.stdout
        return run

    @pytest.mark.parametrize("path, words", [
        ("/phpmyadmin/", "pma_username"), ("/cgit/", "tool.git"),
        ("/cgit-css/cgit.css", "div#cgit"), ("/files/", ""),
        ("/app/x", "the application")])
    def test_is_shown_to_who_has_passed_and_nobody_else(
            self, httpd, alice, path, words):
        """HTTP-01: the log-in page first, then the token, then it."""
        half = pageuser.again(alice)
        assert location(half.get(path)).path == "/2fa/login"
        location(half.log_in())
        assert location(half.get(path)).path == "/2fa/token"
        answer = alice.get(path)
        # a folder that mod_dav serves has no listing
        assert answer.status_code == (200 if words else 403), dump(answer)
        assert words in answer.text
        if words:
            assert words not in half.get(path).text
        else:
            httpd.log.expect("AH01276")

    def test_phpmyadmin_takes_no_form_of_who_has_not_passed(
            self, httpd, alice):
        """HTTP-01."""
        half = pageuser.again(alice)
        location(half.log_in())
        form = {"pma_username": "root", "pma_password": "x"}
        answer = half.post("/phpmyadmin/index.php", form)
        assert answer.status_code == 403, dump(answer)
        answer = alice.post("/phpmyadmin/index.php", form)
        assert answer.status_code == 200 and "pma_username" in answer.text

    def test_git_clones_from_cgit(self, httpd, alice, shell):
        folder, _ = shell("clone", "/cgit")
        assert (folder / "tool/file").read_text() == "by git\n"

    def test_a_drive_writes_lists_and_moves(self, httpd, alice, shell):
        _, said = shell("drive", "/files")
        assert "<D:href>/files/report.txt</D:href>" in said
        files = httpd.root / "var/files"
        assert [p.name for p in files.iterdir()] == ["old.txt"]
        assert (files / "old.txt").read_text() == "a report"

    def test_the_application_hears_of_us_and_not_of_the_client(
            self, alice, backend):
        answer = alice.get("/app/x", headers={
            "X-User": "admin", "X_User": "admin", "X-Factors": "all",
            "TwoFactor-Token": "123456"})
        assert answer.status_code == 200, dump(answer)
        assert backend.seen[-1]["target"] == "/x"
        assert backend.header("X-User") == alice.name
        assert backend.header("X-Factors") == "pwd otp"
        seen = str(backend.seen[-1])
        for word in ("admin", "'all'", "123456", "__Host-cp2fa"):
            assert word not in seen

    def test_a_web_socket_opens_with_the_session_alone(
            self, httpd, alice, sockets):
        """HTTP-04."""
        assert b" 401 " in upgrade(httpd.port, "/app/socket", {})
        assert sockets.seen == []
        said = upgrade(httpd.port, "/app/socket", {"Cookie": alice.cookie()})
        assert said.endswith(b"heard hello"), said
        assert b"__Host-cp2fa" not in sockets.seen[-1]


class TestADirectory:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, workshop):
        people = {"alice": pageuser.PASSWORD, "bob": pageuser.PASSWORD}
        slapd = parts.Directory(workshop / "slapd", people, ["alice"], "s3")
        host = EXAMPLES["host"]
        inner = host[host.index("    <Location"):
                     host.index("    IncludeOptional")]
        httpd = console(httpd_of, host.replace(inner, filled(
            EXAMPLES["ldap"], {
                "127.0.0.1:389": f"127.0.0.1:{slapd.port}",
                "/etc/apache2/ldap.secret": workshop / "ldap.secret"})))
        (workshop / "ldap.secret").write_text("s3")
        httpd.write("page.html", "the content")
        (httpd.root / "conf/behind/page.conf").write_text(
            'Alias "/page.html" "${DOCS}/page.html"\n')
        yield httpd.start()
        slapd.stop()

    @pytest.fixture(scope="class")
    def alice(self, httpd):
        visitor = pageuser.Visitor(httpd, "alice")
        location(visitor.log_in())
        visitor.device = visitor.enrol()
        return visitor

    def test_is_the_first_factor(self, httpd, alice):
        assert alice.get("/page.html").text == "the content"
        wrong = pageuser.Visitor(httpd, "alice")
        assert wrong.log_in(password="wrong").status_code == 422
        assert location(wrong.get("/page.html")).path == "/2fa/login"

    def test_says_how_a_name_is_spelt(self, httpd, alice):
        """INP-03: ALICE is no second account, without a second factor."""
        loud = pageuser.Visitor(httpd, "ALICE")
        location(loud.log_in())
        assert location(loud.get("/page.html")).path == "/2fa/token"
        location(loud.login_token(alice.device.code()))
        assert loud.get("/page.html").text == "the content"

    def test_says_who_may_in(self, httpd, alice):
        httpd.log.expect("AH01631", "AH01719")
        bob = pageuser.Visitor(httpd, "bob")
        location(bob.log_in())
        # the gate comes first, and sends whoever has no device to enrol
        assert location(bob.get("/page.html")).path == "/2fa/enroll"
        answer = bob.get("/2fa/enroll")
        assert answer.status_code == 403, dump(answer)

    def test_says_where_mail_goes(self, httpd, alice):
        mail, = Mailbox(httpd.root / "mail").wait(1, "alice@example.org")
        assert "localhost" in mail["From"]
