"""What docs/configuring.md promises: trusted networks, applications behind a
proxy, web sockets."""
import pytest

from cp2fa import people, program, wire
from cp2fa.client import dump
from cp2fa.httpd import free_port
from cp2fa.people import guard, name_of
from cp2fa.websocket import Sockets, upgrade
from cp2fa.wire import Request

TRUSTED = """<If "-R '192.0.2.0/24'">
        TwoFactor off
    </If>"""
# how a host learns who asks, by name
HOSTS = {
    "alone": "",
    "behind": "RemoteIPHeader X-Forwarded-For\n"
              "RemoteIPInternalProxy 127.0.0.1",
    "elsewhere": "RemoteIPHeader X-Forwarded-For\n"
                 "RemoteIPInternalProxy 198.51.100.1",
    "careless": "RemoteIPHeader X-Forwarded-For",
}
VHOST = """
Listen 127.0.0.1:${{{name}}}
<VirtualHost 127.0.0.1:${{{name}}}>
    ServerName localhost
    Include conf/tls.conf
    {remoteip}
{guard}
</VirtualHost>
"""


@pytest.fixture(scope="class")
def hosts(httpd_of):
    ports = {name: free_port() for name in HOSTS}
    httpd = httpd_of(guard(TRUSTED), defines=ports, server="\n".join(
        VHOST.format(name=name, remoteip=text, guard=guard(TRUSTED))
        for name, text in HOSTS.items()))
    return people.serve(httpd)


@pytest.fixture(scope="class")
def alice(hosts):
    return people.enrolled(hosts)


class TestATrustedNetwork:

    @pytest.mark.parametrize("host, forwarded, trusted", [
        ("alone", None, False),
        ("alone", "192.0.2.7", False),
        ("elsewhere", "192.0.2.7", False),
        ("behind", None, False),
        ("behind", "203.0.113.5", False),
        ("behind", "192.0.2.7", True),
        ("behind", "192.0.2.7, 203.0.113.5", False),
        ("behind", "192.0.2.7, 127.0.0.1, 203.0.113.5", False),
        ("behind", "nonsense", False),
        # the trap that the documentation names
        ("careless", "192.0.2.7", True),
    ])
    def test_is_where_the_connection_or_the_own_proxy_says(
            self, hosts, alice, host, forwarded, trusted):
        """HTTP-04: nobody gets into it by a header of his own."""
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        answer = wire.send(
            Request("/page.html", headers=headers).signed(
                (name_of(alice), people.PASSWORD)),
            hosts.defines[host])
        assert answer.status == (200 if trusted else 303), answer.raw
        assert answer.has("the content") == trusted

    def test_is_no_place_without_a_password(self, hosts, alice):
        answer = wire.send(Request("/page.html", headers={
            "X-Forwarded-For": "192.0.2.7"}), hosts.defines["behind"])
        assert answer.status == 401


PROXIED = """
<Location "/app">
    ProxyPass "${BACKEND}"
    RequestHeader set X-User "%{CP2FA_USER}e"
    RequestHeader set X-Factors "%{CP2FA_AMR}e"
</Location>
RequestHeader unset X-User early
RequestHeader unset X_User early
RequestHeader unset X-Factors early
<Location "/public">
    ProxyPass "${BACKEND}"
    AuthType None
    Require all granted
    TwoFactor off
</Location>
<Location "/ws">
    ProxyPass "http://127.0.0.1:${SOCKETS}/" upgrade=websocket
</Location>
"""


@pytest.fixture(scope="class")
def sockets():
    sockets = Sockets()
    yield sockets
    sockets.stop()


@pytest.fixture(scope="class")
def httpd(httpd_of, backend, sockets):
    return people.serve(httpd_of(guard() + PROXIED, defines={
        "BACKEND": f"http://127.0.0.1:{backend.port}",
        "SOCKETS": sockets.port}))


@pytest.fixture(scope="class")
def member(httpd):
    return people.enrolled(httpd)


FORGED = {"X-User": "admin", "X-USER": "admin", "X_User": "admin",
          "X-Factors": "pwd otp", "TwoFactor-Token": "123456"}


class TestAProxiedApplication:

    @pytest.mark.parametrize("path", ["/app", "/app/x", "/app/../app/x"])
    def test_is_told_who_it_is_by_the_module_alone(
            self, member, backend, path):
        answer = member.get(path, headers=FORGED)
        assert answer.status_code == 200, dump(answer)
        names = [name.lower().replace("_", "-")
                 for name, _ in backend.seen[-1]["headers"]]
        assert names.count("x-user") == names.count("x-factors") == 1
        assert backend.header("X-User") == name_of(member)
        assert backend.header("X-Factors") == "pwd otp"
        assert "admin" not in str(backend.seen[-1])

    def test_is_told_when_it_is_a_program(self, member, backend):
        token = program.token_of(member, path="/app")
        program.of(member, token).get("/app/x", headers=FORGED)
        assert backend.header("X-User") == name_of(member)
        assert backend.header("X-Factors") == "app"
        assert token not in str(backend.seen)

    def test_is_told_nothing_where_nobody_is_asked(self, member, backend):
        """What a client calls itself is taken away there as well."""
        answer = member.get("/public/x", headers=FORGED)
        assert answer.status_code == 200, dump(answer)
        for name in FORGED:
            assert backend.header(name) is None
        assert "__Host-cp2fa" not in str(backend.seen[-1])

    @pytest.mark.parametrize("headers", [
        {"X-Requested-With": "XMLHttpRequest"},
        {"Sec-Fetch-Mode": "cors", "Accept": "application/json"}])
    def test_gets_no_request_of_a_script_that_lacks_the_token(
            self, member, backend, headers):
        """HTTP-01."""
        backend.seen.clear()
        answer = people.another(member).get("/app/x", headers=headers)
        assert answer.status_code == 403, dump(answer)
        assert answer.json()["code"] == "token-required"
        assert backend.seen == []


class TestAWebSocket:

    def signed(self, member, cookie=None):
        return Request("/").signed((name_of(member), people.PASSWORD),
                                   cookie).headers

    def test_opens_for_who_has_passed(self, httpd, member, sockets):
        """HTTP-04."""
        said = upgrade(httpd.port, "/ws/",
                       self.signed(member, member.cookie()))
        assert said.endswith(b"heard hello"), said
        assert b"__Host-cp2fa" not in sockets.seen[-1]

    def test_opens_for_a_program(self, httpd, member, sockets):
        token = program.token_of(member, path="/ws")
        said = upgrade(httpd.port, "/ws/",
                       {"Authorization": f"Bearer {token}"})
        assert said.endswith(b"heard hello"), said
        assert b"Authorization" not in sockets.seen[-1]

    def test_is_refused_before_anybody_hears_of_it(
            self, httpd, member, sockets):
        """HTTP-04."""
        sockets.seen.clear()
        for headers, status in ((self.signed(member), b" 403 "),
                                ({"Cookie": member.cookie()}, b" 401 "),
                                ({"Authorization": "Bearer cp2fa_"},
                                 b" 401 ")):
            assert status in upgrade(
                httpd.port, "/ws/", headers).split(b"\r\n")[0]
        assert sockets.seen == []
