"""What a review from the attacker's side found."""
import crypt
import os
import subprocess
import time

import pytest

from cp2fa import people
from cp2fa.client import dump, location
from cp2fa.console import SCRIPT
from cp2fa.database import Database
from cp2fa.httpd import free_port
from cp2fa.mailbox import Mailbox
from cp2fa.pageuser import API, PASSWORD, Visitor, enrolled, guard, newcomer
from cp2fa.people import wait_until
from cp2fa.program import Program, token_of

SCRIPTS = """
<Directory "${DOCS}">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
"""


def serve(httpd):
    for name in ("page.html", "admin/page.html"):
        httpd.write(name, "the content")
    for name in ("app/env.cgi", "public/env.cgi"):
        httpd.write(name, SCRIPT, 0o755)
    return httpd.start()


def add_user(httpd, file, user, password, *how):
    """To a file of users of its own."""
    path = httpd.root / "conf" / file
    path.touch()
    subprocess.run(["htpasswd", "-b", *how, path, user, password],
                   check=True, capture_output=True)


class TestASharedCacheBeforeUs:

    CACHE = """
CacheEnable socache /
SSLProxyEngine on
SSLProxyVerify none
SSLProxyCheckPeerName off
SSLProxyCheckPeerCN off
ProxyPreserveHost on
ProxyPass / https://127.0.0.1:{port}/
"""

    def test_keeps_no_guarded_answer_for_strangers(self, httpd_of):
        """FAIL-01."""
        httpd = serve(httpd_of(guard()))
        month = time.time() - 30 * 86400
        os.utime(httpd.docs / "page.html", (month, month))
        front = httpd_of(self.CACHE.format(port=httpd.port), guarded=False,
                         server="CacheSocache shmcb").start()
        host = {"Host": f"localhost:{httpd.port}"}
        signed_in = {**host, "Cookie": enrolled(httpd).cookie()}
        answer = Visitor(front).get("/page.html", headers=signed_in)
        assert answer.text == "the content", dump(answer)
        answer = Visitor(front).get("/page.html", headers=host)
        assert "the content" not in answer.text, dump(answer)


class TestAnOpenPageThatIncludesAGuardedOne:

    CACHE = """
CacheEnable disk /
CacheIgnoreNoLastMod On
CacheDefaultExpire 600
<Location "/pub">
    TwoFactor off
    AuthType None
    Require all granted
    Options +Includes
    SetOutputFilter INCLUDES
</Location>
RewriteEngine on
RewriteRule ^/there/(.*) /pub/$1 [PT]
FallbackResource /pub/page.shtml
"""
    SERVER = """
LoadModule cache_disk_module /usr/lib/apache2/modules/mod_cache_disk.so
CacheRoot ${ROOT}/cache
"""

    def caching(self, httpd_of, more=""):
        httpd = httpd_of(guard() + self.CACHE + more, server=self.SERVER)
        httpd.log.expect("unable to include")
        cache = httpd.root / "cache"
        cache.mkdir()
        cache.chmod(0o777)
        httpd.write("pub/page.shtml",
                    'so: <!--#include virtual="/page.html" -->')
        httpd.write("page.html", "the content")
        return httpd.start()

    @pytest.mark.parametrize("path", [
        "/pub/page.shtml", "/there/page.shtml", "/pub/", "/pub/nothing"])
    def test_is_kept_for_nobody_else(self, httpd_of, path):
        """FAIL-01: mod_cache asks the page alone, and before it is made."""
        httpd = self.caching(httpd_of, "DirectoryIndex page.shtml\n")
        alice = enrolled(httpd)
        assert alice.get(path).text == "so: the content"
        answer = Visitor(httpd).get(path)
        assert answer.status_code == 200
        assert "the content" not in answer.text, dump(answer)

    def test_nor_is_one_of_a_stranger_kept_from_the_cache(self, httpd_of):
        """What would be the price: an open host without a cache."""
        httpd = self.caching(httpd_of, "CacheHeader on\n")
        hits = [Visitor(httpd).get("/pub/page.shtml").headers["X-Cache"]
                for _ in range(2)]
        assert "HIT" in hits[1]

    @pytest.mark.parametrize("user", [None, "his own"])
    def test_nor_when_a_program_asks_for_it(self, httpd_of, user):
        """FAIL-01: the Authorization that kept it away is hidden."""
        httpd = self.caching(httpd_of, "CacheQuickHandler off\n")
        alice = enrolled(httpd)
        program = Program(httpd, token_of(alice), user and alice.name)
        assert program.get("/pub/page.shtml").text == "so: the content"
        assert "the content" not in Visitor(httpd).get("/pub/page.shtml").text

    @pytest.mark.parametrize("how", [
        'Header always set Cache-Control "public, max-age=600"',
        "CacheStoreNoStore On\nCacheStorePrivate On"],
        ids=["public", "store all"])
    def test_nor_is_a_page_of_ours_whatever_the_configuration_makes_of_it(
            self, httpd_of, how):
        """FAIL-01, ENR-01: bob was shown the secret of alice's phone."""
        httpd = self.caching(httpd_of, f"CacheQuickHandler off\n{how}\n")
        alice, bob = newcomer(httpd), newcomer(httpd)
        for person in (alice, bob):
            person.log_in()
        location(alice.post_form("/2fa/enable", {}, on="/2fa/profile"))
        alice.page("/2fa/enroll").link("otpauth://")
        assert "otpauth://" not in bob.get("/2fa/enroll").text
        assert alice.name not in bob.get("/2fa/profile").text
        assert not [file for file in (httpd.root / "cache").rglob("*.data")
                    if b"otpauth" in file.read_bytes()]


class TestAnotherAuthName:
    """Where TwoFactor is on by inheritance: nobody can enrol for that realm,
    so nobody would be asked."""

    DOCS = people.guard(where="/2fa") + people.guard().replace(
        '<Location "/">', '<Directory "${DOCS}">\nAllowOverride AuthConfig'
    ).replace("</Location>", "</Directory>")
    APP = 'AuthName "App"\n'

    @pytest.mark.parametrize("config", [
        people.guard() + f'<Location "/app">\n{APP}</Location>',
        DOCS + f'<Directory "${{DOCS}}/app">\n{APP}</Directory>'],
        ids=["location", "directory"])
    def test_is_told_before_the_start(self, httpd_of, config):
        status, said = httpd_of(config).configtest()
        assert status != 0
        assert 'is of realm "App", but its pages at /2fa are of realm' in said

    @pytest.mark.parametrize("config, access", [
        (people.guard() + f'<LocationMatch "^/app">\n{APP}</LocationMatch>',
         None),
        (people.guard() + f'<If "%{{HTTP:X-R}} == \'1\'">\n{APP}</If>', None),
        (DOCS, APP)], ids=["locationmatch", "if", "htaccess"])
    def test_opens_nothing_where_only_a_request_shows_it(
            self, httpd_of, config, access):
        """FAIL-01."""
        httpd = httpd_of(config)
        httpd.log.expect("CP2FA109", "CP2FA105")
        httpd.write("app/page.html", "the content")
        if access:
            httpd.write("app/.htaccess", access)
        people.serve(httpd)
        alice = people.enrolled(httpd)
        for client in (people.another(alice), alice):
            answer = client.get("/app/page.html", headers={"X-R": "1"})
            assert answer.status_code == 503, dump(answer)
            assert "the content" not in answer.text
        assert alice.get("/page.html").text == "the content"
        assert "CP2FA109: refused, /app/page.html is of realm App, and its " \
            "pages at /2fa are of realm Cloud console" in httpd.log.text()

    def test_for_show_is_taken_with_a_realm(self, httpd_of):
        httpd = httpd_of("TwoFactorRealm Console\n" + people.guard()
                         + f'<Location "/app">\n{self.APP}</Location>')
        httpd.write("app/page.html", "the content")
        people.serve(httpd)
        alice = people.enrolled(httpd)
        assert alice.get("/app/page.html").text == "the content"
        answer = people.another(alice).get("/app/page.html")
        assert location(answer).path == "/2fa/token"


def test_a_cookie_s_own_name_is_known_to_the_host_at_another_port(httpd_of):
    """A browser knows no border between ports."""
    port = free_port()
    httpd = httpd_of(people.guard("TwoFactorCookieName __Host-mine"), server="""
Listen 127.0.0.1:${OTHER} https
<VirtualHost 127.0.0.1:${OTHER}>
ServerName localhost
Include conf/tls.conf
""" + SCRIPTS + "</VirtualHost>", defines={"OTHER": port})
    httpd.write("public/env.cgi", SCRIPT, 0o755)
    people.serve(httpd)
    alice = people.enrolled(httpd)
    assert "__Host-mine" in alice.http.cookies
    alice.http.cookies.set("theme", "dark")
    answer = alice.http.get(f"https://localhost:{port}/public/env.cgi")
    assert answer.json()["HTTP_COOKIE"] == "theme=dark"


class TestUsersOfTwoHosts:

    OTHER_HOST = """
<VirtualHost 127.0.0.1:${{PORT}}>
ServerName other.example
Include conf/tls.conf
{config}
</VirtualHost>
"""

    @pytest.mark.parametrize("config, warned", [
        (guard(), True), (guard("TwoFactorRealm there"), False)],
        ids=["one AuthName", "a realm of its own"])
    def test_of_one_name_are_warned_of(self, httpd_of, config, warned):
        """SES-06: a session of one would be good in the other."""
        httpd = httpd_of(guard(),
                         server=self.OTHER_HOST.format(config=config))
        status, said = httpd.configtest()
        assert status == 0 and ("CP2FA008" in said) == warned, said


class TestAnApplicationElsewhereInTheHost:

    def test_sees_no_session_of_the_guarded_place(self, httpd_of):
        name = "TwoFactorCookieName __Host-mine"
        httpd = serve(httpd_of(SCRIPTS + guard(name, where="/app")
                               + guard(name, where="/2fa")))
        visitor = newcomer(httpd)
        visitor.log_in()
        said = visitor.get("/app/env.cgi").json()
        assert "HTTP_COOKIE" not in said and said["CP2FA_USER"]
        said = visitor.get("/public/env.cgi").json()
        assert "HTTP_COOKIE" not in said


class TestASessionThatAnotherNodeEnded:

    def test_is_over_within_5_seconds(self, httpd_of):
        """SES-05: on all nodes, without a cache that they share."""
        one = serve(httpd_of(guard()))
        two = httpd_of(guard())
        two.join(one)
        two.configure(guard())
        serve(two)
        owner = enrolled(one)
        sent = {**API, "Cookie": owner.cookie()}
        there = Visitor(two)
        assert there.get("/page.html", headers=sent).status_code == 200
        done = owner.post_form("/2fa/disable", {}, on="/2fa/profile")
        assert done.status_code == 303, dump(done)
        assert Visitor(one).get("/page.html", headers=sent).status_code == 401
        assert wait_until(lambda: there.get(
            "/page.html", headers=sent).status_code == 401, 5)


class TestALongPassword:
    """What a hash takes grows with it: names could be told by the time."""

    @pytest.mark.parametrize("length, status", [(256, 303), (257, 422)])
    def test_is_put_to_no_provider(self, httpd_of, length, status):
        """THR-11: whosever it is."""
        httpd = httpd_of(guard())
        (httpd.root / "conf" / "users").write_text(
            "mine:" + crypt.crypt("x" * length, crypt.METHOD_SHA512) + "\n")
        serve(httpd)
        answer = Visitor(httpd, "mine", "x" * length).log_in()
        assert answer.status_code == status, dump(answer)


class TestTheAddressOfADirectory:

    DBD = """
LoadModule dbd_module /usr/lib/apache2/modules/mod_dbd.so
LoadModule authn_dbd_module /usr/lib/apache2/modules/mod_authn_dbd.so
DBDriver sqlite3
DBDParams "${ROOT}/var/users.db"
"""

    def test_hears_of_it_under_our_log_in_page(self, httpd_of):
        """ENR-10."""
        more = ('AuthDBDUserPWQuery "SELECT password, mail FROM users '
                'WHERE name = %s"', 'TwoFactorEmail '
                '"%{reqenv:AUTHENTICATE_MAIL}"')
        httpd = httpd_of(guard(*more, providers="dbd"))
        conf = httpd.root / "conf" / "httpd.conf"
        conf.write_text(conf.read_text().replace(
            "Listen ", self.DBD + "Listen ", 1))
        line = subprocess.run(["htpasswd", "-nbB", "dora", PASSWORD],
                              capture_output=True, text=True, check=True)
        self.fill(httpd.root / "var" / "users.db",
                  line.stdout.strip().split(":")[1])
        httpd.give_to_httpd("var")
        serve(httpd)
        dora = Visitor(httpd, "dora")
        dora.log_in()
        dora.enrol()
        assert Database(httpd).ask(
            "SELECT kind FROM cp2fa_event") == [("enabled",)]
        Mailbox(httpd.root / "mail").wait(1, "dora@directory.example")

    @staticmethod
    def fill(path, password):
        base = Database.__new__(Database)
        base.path, base.server = path, None
        base.tell("CREATE TABLE users (name TEXT, password TEXT, mail TEXT)")
        base.tell("INSERT INTO users VALUES ('dora', ?, "
                  "'dora@directory.example')", password)


class TestOverPlainHTTP:

    def test_no_password_is_taken(self, httpd_of):
        """CK-03: request refused unless TwoFactorCookieSecure is off."""
        port = free_port()
        httpd = serve(httpd_of(guard(), defines={"PLAIN": port}, server="""
Listen 127.0.0.1:${PLAIN} http
<VirtualHost 127.0.0.1:${PLAIN}>
ServerName localhost
DocumentRoot "${DOCS}"
%s
</VirtualHost>""" % guard()))
        visitor = newcomer(httpd)
        visitor.http.auth = (visitor.name.encode(), PASSWORD.encode())
        visitor.url = lambda path: f"http://localhost:{port}{path}"
        answer = visitor.get("/page.html", headers=API)
        assert answer.status_code == 403, dump(answer)


class TestABrowsersOwnPrompt:

    @pytest.mark.parametrize("mode", ["no-cors", "cors", "same-origin"])
    def test_is_not_called_for_by_a_picture_or_a_script(self, httpd_of, mode):
        """HTTP-01: the Basic challenge is for who is no browser."""
        httpd = serve(httpd_of(guard()))
        answer = Visitor(httpd).get("/page.html", headers={
            "Accept": "image/avif,*/*", "Sec-Fetch-Mode": mode})
        assert answer.status_code in (401, 403), dump(answer)
        said = answer.headers.get("WWW-Authenticate", "")
        assert not said.startswith("Basic"), dump(answer)
