# SPDX-License-Identifier: Apache-2.0
"""Runs what docs/databases.md shows: from SQLite to a server."""
import os
import shutil
import subprocess

import pytest

from cp2fa import documents
from cp2fa.client import location
from cp2fa.codes import recover, with_codes
from cp2fa.ctl import CTL
from cp2fa.database import Database
from cp2fa.documents import filled
from cp2fa.oath import code_at, now_step
from cp2fa.people import another, enrolled, guard, is_in, name_of, serve

EXAMPLES = documents.examples("databases.md")
ODD = 'Line "one", 50 %: Zoë & co'


def run(httpd, folder, name, places):
    """Runs an example as root would; it must end well."""
    program = folder / "bin/cp2factl"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{CTL}" --config'
                       f' "{httpd.root}/conf/httpd.conf" "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", filled(EXAMPLES[name], places)],
        cwd=folder, text=True, capture_output=True, timeout=60,
        env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class TestAMove:

    @pytest.fixture(params=["pgsql", "mysql"])
    def server(self, request, server_of):
        return server_of(request.param).make()

    def test_to_a_server_leaves_phones_as_they_are(self, httpd_of, server,
                                                   tmp_path):
        """And nothing else: so the page says, and who is in must enter a PIN
        again."""
        config = guard(f"TwoFactorRealm '{ODD}'")
        httpd = httpd_of(config)
        if httpd.database:
            pytest.skip("this one begins with SQLite")
        # as a package, or cp2factl init, makes the folder
        shutil.chown(httpd.state, "root", "www-data")
        httpd.state.chmod(0o1770)
        serve(httpd)
        owner, other = with_codes(httpd), enrolled(httpd)
        assert is_in(owner)
        httpd.stop()
        uris = tmp_path / "uris"
        run(httpd, tmp_path, "move-out", {
            "/var/lib/cp2fa": httpd.state, "/root/uris": uris})
        assert uris.stat().st_mode & 0o077 == 0
        assert len(uris.read_text().splitlines()) == 2
        httpd.database = server
        httpd.configure(config)
        said = run(httpd, tmp_path, "move-in", {"/root/uris": uris})
        assert "2 devices added, 0 were there, 0 skipped" in said
        assert not uris.exists()
        assert Database(httpd).ask("SELECT DISTINCT realm FROM cp2fa_account"
                                   ) == [(ODD,)]
        httpd.start()
        assert not is_in(owner)         # sessions stay behind
        for one in (owner, other):
            browser = another(one)
            location(browser.login_token(
                code_at(one.device.secret, now_step() + 1)))
            assert is_in(browser), name_of(one)
        stranger = another(owner)       # and so do recovery codes
        assert recover(stranger, owner.codes[0]).status_code != 303
        assert not is_in(stranger)
