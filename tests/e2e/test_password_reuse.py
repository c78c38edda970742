"""TwoFactorPasswordReuse: what was verified a moment ago, and nothing else.

The test changes the password file under a session: who still gets in by the
old password was not verified again.
"""
import pytest

from cp2fa.clock import StillClock, enrol_with
from cp2fa.people import PASSWORD, another, guard, is_in, name_of, newcomer

API = {"Accept": "application/json", "Sec-Fetch-Mode": None}
OTHER = "another password"
NESTED = """
<Location "/other/">
    AuthUserFile conf/others
</Location>
"""


@pytest.fixture(scope="class")
def clock(workshop):
    return StillClock(workshop)


def status(client, path="/page.html"):
    answer = client.get(path, headers=API)
    assert (answer.status_code == 200) == ("the content" in answer.text)
    return answer.status_code


def change(httpd, client, password=OTHER):
    """A new password in the file; the client goes on with its old one."""
    httpd.set_password(name_of(client), password)


def expecting(httpd):
    """mod_auth_basic logs each refusal as an error."""
    httpd.log.expect("AH01617", "AH01618")
    return httpd


class TestWithinASession:

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, clock):
        return expecting(clock.serve(httpd_of, "TwoFactorPasswordReuse 5m"))

    @pytest.fixture()
    def alice(self, httpd, clock):
        return enrol_with(newcomer(httpd), clock)

    def test_the_same_credentials_are_not_verified_again(self, httpd, alice):
        """What was accepted is good without its provider."""
        assert status(alice) == 200
        change(httpd, alice)
        assert status(alice) == 200

    def test_they_are_when_the_time_is_over(self, httpd, alice, clock):
        """Counted from when they were verified, however often used since."""
        assert status(alice) == 200
        change(httpd, alice)
        clock.move(200)
        assert status(alice) == 200
        clock.move(101)
        assert status(alice) == 401

    def test_another_password_is_verified_at_once(self, httpd, alice):
        name = alice.http.auth[0]
        assert status(alice) == 200
        for wrong in (b"wrong", PASSWORD.encode() + b" ", b""):
            alice.http.auth = (name, wrong)
            assert status(alice) == 401
        change(httpd, alice)
        alice.http.auth = (name, OTHER.encode())
        assert status(alice) == 200

    def test_a_field_written_in_another_way_is_verified_at_once(
            self, httpd, alice):
        """The very same Authorization: not what it decodes to."""
        assert status(alice) == 200
        answer = alice.get("/page.html", headers=API)
        field = answer.request.headers["Authorization"]
        change(httpd, alice)
        alice.http.auth = None
        for other, expected in ((field, 200), ("basic" + field[5:], 401),
                                (field.replace(" ", "  "), 401)):
            answer = alice.get("/page.html",
                               headers={**API, "Authorization": other})
            assert answer.status_code == expected, other

    def test_another_user_is_verified_at_once(self, httpd, alice, clock):
        bob = enrol_with(newcomer(httpd), clock)
        assert status(alice) == status(bob) == 200
        change(httpd, bob)
        # bob's name and old password, in alice's session
        alice.http.auth = bob.http.auth
        assert status(alice) == 401

    def test_no_other_session_has_a_part_in_it(self, httpd, alice, clock):
        assert status(alice) == 200
        second = another(alice)
        assert status(second) == 403
        clock.move(60)
        code = second.device.code(clock.step())
        assert second.login_token(code).status_code == 303
        change(httpd, alice)
        assert status(alice) == 200
        assert status(second) == 401
        # and nobody without a session
        assert status(another(alice)) == 401

    def test_an_ended_session_is_no_session(self, httpd, alice):
        """The cookie of before the log-out opens nothing."""
        assert status(alice) == 200
        kept = alice.cookie()
        assert alice.post_form("/2fa/logout", {},
                               on="/2fa/profile").status_code == 303
        change(httpd, alice)
        alice.http.cookies.clear()
        answer = alice.get("/page.html", headers={**API, "Cookie": kept})
        assert answer.status_code == 401

    def test_the_pages_verify_each_time(self, httpd, alice):
        assert status(alice) == 200
        change(httpd, alice)
        assert status(alice) == 200
        assert status(alice, "/2fa/profile") == 401

    def test_the_password_is_kept_nowhere(self, httpd, alice):
        """Nor is its field: neither in the log nor in the database."""
        assert status(alice) == 200
        field = alice.get("/page.html").request.headers["Authorization"]
        kept = httpd.log.text().encode() + b"".join(
            path.read_bytes() for path in httpd.state.iterdir())
        assert PASSWORD.encode() not in kept
        assert field.split()[1].encode() not in kept


class TestWithoutIt:

    def test_each_request_is_verified(self, httpd_of, clock):
        httpd = expecting(clock.serve(httpd_of))
        alice = enrol_with(newcomer(httpd), clock)
        assert status(alice) == 200
        change(httpd, alice)
        assert status(alice) == 401

    def test_an_htaccess_on_the_way_verifies_each_time(self, httpd_of, clock):
        """It could name other providers."""
        httpd = expecting(clock.serve(
            httpd_of, "TwoFactorPasswordReuse 5m", server="""
<Directory "${DOCS}/mine">
    AllowOverride AuthConfig
</Directory>
"""))
        httpd.write("mine/page.html", "the content")
        httpd.write("mine/.htaccess", "Require valid-user\n")
        alice = enrol_with(newcomer(httpd), clock)
        assert status(alice) == status(alice, "/mine/page.html") == 200
        change(httpd, alice)
        assert status(alice) == 200
        assert status(alice, "/mine/page.html") == 401


@pytest.mark.parametrize("said, ok", [
    ("", False), ("TwoFactorPasswordReuse off", True),
    ("TwoFactorPasswordReuse 1m", True)])
def test_a_section_with_providers_of_its_own_must_say_what_holds(
        httpd_of, said, ok):
    nested = NESTED.replace("</", said + "\n</")
    httpd = httpd_of(guard("TwoFactorPasswordReuse 5m") + nested)
    code, words = httpd.configtest()
    assert (code == 0) == ok, words
    assert ok or "TwoFactorPasswordReuse off: it may ask others" in words


def test_each_section_has_its_own(httpd_of, clock):
    """What the one's providers accepted, the other's are asked."""
    httpd = httpd_of(guard("TwoFactorPasswordReuse 5m")
                     + NESTED.replace("</", "TwoFactorPasswordReuse 5m\n</"))
    expecting(httpd)
    (httpd.root / "conf" / "others").write_text("")
    httpd.write("page.html", "the content")
    httpd.write("other/page.html", "the content")
    httpd.start()
    alice = newcomer(httpd)
    alice.enrol()
    assert status(alice) == 200
    assert status(alice, "/other/page.html") == 401
    assert is_in(alice)


# both say "off", and are overridden
OVERRIDDEN = """
<Location "/one/">
    AuthUserFile conf/users
    TwoFactorPasswordReuse off
</Location>
<Location "/other/">
    AuthUserFile conf/others
    TwoFactorPasswordReuse off
</Location>
<Location "/">
    TwoFactorPasswordReuse 5m
</Location>
"""
# one line of one file, twice
INCLUDED = """
<Location "/one/">
    Define USERS conf/users
    Include conf/reuse.inc
</Location>
<Location "/other/">
    Define USERS conf/others
    Include conf/reuse.inc
</Location>
"""


@pytest.mark.parametrize("sections", [OVERRIDDEN, INCLUDED],
                         ids=["overridden", "included"])
def test_what_other_providers_accepted_is_asked_again(httpd_of, sections):
    httpd = httpd_of(guard("TwoFactorPasswordReuse off") + sections)
    expecting(httpd)
    (httpd.root / "conf" / "others").write_text("")
    (httpd.root / "conf" / "reuse.inc").write_text(
        "AuthUserFile ${USERS}\nTwoFactorPasswordReuse 5m\n")
    httpd.write("page.html", "the content")
    httpd.write("one/page.html", "the content")
    httpd.write("other/page.html", "the content")
    httpd.start()
    alice = newcomer(httpd)
    alice.enrol()
    assert status(alice, "/one/page.html") == 200
    assert status(alice, "/other/page.html") == 401
    change(httpd, alice)
    assert status(alice, "/one/page.html") == 200   # it does hold there


def test_a_provider_s_alias_is_no_section(httpd_of):
    alias = ("<AuthnProviderAlias file staff>\n    AuthUserFile conf/users\n"
             "</AuthnProviderAlias>\n")
    code, words = httpd_of(guard("TwoFactorPasswordReuse 5m"),
                           server=alias).configtest()
    assert code == 0, words


@pytest.mark.parametrize("value", ["0", "13h", "soon", "-1", "on"])
def test_a_value_out_of_range_stops_the_start(httpd_of, value):
    code, words = httpd_of(guard(f"TwoFactorPasswordReuse {value}")).configtest()
    assert code != 0
    assert "TwoFactorPasswordReuse must be off, or 1s to 12h" in words
