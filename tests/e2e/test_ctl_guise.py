"""cp2factl, which root runs, on a server that believes its socket: the one
machine of docs/databases.md."""
import os

import pytest

from cp2fa.ctl import Ctl
from cp2fa.people import enrolled, guard, is_in, name_of, serve
from cp2fa.server import ServerDatabase

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="not root")
UNAVAILABLE = 69     # EX_UNAVAILABLE: the command failed
GRANT = {
    "pgsql": ('CREATE USER "www-data"',
              'GRANT ALL ON SCHEMA {0} TO "www-data"'),
    "mysql": ("CREATE USER 'www-data'@localhost IDENTIFIED VIA unix_socket",
              "GRANT ALL ON {0}.* TO 'www-data'@localhost"),
}


class OnTheSocket(ServerDatabase):
    """Names no user to PostgreSQL, and to MariaDB whom it must be."""

    @property
    def directive(self):
        word = "" if self.kind == "pgsql" else "user=www-data"
        return super().directive.replace("user=cp2fa", word)


@pytest.fixture(scope="class", params=["pgsql", "mysql"])
def httpd(request, httpd_of, server_of):
    server = server_of(request.param, private=True)
    made = server.make()
    for sql in GRANT[request.param]:
        made.run(sql.format(made.name))
    database = OnTheSocket(server, made.name)
    return serve(httpd_of(guard(), database=database))


class TestAServerThatBelievesItsSocket:

    def test_is_asked_as_the_user_of_httpds_children(self, httpd):
        alice = enrolled(httpd)
        ctl = Ctl(httpd)
        assert ctl.account(name_of(alice))["enabled"]
        ctl.run("session", "end", "--all", "--yes")
        assert not is_in(alice)

    def test_what_root_alone_may_do_root_does(self, httpd, tmp_path):
        """The key file is written, and the command run, by root."""
        who = tmp_path / "who"
        Ctl(httpd).run("key", "rotate", "--graceful",
                       f"id -un > {who}; echo $HOME >> {who}; false",
                       status=UNAVAILABLE)
        assert who.read_text().split() == ["root", os.environ["HOME"]]
