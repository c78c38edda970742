"""`Require two-factor`: an authz provider for policy on top of the gate."""
import pytest

from cp2fa import people, program
from cp2fa.client import dump, location
from cp2fa.people import guard

SECTIONS = {
    "plain": "Require two-factor",
    "valid-user-and": "Require valid-user\nAuthzSendForbiddenOnFailure On",
    "all": "<RequireAll>\nRequire valid-user\nRequire two-factor\n"
           "</RequireAll>",
    "any": "<RequireAny>\nRequire two-factor\nRequire ip 192.0.2.1\n"
           "</RequireAny>",
    "any-ip": "<RequireAny>\nRequire two-factor\nRequire ip 127.0.0.1\n"
              "</RequireAny>",
    "merged": "AuthMerging And\nRequire two-factor",
    "alone": "AuthMerging Off\nRequire two-factor",
    "not": "<RequireAll>\nRequire valid-user\n<RequireNone>\n"
           "Require two-factor\n</RequireNone>\n</RequireAll>",
    "off": "TwoFactor off\nRequire two-factor",
}
ADMITS_ALL = {"any-ip", "valid-user-and"}
ADMITS_WITHOUT = ADMITS_ALL | {"not"}
ADMITS_WITH = set(SECTIONS) - {"not", "off"}


@pytest.fixture(scope="class")
def httpd(httpd_of):
    httpd = httpd_of(guard() + "\n".join(
        f'<Location "/{name}">\n{text}\n</Location>'
        for name, text in SECTIONS.items()))
    for name in SECTIONS:
        httpd.write(f"{name}/page.html", "the content")
    httpd.log.expect("AH01630", "AH01631")
    return people.serve(httpd)


@pytest.fixture(scope="class")
def alice(httpd):
    return people.enrolled(httpd)


@pytest.fixture(scope="class")
def carol(httpd):
    """She has no second factor; `optional` lets her in without."""
    return people.newcomer(httpd)


def served(answer):
    assert answer.status_code in (200, 401, 403), dump(answer)
    assert (answer.status_code == 200) == (answer.text == "the content")
    return answer.status_code == 200


class TestRequireTwoFactor:

    @pytest.mark.parametrize("where", SECTIONS)
    def test_is_granted_by_a_session_that_passed(self, alice, where):
        assert served(alice.get(f"/{where}/page.html")) \
            == (where in ADMITS_WITH)

    @pytest.mark.parametrize("where", SECTIONS)
    def test_is_granted_by_an_application_token(self, alice, token, where):
        answer = program.of(alice, token).get(f"/{where}/page.html")
        # where TwoFactor is off, it is a password, and a wrong one
        assert served(answer) == (where in ADMITS_WITH)

    @pytest.fixture(scope="class")
    def token(self, alice):
        return program.token_of(alice)

    @pytest.mark.parametrize("where", SECTIONS)
    def test_is_not_granted_by_a_password_that_the_gate_lets_in(
            self, carol, where):
        assert served(carol.get(f"/{where}/page.html")) \
            == (where in ADMITS_WITHOUT)

    @pytest.mark.parametrize("where", sorted(set(SECTIONS) - {"off"}))
    def test_leaves_who_has_yet_to_pass_to_the_gate(self, alice, where):
        """HTTP-01: the token page, not another password prompt."""
        stranger = people.another(alice)
        answer = stranger.get(f"/{where}/page.html")
        assert location(answer).path == "/2fa/token"

    def test_says_in_the_log_why(self, httpd, carol):
        carol.get("/plain/page.html")
        carol.get("/off/page.html")
        text = httpd.log.text()
        assert "CP2FA132: Require two-factor: refused, no second" in text
        assert "CP2FA132: Require two-factor: refused, TwoFactor is off" \
            in text

    def test_lets_people_to_the_pages_where_they_pass_it(self, httpd_of):
        """Of a whole host: or nobody could enrol, or enter a token."""
        httpd = people.serve(httpd_of(
            guard().replace("valid-user", "two-factor")))
        httpd.log.expect("AH01630", "AH01631")
        alice = people.enrolled(httpd)
        assert people.is_in(alice)
        stranger = people.another(alice)
        assert location(stranger.get("/page.html")).path == "/2fa/token"
        location(stranger.login_token(alice.device.code()))
        assert people.is_in(stranger)
        assert not served(people.newcomer(httpd).get("/page.html"))

    @pytest.mark.parametrize("arguments", ["strong", "off", "two factors"])
    def test_takes_no_arguments(self, httpd_of, arguments):
        status, said = httpd_of(guard().replace(
            "valid-user", f"two-factor {arguments}")).configtest()
        assert status != 0
        assert "Require two-factor takes no arguments" in said
