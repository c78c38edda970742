"""The Debian package, installed for real on a machine that is then gone.

The tests of TestTheDebianPackage are one story, in this order.
"""
import subprocess
import tempfile
from pathlib import Path

import pytest

from cp2fa import console, debian
from cp2fa.client import Client, location
from cp2fa.debian import NAME, STATE
from cp2fa.httpd import REPO
from cp2fa.machine import Machine, NotHere

PASSWORD = "alice's password"
CONF = "/etc/apache2/mods-available/cp2fa.conf"
KEY = f"{STATE}/cp2fa.key"
DATABASE = f"{STATE}/cp2fa.db"


@pytest.fixture(scope="module")
def built(workshop):
    return debian.build(workshop / "deb")


@pytest.fixture(scope="module")
def deb(built):
    found, = built.glob(f"{NAME}_*.deb")
    return found


@pytest.fixture(scope="module")
def server(workshop, certificate):
    """Debian's apache2 with a site that nothing guards."""
    try:
        server = debian.Server(tempfile.mkdtemp(dir=workshop), certificate)
    except NotHere as why:
        pytest.skip(f"no machine can be made here: {why}")
    yield server
    server.stop()


def client_of(server):
    return Client(server, "alice", PASSWORD)


def asked_for_a_token(server):
    """Whether Alice's password alone is sent to the token page."""
    return location(client_of(server).get("/")).path == "/2fa/token"


def test_is_installed_where_apache2_is_not_yet(workshop, deb):
    """As by one apt-get install, which configures either first."""
    try:
        machine = Machine(tempfile.mkdtemp(dir=workshop))
    except NotHere as why:
        pytest.skip(f"no machine can be made here: {why}")
    try:
        machine.run("rm", "-f", "/etc/apache2/envvars")
        machine.install(deb)
        assert machine.said("stat", "-c", "%a %U %G", STATE) == \
            "1770 root www-data"
        assert machine.has(KEY)
    finally:
        machine.stop()


class TestTheDebianPackage:

    @pytest.fixture(scope="class")
    def alice(self, server):
        """Alice, who enrols with the first test that needs her."""
        client = client_of(server)
        client.enrol()
        return client

    def test_is_a_package_its_changes_and_its_buildinfo(self, built):
        kinds = sorted(path.suffix for path in built.iterdir())
        assert kinds == [".buildinfo", ".changes", ".deb", ".deb"]

    def test_lintian_has_nothing_to_say(self, built):
        changes, = built.glob("*.changes")
        done = subprocess.run(
            ["lintian", "--allow-root", "--display-info", "--pedantic",
             changes], stdout=subprocess.PIPE, text=True)
        assert (done.returncode, done.stdout) == (0, "")

    def test_says_nothing_of_where_it_was_built(self, built, deb):
        """But for compressed debug information: tests/package sees that."""
        for package in built.glob("*.deb"):
            inside = Path(tempfile.mkdtemp(dir=built.parent))
            subprocess.run(["dpkg-deb", "-x", package, inside], check=True)
            for path in inside.rglob("*"):
                if path.is_file():
                    assert b"cp2fa-deb." not in path.read_bytes(), path

    def test_is_on_when_installed_and_guards_nothing_yet(self, server, deb):
        """The key is made at install, and the server restarted."""
        before = server.pid()
        server.machine.install(deb)
        assert server.machine.said("a2query", "-m", "cp2fa").startswith(
            "cp2fa (enabled")
        assert server.configtest().returncode == 0
        assert server.pid() != before
        assert server.status("/") == 200
        assert server.status("/2fa/token") == 404
        assert server.stat(STATE) == "1770 root www-data"
        assert server.stat(KEY) == "400 root root"

    def test_has_the_project_s_configuration_unchanged(self, server, deb):
        assert server.machine.run("cat", CONF).stdout == (
            REPO / "conf/cp2fa.conf").read_text()

    def test_guards_a_site_with_the_key_made_at_install(self, server, deb):
        server.guard(debian.GUARD)
        server.restart()
        assert server.status("/") == 401
        assert server.stat(DATABASE) == "600 www-data www-data"
        assert "CP2FA004" not in server.log()   # made no key of its own
        assert server.stat(KEY) == "400 root root"

    def test_lets_people_enrol_and_asks_them_for_tokens(self, server, alice):
        assert alice.get("/").status_code == 200
        assert asked_for_a_token(server)

    def test_lets_an_operator_do_what_the_documentation_says(
            self, server, alice):
        """docs/operating.md on Debian, without an option that it lacks."""
        run, said = server.machine.run, server.machine.said
        checked = run("cp2factl", "check", check=False)
        assert checked.returncode == 0, checked.stdout
        assert "alice" in said("cp2factl", "user", "list")
        key = said("sha256sum", KEY)
        rotated = run("cp2factl", "key", "rotate", "--settle", "1",
                      "--graceful", "apachectl graceful")
        assert said("sha256sum", KEY) != key, rotated.stdout
        assert server.stat(KEY) == "400 root root"
        assert alice.get("/").status_code == 200
        run("cp2factl", "user", "unlock", "--realm", "Cloud console", "alice")
        run("test", "-s", "/usr/share/man/man8/cp2factl.8.gz")
        for name in ("grafana/cp2fa.json", "fail2ban/filter.d/cp2fa.conf"):
            assert server.machine.has(
                f"/usr/share/doc/{NAME}/examples/{name}"), name

    def test_an_upgrade_keeps_state_and_edits_and_restarts(
            self, server, deb, alice):
        machine = server.machine
        machine.run("sh", "-c", f"echo '# mine' >> {CONF}")
        key, pid = machine.said("sha256sum", KEY), server.pid()
        machine.install(debian.next_version(deb))
        assert machine.said("dpkg-query", "-Wf", "${Version}",
                            NAME).startswith("9")
        assert machine.said("sha256sum", KEY) == key
        assert machine.said("tail", "-n1", CONF) == "# mine"
        assert server.status("/") == 401
        assert server.pid() != pid
        assert "newer" in alice.get("/2fa/style.css").text
        assert alice.get("/").status_code == 200    # her session as well
        assert asked_for_a_token(server)

    def test_what_the_admin_has_switched_off_stays_off(self, server, deb):
        server.guard("")
        server.machine.run("a2dismod", "-q", "cp2fa")
        server.machine.dpkg("-i", "/root/newer.deb")
        assert server.machine.run("a2query", "-m", "cp2fa",
                                  check=False).returncode != 0
        server.machine.run("a2enmod", "-q", "cp2fa")
        server.guard(debian.GUARD)
        server.restart()

    def test_removed_it_leaves_secrets_and_opens_nothing(self, server, alice):
        """FAIL-01: a site that says TwoFactor goes on, or does not start."""
        kept = server.machine.said("sha256sum", KEY)
        server.machine.dpkg("-r", NAME)
        assert server.machine.said("sha256sum", KEY) == kept
        assert server.machine.has(DATABASE) and server.machine.has(CONF)
        assert not server.machine.has("/etc/apache2/mods-enabled/cp2fa.load")
        assert server.configtest().returncode != 0
        assert server.status("/", auth=("alice", PASSWORD)) in (303, 403, 503)

    def test_installed_again_it_knows_everybody(self, server, deb, alice):
        kept, pid = server.machine.said("sha256sum", KEY), server.pid()
        server.machine.install(deb)
        assert server.pid() != pid
        assert server.machine.said("sha256sum", KEY) == kept
        assert server.status("/") == 401
        assert asked_for_a_token(server)

    def test_purged_it_leaves_nothing(self, server, alice):
        server.guard("")
        pid = server.pid()
        server.machine.dpkg("-P", NAME)
        assert server.pid() != pid
        for path in (STATE, CONF, "/usr/share/cp2fa",
                     "/etc/apache2/mods-enabled/cp2fa.conf"):
            assert not server.machine.has(path), path
        assert server.configtest().returncode == 0
        assert server.status("/") == 200
        assert server.status("/2fa/token") == 404


def make_install(**variables):
    subprocess.run(
        ["make", "-s", "-o", "build", "install",
         *(f"{name}={value}" for name, value in variables.items())],
        cwd=REPO, check=True, capture_output=True)


class TestMakeInstall:

    @pytest.mark.parametrize("prefix", ["usr", "usr/local"])
    def test_puts_everything_below_destdir(self, workshop, module, prefix):
        root = Path(tempfile.mkdtemp(dir=workshop))
        make_install(DESTDIR=root, PREFIX=f"/{prefix}")
        there = {str(path.relative_to(root)) for path in root.rglob("*")
                 if path.is_file()}
        share = f"{prefix}/share"
        pages = {f"{share}/cp2fa/htdocs/{path.relative_to(REPO / 'htdocs')}"
                 for path in (REPO / "htdocs").rglob("*") if path.is_file()}
        assert there == pages | {
            "usr/lib/apache2/modules/mod_cp2fa.so", f"{prefix}/sbin/cp2factl",
            f"{share}/man/man8/cp2factl.8",
            f"{share}/bash-completion/completions/cp2factl",
            "etc/apache2/conf/cp2fa.conf"}
        assert (root / "etc/apache2/conf/cp2fa.conf").read_text() == (
            REPO / "conf/cp2fa.conf").read_text().replace(
                "/usr/share/cp2fa", f"/{share}/cp2fa")

    def test_works_from_other_folders_without_a_define(
            self, workshop, httpd_of, backend):
        """As on systems with another layout."""
        root = Path(tempfile.mkdtemp(dir=workshop))
        root.chmod(0o755)
        make_install(MODULES=root / "modules", CONFDIR=root / "conf",
                     SHAREDIR=root / "share", STATEDIR=root / "state",
                     SBINDIR=root / "sbin", MANDIR=root / "man",
                     COMPDIR=root / "completions")
        httpd = httpd_of(console.CONFIG, guarded=False, defines={
            "BACKEND": f"http://127.0.0.1:{backend.port}"})
        conf = httpd.root / "conf/httpd.conf"
        conf.write_text(conf.read_text().replace(
            "<VirtualHost", f'Include "{root}/conf/cp2fa.conf"\n'
            "<VirtualHost", 1))
        console.write_pages(httpd)
        httpd.start()
        client = console.client_of(httpd, "alice")
        client.enrol()
        assert (root / "state/cp2fa.key").exists()
        assert client.get("/2fa/style.css").status_code == 200
