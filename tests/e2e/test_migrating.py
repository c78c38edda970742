# SPDX-License-Identifier: Apache-2.0
"""Runs what docs/migrating.md shows, on the files of other programs."""
import base64
import hashlib
import json
import os
import subprocess

import pytest
from requests.auth import HTTPDigestAuth

from cp2fa import console, documents, people
from cp2fa.client import Client, location
from cp2fa.ctl import CTL, Ctl
from cp2fa.documents import filled
from cp2fa.httpd import USERS
from cp2fa.oath import Device

EXAMPLES = documents.examples("migrating.md")
HIDDEN = base64.b32encode(b"hidden in twenty oct").decode()
OTHER = base64.b32encode(b"other, twenty octets").decode()
LOAD = "LoadModule auth_digest_module" \
       " /usr/lib/apache2/modules/mod_auth_digest.so\n"


class Operator:
    """Runs an example where cp2factl finds the server's configuration."""

    def __init__(self, httpd, folder):
        self.folder = folder
        self.ctl = Ctl(httpd)
        self.program("cp2factl", f'exec "{CTL}" --config'
                     f' "{httpd.root}/conf/httpd.conf" "$@"')

    def program(self, name, text):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, name, places=None):
        """What it said; it must end well."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c",
             filled(EXAMPLES[name], places or {})],
            cwd=self.folder, text=True, capture_output=True, timeout=30,
            env={**os.environ, "PATH":
                 f"{self.folder}/bin:{os.environ['PATH']}"})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    def devices(self, user, realm="Console"):
        listed = json.loads(self.ctl.run(
            "user", "show", "--realm", realm, user, "--json"))
        return [d["name"] for d in listed["devices"]]


@pytest.fixture()
def operator(httpd, tmp_path):
    return Operator(httpd, tmp_path)


def passes(client, secret):
    """Whether the app's code lets in, behind the password alone."""
    assert location(client.get("/page.html")).path == "/2fa/token"
    location(client.login_token(Device(secret).code()))
    return people.is_in(client)


class TestPasswordsThatStay:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        return people.serve(httpd_of(people.guard(realm="Console")))

    def test_from_mod_authn_otp(self, httpd, operator):
        file = operator.folder / "users.otp"
        file.write_text(f"HOTP/T30/6 alice - "
                        f"{base64.b32decode(HIDDEN).hex()}\n")
        for said in ("1 devices added", "0 devices added, 1 were there"):
            assert said in operator.run(
                "authn-otp", {"/etc/apache2/users.otp": file})
        assert operator.devices("alice") == ["token"]
        assert passes(console.client_of(httpd, "alice"), HIDDEN)

    def test_from_pam(self, httpd, operator):
        """Each user's file is made by google-authenticator itself."""
        secrets = {}
        for user in ("bob", "carol"):
            file = operator.folder / user / ".google_authenticator"
            file.parent.mkdir()
            subprocess.run(["google-authenticator", "-t", "-f", "-d", "-u",
                            "-w", "3", "-C", "-q", "-s", file], check=True)
            secrets[user] = file.read_text().split("\n")[0]
        said = operator.run("pam", {"/home/": f"{operator.folder}/"})
        assert said.count("1 devices added") == 2
        for user, secret in secrets.items():
            assert operator.devices(user) == ["phone"]
            assert passes(console.client_of(httpd, user), secret)

    def test_from_authelia_and_back(self, httpd, operator):
        """Its export is a URI a line, with its own issuer."""
        operator.program("authelia", 'test "$*" = "storage user totp export '
                         'uri --config /etc/authelia/configuration.yml"\n'
                         "echo 'otpauth://totp/Authelia:dave?algorithm=SHA1&"
                         "digits=6&issuer=Authelia&period=30&secret="
                         f"{OTHER}'")
        assert "1 devices added" in operator.run("authelia")
        assert not (operator.folder / "uris").exists()
        assert operator.devices("dave") == ["phone"]
        assert passes(console.client_of(httpd, "dave"), OTHER)
        operator.run("back")
        uris = operator.folder / "uris"
        assert OTHER in uris.read_text()
        assert uris.stat().st_mode & 0o077 == 0


class TestDigest:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, workshop):
        file = workshop / "apache_credentials"
        file.write_text("".join(
            "{}:yourdomain.com:{}\n".format(user, hashlib.md5(
                f"{user}:yourdomain.com:{word}".encode()).hexdigest())
            for user, word in USERS.items()))
        httpd = httpd_of(filled(EXAMPLES["digest"], {
            "/etc/apache2/apache_credentials": file}), defines={})
        conf = httpd.root / "conf/httpd.conf"
        conf.write_text(LOAD + conf.read_text())
        httpd.write("page.html", "the content")
        return httpd.start()

    def test_from_apache_2fa(self, httpd, operator):
        """HTTP-01: Digest goes on as the first factor."""
        (operator.folder / "tokens.json").write_text(
            json.dumps({"alice": HIDDEN, "j r": OTHER}))
        assert "2 devices added" in operator.run("apache_2fa")
        assert operator.devices("j r", "yourdomain.com") == ["phone"]
        client = Client(httpd)
        client.http.auth = HTTPDigestAuth("alice", USERS["alice"])
        assert passes(client, HIDDEN)
        client.http.auth = HTTPDigestAuth("alice", "wrong")
        httpd.log.expect("AH01792", "AH01794")
        assert client.get("/page.html").status_code == 401
