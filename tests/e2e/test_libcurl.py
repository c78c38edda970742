"""libcurl, which only who sends mail by SMTP needs."""
from pathlib import Path

import pytest

from cp2fa.database import Database
from cp2fa.mailbox import ask, register
from cp2fa.people import another, enrolled, guard, serve, wait_until
from cp2fa.smtp import SmtpServer


class TestLibcurl:
    """It is loaded by the child that sends, when it first does."""

    @pytest.fixture()
    def spoil(self, workshop, monkeypatch):
        """Puts something into libcurl's place, for servers of this test."""
        folder = workshop / "libraries"
        folder.mkdir(exist_ok=True)
        library = folder / "libcurl.so.4"
        monkeypatch.setenv("LD_LIBRARY_PATH", str(folder))
        yield lambda: library.write_text("none")
        library.unlink(missing_ok=True)

    @pytest.fixture()
    def server(self, certificate):
        server = SmtpServer(certificate)
        yield server
        server.stop()

    @pytest.fixture()
    def site(self, httpd_of, certificate, server):
        url = f"smtp://localhost:{server.port}?ca={certificate.path}"
        return serve(httpd_of(guard(), server=f'TwoFactorMail "{url}"'))

    def lose_phone(self, httpd):
        alice = enrolled(httpd)
        register(httpd, alice)
        ask(another(alice))

    def mapped_by(self, httpd):
        return [pid for pid in httpd.children()
                if "libcurl" in Path(f"/proc/{pid}/maps").read_text()]

    def test_is_in_no_child_before_mail_is_sent_and_then_in_one(
            self, site, server):
        assert self.mapped_by(site) == []
        self.lose_phone(site)
        assert wait_until(lambda: server.messages)
        assert len(self.mapped_by(site)) == 1

    def test_that_is_missing_stops_the_configtest(self, httpd_of, spoil):
        spoil()
        httpd = httpd_of(guard(), server='TwoFactorMail "smtp://localhost"')
        httpd.log.expect("CP2FA001")
        status, said = httpd.configtest()
        assert status != 0
        assert "needs libcurl" in said + httpd.log.text()

    def test_that_goes_missing_leaves_the_mail_in_the_queue(
            self, spoil, site, server):
        spoil()
        self.lose_phone(site)
        said = "SELECT problem FROM cp2fa_outbox WHERE problem <> ''"
        assert wait_until(lambda: Database(site).ask(said))
        assert "libcurl can't be loaded" in Database(site).ask(said)[0][0]
        assert server.messages == []
