# SPDX-License-Identifier: Apache-2.0
"""A host that includes conf/cp2fa.conf and says TwoFactor nowhere."""
import pytest
import requests

from cp2fa.client import Client
from cp2fa.httpd import free_port
from cp2fa.people import PASSWORD, enrolled, guard, name_of, serve

PASSWORD_ALONE = guard().replace("TwoFactor optional", "")
BESIDE = """
Listen 127.0.0.1:${{OPEN}}
<VirtualHost 127.0.0.1:${{OPEN}}>
    ServerName localhost
    Include conf/tls.conf
{more}
</VirtualHost>
"""
PAGES = ["", "/", "/token", "/profile", "/enroll", "/login", "/signed-out",
         "/error", "/qr.svg", "/style.css", "/token.shtml.en", "/nowhere"]


def statuses(httpd, port, auth=None):
    """Of each page there, to somebody with this password, or with none."""
    with requests.Session() as http:
        http.trust_env = False
        http.verify = str(httpd.certificate.path)
        return {http.request(method, f"https://localhost:{port}/2fa{page}",
                             allow_redirects=False, auth=auth).status_code
                for page in PAGES for method in ("GET", "POST")}


class TestAServerThatGuardsNothing:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        httpd = httpd_of()
        httpd.write("page.html", "the content")
        return httpd.start()

    def test_serves_its_content_and_has_no_pages(self, httpd):
        """HTTP-03: 404, no fault of the server, nothing for the admin."""
        assert Client(httpd).get("/page.html").text == "the content"
        assert statuses(httpd, httpd.port) == {404}
        assert httpd.log.errors() == []

    def test_makes_no_database_and_no_key(self, httpd):
        assert list(httpd.state.iterdir()) == []


class TestAHostBesideAGuardedOne:

    @pytest.mark.parametrize("more, auth, answers", [
        ("", False, {404}), (PASSWORD_ALONE, True, {404}),
        (PASSWORD_ALONE, False, {401})], ids=["open", "known", "unknown"])
    def test_has_no_pages_whoever_asks(self, httpd_of, more, auth, answers):
        """HTTP-03: an account of one host is none of the other."""
        httpd = serve(httpd_of(
            guard(), server=BESIDE.format(more=more),
            defines={"OPEN": free_port()}))
        alice = enrolled(httpd)
        assert statuses(httpd, httpd.defines["OPEN"],
                        (name_of(alice), PASSWORD) if auth else None
                        ) == answers
        assert alice.get("/2fa/profile").status_code == 200


def test_metrics_need_no_guard_in_their_host(httpd_of):
    """As docs/monitoring.md has it: a plain port of their own."""
    port = free_port()
    httpd = serve(httpd_of(
        guard(), server=BESIDE.format(more="")
        .replace("    Include conf/tls.conf\n", ""), defines={"OPEN": port}))
    with requests.Session() as http:
        http.trust_env = False
        answer = http.get(f"http://127.0.0.1:{port}/2fa/metrics", timeout=10)
    assert answer.status_code == 200
    assert "cp2fa_database_up 1" in answer.text
    assert "Set-Cookie" not in answer.headers
