"""Fixtures of the end-to-end tests."""
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from cp2fa import console
from cp2fa.backend import Backend
from cp2fa.httpd import MODULE, Httpd
from cp2fa.server import Server
from cp2fa.tls import Certificate


@pytest.fixture(scope="session")
def workshop():
    """A folder that www-data may enter; CP2FA_KEEP=1 keeps it."""
    # not tmp_path: pytest shuts that to everyone but its own user
    folder = Path(tempfile.mkdtemp(prefix="cp2fa-"))
    folder.chmod(0o755)
    yield folder
    if os.environ.get("CP2FA_KEEP"):
        print(f"\nkept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def certificate(workshop):
    return Certificate(workshop)


@pytest.fixture(scope="session")
def module():
    """Skips nothing: without the module the tests of it fail."""
    assert MODULE.exists(), f"{MODULE} is not built: run make build"
    return MODULE


@pytest.fixture(scope="class")
def httpd_of(workshop, certificate, module):
    """Makes servers for a class; stops them, and reads their logs."""
    made = []

    def make(config="", **more):
        root = Path(tempfile.mkdtemp(prefix="httpd-", dir=workshop))
        made.append(Httpd(root, certificate, config, **more))
        return made[-1]

    yield make
    for httpd in made:
        httpd.leave()
    assert [line for httpd in made for line in httpd.log.errors()] == []


@pytest.fixture(scope="class")
def backend():
    backend = Backend("the application")
    yield backend
    backend.stop()


@pytest.fixture(scope="class")
def httpd(httpd_of, backend):
    httpd = httpd_of(console.CONFIG, defines={
        "BACKEND": f"http://127.0.0.1:{backend.port}"})
    console.write_pages(httpd)
    return httpd.start()


@pytest.fixture(scope="class")
def alice(httpd):
    """Alice's browser, with both factors; `.device` is her phone."""
    client = console.client_of(httpd, "alice")
    client.device = client.enrol()
    return client


@pytest.fixture()
def stranger(httpd, alice):
    """Alice's password in another browser: the first factor only."""
    return console.client_of(httpd, "alice")


@pytest.fixture(scope="session")
def server_of(workshop):
    """PostgreSQL ("pgsql") or MariaDB ("mysql"): the one that tools/test has
    started for all tests, or one that a test may stop."""
    made = {}

    def get(kind, private=False):
        shared = os.environ.get("CP2FA_SERVERS")
        if shared and not private:
            return Server(kind, Path(shared) / kind)
        folder = workshop / (f"{kind}-own" if private else kind)
        if folder not in made:
            made[folder] = Server(kind, folder).start()
        return made[folder]

    yield get
    for server in made.values():
        server.stop("immediate")
