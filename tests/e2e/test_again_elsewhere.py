"""The same request again, in another place: test_again.py, where the place, the
realm, the cookie's name or the virtual host is another, or the session.
"""
import pytest

from cp2fa import pageuser, people
from cp2fa.client import location
from cp2fa.database import Database
from cp2fa.echo import COOKIE, ECHO, REALM, SSI, USER, basic, shown, start
from cp2fa.httpd import USERS
from cp2fa.line import Line, fresh
from cp2fa.pageuser import Visitor

PLACES = """
<Location "/same/">
    Header set X-Same yes
</Location>
<Location "/required/">
    TwoFactor required
</Location>
<Location "/off/">
    TwoFactor off
</Location>
<Location "/public/">
    TwoFactor off
    Require all granted
</Location>
<LocationMatch "^/name/">
    AuthName "Another console"
</LocationMatch>
<LocationMatch "^/realm/">
    TwoFactorRealm "Another console"
</LocationMatch>
<LocationMatch "^/alike/">
    AuthName "Another console"
    TwoFactorRealm "Cloud console"
</LocationMatch>
<LocationMatch "^/matched/">
    AuthName "Another console"
</LocationMatch>
<LocationMatch "^/none/">
    AuthType None
    Require all granted
</LocationMatch>
<LocationMatch "^/basic/">
    AuthType Basic
    AuthBasicProvider file
</LocationMatch>
<LocationMatch "^/cookie/">
    TwoFactorCookieName __Host-other
</LocationMatch>
<LocationMatch "^/path/">
    TwoFactorPath "/elsewhere"
</LocationMatch>
<LocationMatch "^/idle/">
    TwoFactorSessionIdle 1m
</LocationMatch>
<LocationMatch "^/nobody/">
    Require user nobody
</LocationMatch>
<LocationMatch "^/factors/">
    Require two-factor
</LocationMatch>
<LocationMatch "^/expression/">
    Require expr "%{QUERY_STRING} == 'open'"
</LocationMatch>
<LocationMatch "^/merged/">
    AuthMerging And
    <RequireAny>
        Require ip 192.0.2.1
        Require user nobody
    </RequireAny>
</LocationMatch>
<LocationMatch "^/limited/">
    <Limit GET>
        AuthName "Another console"
    </Limit>
</LocationMatch>
<LocationMatch "^/twice/">
    AuthName "Another console"
    AuthName "Cloud console"
</LocationMatch>
<LocationMatch "^/expr/">
    AuthName "%{tolower:ANOTHER} console"
    TwoFactorRealm "Another console"
</LocationMatch>
<LocationMatch "^/satisfied/">
    Satisfy Any
    Require all granted
</LocationMatch>
<Directory "${DOCS}/folder">
    <If "%{QUERY_STRING} == 'nested'">
        <If "true">
            AuthName "Another console"
        </If>
    </If>
</Directory>
<If "%{QUERY_STRING} == 'name'">
    AuthName "Another console"
</If>
<If "%{QUERY_STRING} == 'type'">
    AuthType Basic
    AuthBasicProvider file
</If>
<If "%{QUERY_STRING} == 'off'">
    TwoFactor off
</If>
<If "%{QUERY_STRING} == 'denied'">
    Require all denied
</If>
ErrorDocument 404 /echo.shtml
RewriteEngine On
RewriteRule "^/rewritten/(.*)$" "/$1" [PT]
RewriteCond "%{LA-U:REMOTE_USER}" "."
RewriteRule "^/ahead$" "/echo.shtml" [PT]
"""
SHAPES = [
    "/echo.shtml", "/echo.shtml?name", "/echo.shtml?type", "/echo.shtml?off",
    "/echo.shtml?denied",
    "/missing", "/rewritten/echo.shtml", "/rewritten/realm/echo.shtml",
    "/ahead", "/parts.shtml", "/echo", "/folder/echo.shtml",
    "/folder/echo.shtml?nested",
    "/2fa/profile", "/2fa/token", "/2fa/login", "/2fa/metrics.x"] + [
    f"/{place}/echo.shtml" for place in (
        "same", "required", "off", "public", "name", "realm", "alike",
        "matched", "none", "basic", "cookie", "path", "idle", "nobody",
        "factors", "expression", "merged", "limited", "twice", "expr",
        "satisfied")] + ["/expression/echo.shtml?open"]
# 503 where the realm has no pages, and a location without a log-in
LOGGED = ("CP2FA105", "CP2FA109", "AH00027", "AH00690", "AH01618", "AH01630",
          "AH01631", "AH01797", "unable to include")


def serve(httpd):
    """The same page at every place, and one that includes the others."""
    paths = {shape.partition("?")[0].removeprefix("/") for shape in SHAPES}
    for path in paths:
        if path.endswith("echo.shtml") and not path.startswith("rewritten"):
            httpd.write(path, ECHO)
    httpd.write("parts.shtml", " ".join(
        f'<!--#include virtual="{path}" -->' for path in (
            "/same/echo.shtml", "/realm/echo.shtml", "/off/echo.shtml",
            "/cookie/echo.shtml", "/echo.shtml")))
    return start(httpd)


class TestAnotherPlace:
    """HTTP-04: every section that says something else is asked."""

    @pytest.fixture(scope="class", params=[pageuser, people],
                    ids=["TwoFactor", "Basic"])
    def who(self, request, httpd_of):
        guard = request.param.guard()
        httpd = serve(httpd_of(guard + SSI + PLACES, trace=True))
        httpd.log.expect(*LOGGED)
        return request.param.enrolled(httpd)

    @pytest.mark.parametrize("path", SHAPES)
    def test_answers_as_on_a_new_connection(self, who, path):
        httpd = who.httpd
        mine = f"{who.cookie()}; a=b"
        fields = {}
        if who.http.auth:
            name, password = (part.decode() for part in who.http.auth)
            fields["Authorization"] = basic(name, password)
        new = fresh(httpd, mine, path=path, **fields)
        # the second is put together in each request's own memory
        for place in ("/echo.shtml", "/required/echo.shtml"):
            line = Line(httpd)
            first = line.warm(mine, path=place, **fields)
            for _ in range(3):
                said = line.ask(mine, path=path, **fields)
                assert said.content == new.content, place
                if not line.is_open:
                    break
            else:
                last = line.ask(mine, path=place, **fields)
                assert last.content == first.content


class TestHtaccess:
    """HTTP-04: a directory is guarded, and those in it have words of their
    own, which live no longer than a request."""

    WORDS = {"agreed": 'AuthName "Cloud console"',
             "other": 'AuthName "Other console"',
             "typed": "AuthType Basic\nAuthBasicProvider file",
             "login": "AuthType TwoFactor"}

    @pytest.fixture(scope="class")
    def alice(self, httpd_of):
        httpd = httpd_of(SSI + pageuser.guard(where="/2fa") + pageuser.guard(
        ).replace('<Location "/">', '<Directory "${DOCS}">').replace(
            "</Location>", "</Directory>"), trace=True)
        httpd.log.expect(*LOGGED)
        for folder, words in self.WORDS.items():
            httpd.write(f"{folder}/.htaccess", words + "\n")
        start(httpd, *(f"{folder}/" for folder in self.WORDS))
        return pageuser.enrolled(httpd)

    @pytest.mark.parametrize("before", ["", "agreed/", "login/"])
    @pytest.mark.parametrize("after", ["agreed/", "other/", "typed/",
                                       "login/", ""])
    def test_is_read_each_time(self, alice, before, after):
        httpd, mine = alice.httpd, alice.cookie()
        new = fresh(httpd, mine, path=f"/{after}echo.shtml")
        line = Line(httpd)
        said = [line.ask(mine, path=f"/{before}echo.shtml") for _ in range(4)]
        assert [one.status for one in said] == [200] * 4
        assert said[3].again == (before == "")
        said = line.ask(mine, path=f"/{after}echo.shtml")
        assert said.content == new.content
        assert said.status == (401 if after in ("other/", "typed/") else 200)


class TestTwoConsoles:
    """SES-06: two realms, one browser, one connection, one Cookie header."""

    def test_keep_apart(self, httpd_of):
        httpd = start(httpd_of(SSI + pageuser.guard() + pageuser.guard(
            'TwoFactorPath "/b/2fa"', where="/b", realm="Console B") + """
            Alias "/b/2fa" "${CP2FA_HTDOCS}"
            <Location "/b/2fa">
                TwoFactorPages on
                Options IncludesNoExec MultiViews
            </Location>
            """, trace=True), "b/")
        alice = pageuser.enrolled(httpd)
        bob = Visitor(httpd, "bob", USERS["bob"], pages="/b/2fa")
        bob.http.cookies = alice.http.cookies
        location(bob.log_in())
        # bob has no device: his session is of the password
        mine = "; ".join(f"{c.name}={c.value}" for c in alice.http.cookies)
        line = Line(httpd)
        for _ in range(3):
            a = line.warm(mine)
            b = line.ask(mine, path="/b/echo.shtml")
            assert not b.again
            assert (shown(a, USER), shown(a, REALM)) == (
                alice.name, "Cloud console")
            assert (shown(b, USER), shown(b, REALM)) == ("bob", "Console B")
            assert shown(a, COOKIE) == shown(b, COOKIE) == "(none)"

    def test_of_one_realm_tell_of_the_session_that_was_asked(self, httpd_of):
        """A page that negotiation takes from a section with another cookie."""
        httpd = start(httpd_of(pageuser.guard() + SSI + """
            <Files "echo.shtml">
                TwoFactorCookieName __Host-other
            </Files>
            """, trace=True))
        alice = pageuser.enrolled(httpd)
        other = pageuser.again(alice)
        other.http.cookies.clear()
        location(other.log_in())
        location(other.login_token(alice.device.code()))
        database = Database(httpd)
        database.tell("UPDATE cp2fa_session SET auth_time = auth_time - 100"
                      " WHERE hash = (SELECT min(hash) FROM cp2fa_session)")
        httpd.restart()
        httpd.write("plain.shtml", ECHO)
        both = f"{alice.cookie()}; __Host-other={other.session()}"
        new = fresh(httpd, both, path="/echo")
        line = Line(httpd)
        line.warm(both, path="/plain.shtml")
        assert line.ask(both, path="/plain.shtml").body != new.body
        assert line.ask(both, path="/echo").content == new.content


class TestAnotherHost:
    """SES-06: hosts on one port, and on one connection."""

    HOSTS = """
    <VirtualHost 127.0.0.1:${PORT}>
        ServerName other.localhost
        Include conf/tls.conf
        TwoFactorRealm "Other"
    </VirtualHost>
    <VirtualHost 127.0.0.1:${PORT}>
        ServerName alike.localhost
        Include conf/tls.conf
    </VirtualHost>
    """

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of):
        # the sections are the main server's, and all hosts share them
        return start(httpd_of(server=pageuser.guard() + SSI + self.HOSTS,
                              trace=True))

    def test_is_not_the_same(self, httpd):
        mine = pageuser.enrolled(httpd).cookie()
        line = Line(httpd)
        for host in ("other.localhost", "alike.localhost"):
            host = f"{host}:{httpd.port}"
            first = line.warm(mine)
            said = line.ask(mine, Host=host)
            assert not said.again
            assert said.content == fresh(httpd, mine, Host=host).content
            assert line.ask(mine).content == first.content
        assert said.status == 200       # one realm: its session is good there
        assert line.ask(mine, Host=f"other.localhost:{httpd.port}"
                        ).status == 401
