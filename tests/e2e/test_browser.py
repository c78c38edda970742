"""What a person meets, in a real browser: headless Chromium.

Its screens are looked at in test_screens.py.
"""
from urllib.parse import urlsplit

import pytest

from cp2fa.demo import Demo
from cp2fa.visitor import APP_LINK, DISABLE, ENABLE, Visitor

TOKEN = "/2fa/token"
WRONG = "000000"

ATTACK = """<!DOCTYPE html><title>Prizes</title><h1>You have won</h1>
<form method="post" action="{target}">
<input type="hidden" name="csrf" value="{csrf}">
<input type="hidden" name="token" value="{code}">
<button>Show me</button>
</form>
"""
FRAMES = """<!DOCTYPE html><title>Frames</title>
<iframe id="own" src="inner.html"></iframe>
<iframe id="foreign" src="{target}"></iframe>
"""


@pytest.fixture(scope="class")
def demo(workshop, module):
    """What `make run` starts; its log must stay clean."""
    with Demo(workshop) as demo:
        yield demo
    assert demo.log.errors() == []


@pytest.fixture(scope="class")
def visitor(demo):
    """Makes visitors who know the demo's password, each in a new browser."""
    made = []

    def make(*trusted, **more):
        made.append(Visitor(demo.origin, demo.user, demo.password,
                            demo.certificate, *trusted, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


class TestTheDemo:
    """From the first log-in to the last, with JavaScript and without."""

    @pytest.mark.parametrize("scripts", [True, False],
                             ids=["with JavaScript", "without JavaScript"])
    def test_takes_a_person_from_password_to_token_and_back(
            self, visitor, demo, scripts):
        """ENR-05, HDR-01."""
        first = visitor(scripts=scripts)
        assert_scripts_run(first, scripts)

        # the password is enough, and a second factor is on offer
        first.visit("/")
        assert (first.path, first.heading) == ("/", "Databases")
        first.press("My Profile")
        assert first.has(ENABLE) and not first.has(DISABLE)

        # the QR code says on the screen what the link says
        first.press(ENABLE)
        assert first.heading == "Set up your authenticator app"
        assert first.link.startswith("otpauth://totp/Nimbus%20Console:demo?")
        assert first.read_qr() == first.link
        phone, link = first.phone(), first.link

        # a wrong PIN costs nothing but the hint
        first.pin.click()
        first.type_pin(WRONG)
        assert first.status() == 422
        assert first.alert.startswith("PIN isn't valid")
        assert "within 3 minutes of the correct time" in first.alert
        assert first.title.startswith("Error: ")
        assert first.pin.get_attribute("aria-invalid") == "true"
        assert first.read_qr() == first.link == link

        # the right one enables it, and this browser stays logged in
        assert first.focused == first.pin
        first.type_pin(phone.code())
        assert first.path == "/2fa/recovery-codes"
        first.visit("/2fa/profile?notice=enabled")
        assert first.has(DISABLE) and not first.has(ENABLE)
        assert "2-factor authentication is on" in first.text
        first.visit("/query.html")
        assert first.heading == "Query"

        first.visit("/2fa/profile").press("Log out")
        assert first.path == "/2fa/signed-out"
        first.press("Log in again")
        assert urlsplit(first.path).path == TOKEN
        first.press("Cancel")
        assert first.path == "/2fa/signed-out"

        # another browser: the password, then the token on the next page
        second = visitor(scripts=scripts)
        second.visit("/query.html?saved=1")
        assert urlsplit(second.path).path == TOKEN
        assert second.heading == "Enter your PIN"
        assert second.focused == second.pin
        assert second.pin.get_attribute("autocomplete") == "one-time-code"
        assert second.pin.get_attribute("inputmode") == "numeric"
        second.type_pin(WRONG)
        assert second.alert.startswith("PIN isn't valid")
        assert second.focused == second.pin
        second.type_pin(phone.code())
        assert (second.path, second.heading) == ("/query.html?saved=1",
                                                 "Query")
        second.press("Activity")
        assert second.heading == "Activity"

        # whoever has only the password is still asked
        first.visit("/activity.html")
        assert urlsplit(first.path).path == TOKEN

        # one press, and the password is enough again
        second.press("My Profile")
        second.press(DISABLE)
        assert second.path == "/2fa/profile?notice=disabled"
        assert second.has(ENABLE) and not second.has(DISABLE)
        first.visit("/activity.html")
        assert first.heading == "Activity"


def assert_scripts_run(browser, expected):
    browser.open("data:text/html,<body>off<script>"
                 "document.body.textContent = 'on'</script>")
    assert browser.text == ("on" if expected else "off")


class TestAfterLogOut:
    """SES-04."""

    @pytest.fixture(scope="class")
    def browser(self, visitor):
        browser = visitor()
        browser.device = browser.enable()
        return browser

    def test_the_back_button_shows_nothing_protected(self, browser):
        browser.visit("/")
        browser.press("Query")
        browser.press("Activity")
        browser.back()
        assert browser.heading == "Query"       # it does go back
        browser.press("My Profile")
        browser.press("Log out")
        for _ in range(3):
            browser.back()
            assert urlsplit(browser.path).path == TOKEN
            assert browser.heading == "Enter your PIN"

    def test_the_back_button_does_not_show_the_page_after_the_pin(
            self, browser):
        browser.visit(TOKEN + "?return=/2fa/profile")
        browser.type_pin(browser.device.code())
        assert browser.heading == "My Profile"
        browser.press("Log out")
        browser.back()
        assert browser.heading == "Enter your PIN"


class TestAnotherSite:
    """CSRF-03: of the same host on another port, or of another host."""

    @pytest.fixture(scope="class")
    def attacker(self, httpd_of):
        return httpd_of(guarded=False).start()

    @pytest.fixture(params=["localhost", "127.0.0.1"],
                    ids=["same site", "cross site"])
    def origin(self, request, attacker):
        return f"https://{request.param}:{attacker.port}"

    @pytest.fixture(scope="class")
    def owner(self, visitor, attacker):
        owner = visitor(attacker.certificate.path)
        owner.device = owner.enable()
        return owner

    @pytest.fixture()
    def victim(self, owner):
        """Logged in with both factors."""
        owner.visit("/2fa/profile")
        if owner.heading != "My Profile":
            owner.type_pin(owner.device.code())
        return owner

    def lure(self, victim, attacker, origin, target, code=""):
        """Gets a form of the attacker's pressed, with a stolen csrf field."""
        csrf = victim.all("input[name=csrf]")[0].get_attribute("value")
        attacker.write("attack.html", ATTACK.format(
            target=victim.origin + target, csrf=csrf, code=code))
        victim.open(origin + "/attack.html").press("Show me")
        assert victim.path == target

    def test_cannot_log_somebody_in(self, victim, attacker, origin):
        victim.press("Log out")
        victim.visit(TOKEN)
        self.lure(victim, attacker, origin, TOKEN, victim.device.code())
        assert victim.status() == 403
        assert victim.alert.startswith("Please try that again")
        victim.visit("/query.html")
        assert urlsplit(victim.path).path == TOKEN

    @pytest.mark.parametrize("target", ["disable", "logout", "enable"])
    def test_cannot_press_a_button_for_somebody(
            self, victim, attacker, origin, target):
        self.lure(victim, attacker, origin, "/2fa/" + target)
        assert victim.status() == 403
        victim.visit("/2fa/profile")
        assert victim.has("Log out") and victim.has(DISABLE)
        victim.visit("/2fa/enroll")
        assert not victim.has(APP_LINK)

    @pytest.mark.parametrize("target", ["token", "profile", "enroll"])
    def test_cannot_put_a_page_into_a_frame(self, victim, attacker, target):
        """(In a frame of another host Chromium gives no password at all.)"""
        attacker.write("inner.html", "<h1>Their own</h1>")
        attacker.write("frames.html", FRAMES.format(
            target=f"{victim.origin}/2fa/{target}"))
        victim.open(attacker.origin + "/frames.html")
        victim.driver.switch_to.frame("own")
        assert victim.heading == "Their own"
        victim.driver.switch_to.parent_frame()
        victim.driver.switch_to.frame("foreign")
        refused = victim.driver.execute_script("return location.protocol")
        victim.driver.switch_to.default_content()
        assert refused == "chrome-error:"
