"""What other sites, other tabs, and the Back button do to the log-in page, in
a real browser: headless Chromium. Under Basic: test_browser.py."""
import pytest

from cp2fa.httpd import free_port
from cp2fa.owner import HOST, SIBLING, STRANGER, Owner
from cp2fa.pageuser import enrolled, guard, newcomer
from cp2fa.people import serve
from cp2fa.visitor import DISABLE, ENABLE

PLANTED = "5" * 64
# what only a host of another name, or plain HTTP, tries; never kept
REFUSED = [f"__Host-cp2fa={PLANTED}; Path=/; Secure; Domain=cp2fa.test",
           f"__Host-cp2fa-pre={PLANTED}; Path=/; Secure; Domain=cp2fa.test",
           f"__Host-cp2fa={PLANTED}; Path=/2fa; Secure",
           f"__Host-cp2fa={PLANTED}; Path=/",
           f"__Host-cp2fa={PLANTED}"]
PLAIN = """
Listen 127.0.0.1:${PLAIN} http
<VirtualHost 127.0.0.1:${PLAIN}>
    DocumentRoot "${DOCS}"
%s
</VirtualHost>
"""
FORM = """<!DOCTYPE html><title>Prizes</title><h1>You have won</h1>
<form method="post" action="{target}">{fields}<button>Show me</button></form>
"""
FIELD = '<input type="hidden" name="{}" value="{}">'


def tossing(*cookies):
    return "\n".join(f'Header always add Set-Cookie "{one}"'
                     for one in cookies)


@pytest.fixture(scope="class")
def httpd(httpd_of):
    return serve(httpd_of(guard()))


@pytest.fixture(scope="class")
def attacker(httpd_of):
    """Serves what tests write; /toss.html tosses cookies."""
    attacker = httpd_of(
        '<Location "/toss.html">\n'
        + tossing(*REFUSED, f"cp2fa={PLANTED}; Path=/; Secure;"
                  " Domain=cp2fa.test") + "\n</Location>",
        server=PLAIN % tossing(
            *REFUSED, f"__Host-cp2fa={PLANTED}; Path=/; Secure",
            f"cp2fa={PLANTED}; Path=/"),
        defines={"PLAIN": free_port()}, guarded=False)
    attacker.write("toss.html", "<h1>Tossed</h1>")
    return attacker.start()


@pytest.fixture(scope="class")
def alice(httpd):
    return enrolled(httpd)


@pytest.fixture(scope="class")
def owner(httpd, alice):
    """Alice's Chromium."""
    with Owner(httpd, alice.name) as owner:
        owner.device = alice.device
        yield owner


class TestCookiesOfOthers:
    """CK-02, SES-01: set before the log-in, or during it."""

    def kept(self, owner):
        owner.visit("/2fa/signed-out")
        return {c["name"]: c["value"] for c in owner.driver.get_cookies()}

    @pytest.mark.parametrize("whence", ["a sibling", "plain HTTP"])
    def test_do_not_get_in_the_way_of_the_log_in(self, owner, attacker,
                                                 whence):
        """CK-02: the browser keeps none of that name."""
        owner.visit("/2fa/signed-out").driver.delete_all_cookies()
        owner.open(f"https://{SIBLING}:{attacker.port}/toss.html"
                   if whence == "a sibling" else
                   f"http://{HOST}:{attacker.defines['PLAIN']}/toss.html")
        kept = self.kept(owner)
        assert PLANTED == kept["cp2fa"]     # the control: others it keeps
        assert PLANTED not in [v for n, v in kept.items() if n != "cp2fa"]
        owner.visit("/2fa/login")
        owner.one("input[name=username]").send_keys(owner.name)
        owner.one("input[name=password]").send_keys("correct horse")
        owner.press("Log in")
        owner.type_pin(owner.device.code())
        assert owner.heading == "My Profile"
        assert owner.session() not in (None, PLANTED)

    def test_of_another_port_are_not_the_session_of_who_logs_in(
            self, httpd, owner, attacker):
        """SES-01: a host's ports share their cookies; the id is a new one."""
        mallory = enrolled(httpd)
        planted = mallory.session()
        owner.driver.delete_all_cookies()
        owner.visit("/2fa/signed-out")
        owner.driver.add_cookie({
            "name": "__Host-cp2fa", "value": planted, "path": "/",
            "secure": True, "httpOnly": True})
        owner.visit("/2fa/login")
        owner.one("input[name=username]").send_keys(owner.name)
        owner.one("input[name=password]").send_keys("correct horse")
        owner.press("Log in")
        assert owner.session() not in (None, planted)
        assert owner.heading == "Enter your PIN"
        before = owner.session()
        owner.type_pin(owner.device.code())
        assert owner.heading == "My Profile"
        assert owner.session() not in (None, planted, before)
        answer = mallory.get("/2fa/profile")
        assert owner.name not in answer.text


class TestAFormOfAnotherSite:
    """CSRF-02, CSRF-03: log-in CSRF."""

    @pytest.mark.parametrize("host", [HOST, SIBLING, STRANGER])
    def test_does_nothing(self, httpd, owner, attacker, host):
        """CSRF-03: of the same host's other port, a sibling, a stranger."""
        mallory = newcomer(httpd)
        csrf = mallory.page("/2fa/login").form("/login").fields["csrf"]
        fields = {"csrf": csrf, "username": mallory.name,
                  "password": mallory.password, "token": "123456",
                  "code": "x", "mail_token": "x", "return": "/page.html"}
        owner.log_in(owner.device.code())
        assert owner.heading == "My Profile"
        before = owner.session()
        for target in ("login", "token", "recovery", "logout", "disable",
                       "sessions/end", "recovery-codes", "enroll"):
            attacker.write("prize.html", FORM.format(
                target=f"{owner.origin}/2fa/{target}", fields="".join(
                    FIELD.format(*pair) for pair in fields.items())))
            owner.open(f"https://{host}:{attacker.port}/prize.html")
            owner.press("Show me")
            # a stranger's form comes without the session's cookie: 401
            if host == STRANGER and target not in ("login", "logout"):
                assert owner.status() == 401, target
            else:
                assert owner.status() == 403, target
                assert owner.alert.startswith("Please try that"), target
            assert mallory.name not in owner.text.replace(
                "User name", ""), target
            owner.visit("/2fa/signed-out")
            assert owner.session() == before, target
        owner.visit("/page.html")
        assert owner.text == "the content"


class TestTheBackButton:
    """SES-04, ENR-04."""

    def test_after_log_out_shows_nothing_of_before(self, owner):
        """SES-04: by any step back, nor by going forward again."""
        owner.log_in(owner.device.code())
        for path in ("/page.html", "/2fa/recovery-codes", "/page.html?2",
                     "/2fa/profile"):
            owner.visit(path)
        owner.press("Log out")
        assert owner.heading == "You are logged out"
        for _ in range(6):
            owner.back()
            assert "the content" not in owner.text
            assert owner.heading in ("Log in", "Enter your PIN")
            assert not owner.has("Log out")
        for _ in range(3):
            owner.driver.forward()
            assert "the content" not in owner.text
            assert not owner.has("Log out")

    def test_shows_neither_secret_nor_codes_again(self, httpd):
        """ENR-04: each was shown once."""
        with Owner(httpd, newcomer(httpd).name) as owner:
            owner.log_in()
            owner.press(ENABLE)
            secret = owner.phone().secret
            owner.pin.click()
            owner.type_pin("000000")
            owner.pin.clear()
            owner.pin.send_keys(owner.phone().code())
            owner.press("Submit")
            codes = owner.one("pre").text.split()
            assert len(codes) == 10
            owner.press("I have saved them")
            # the codes a browser may still keep, until the log-out
            for _ in range(4):
                owner.back()
                assert secret not in owner.driver.page_source.replace(" ", "")
            owner.visit("/2fa/profile")
            owner.press("Log out")
            for _ in range(6):
                owner.back()
                source = owner.driver.page_source
                assert secret not in source.replace(" ", "")
                assert not [code for code in codes if code in source]

    def test_and_reload_at_every_step_of_a_log_in_are_harmless(self, owner):
        """HTTP-03: words, and never a 5xx."""
        owner.log_in()
        owner.type_pin("12")
        owner.reload()                      # the wrong PIN, once more
        assert owner.status() == 422
        assert owner.alert.startswith("PIN isn't valid")
        owner.back()
        assert owner.heading in ("Enter your PIN", "Log in")
        owner.visit("/2fa/token?return=/page.html")
        owner.type_pin(owner.device.code())
        assert owner.text == "the content"
        owner.reload()
        assert owner.text == "the content"
        owner.visit("/2fa/token?return=/page.html")
        assert owner.text == "the content"      # nothing to ask: it leads on
        owner.visit("/2fa/login")
        assert owner.status() < 500
        owner.back()
        assert owner.text == "the content"


class TestTwoTabs:
    """ENR-04, CSRF-01: of one browser."""

    @pytest.fixture()
    def guest(self, httpd):
        with Owner(httpd, newcomer(httpd).name) as guest:
            yield guest

    def test_that_both_enrol_give_one_device(self, guest):
        """ENR-04: the QR code of the first has expired, and says so."""
        guest.log_in()
        guest.press(ENABLE)
        first = guest.phone()
        guest.new_tab().visit("/2fa/profile").press(ENABLE)
        second = guest.phone()
        assert first.secret != second.secret
        guest.tab(0).pin.click()
        guest.type_pin(first.code())
        assert guest.status() == 422
        assert guest.alert.startswith("PIN isn't valid")
        assert guest.phone().secret == second.secret    # shown by then
        guest.tab(1).pin.send_keys(second.code())
        guest.press("Submit")
        assert guest.heading == "Save your recovery codes"
        guest.tab(0).pin.send_keys("123456")
        guest.press("Submit")
        assert guest.status() in (403, 422) and guest.alert

    def test_that_both_log_in_and_one_logs_out(self, owner):
        """CSRF-01, SES-04: the other's buttons say why they do nothing."""
        owner.log_in()
        owner.new_tab().visit("/2fa/token")
        owner.tab(0).type_pin(owner.device.code())
        assert owner.heading == "My Profile"
        owner.tab(1).type_pin(owner.device.code())
        assert owner.status() == 403
        assert owner.alert.startswith("Please try that again")
        owner.visit("/2fa/profile")
        owner.tab(0).press("Log out")
        owner.tab(1).press(DISABLE)
        assert owner.status() < 500
        assert owner.alert or owner.heading == "Log in"
        owner.close_tabs()
        owner.log_in()
        assert owner.heading == "Enter your PIN"        # nothing was disabled
