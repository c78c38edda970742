"""WCAG 2.2 AA: every page and state, by axe-core, by keyboard, and by size.

A new page is a row of STATES and a `yield` in walk(), or of GALLERY alone."""
import re
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cp2fa.chrome import Browser
from cp2fa.codes import NO_CODE
from cp2fa.database import Database
from cp2fa.httpd import REPO, Httpd
from cp2fa.oath import Device
from cp2fa.pageuser import PASSWORD, Visitor as OtherBrowser, guard
from cp2fa.screen import LOOKS, MOVING, Screen
from cp2fa.visitor import APP_LINK, ENABLE

HTDOCS = REPO / "htdocs"

# name: (page in htdocs, status, heading, how the alert begins)
STATES = {
    "login": ("login", 200, "Log in", None),
    "login-error": ("login", 422, "Log in", "User name or password"),
    "login-throttled": ("login", 429, "Log in", "Too many tries"),
    "login-stale": ("login", 403, "Log in", "Please try that again"),

    "profile-off": ("profile", 200, "My Profile", None),
    "profile-cancelled": ("profile", 200, "My Profile", None),
    "profile-enabled": ("profile", 200, "My Profile", None),
    "profile-on": ("profile", 200, "My Profile", None),
    "profile-devices": ("profile", 200, "My Profile", None),
    "profile-no-device": ("profile", 422, "My Profile",
                          "There is no such authenticator app"),
    "profile-sessions": ("profile", 200, "My Profile", None),
    "profile-no-session": ("profile", 422, "My Profile",
                           "There is no such session"),
    "profile-session-ended": ("profile", 200, "My Profile", None),
    "profile-removed": ("profile", 200, "My Profile", None),
    "profile-few-codes": ("profile", 200, "My Profile", None),
    "profile-recovered": ("profile", 200, "My Profile", None),
    "profile-disabled": ("profile", 200, "My Profile", None),

    "enroll-intro": ("enroll", 200, "2-factor authentication", None),
    "enroll-required": ("enroll", 200, "2-factor authentication", None),
    "enroll": ("enroll", 200, "Set up your authenticator app", None),
    "enroll-malformed": ("enroll", 422, "Set up your authenticator app",
                         "PIN isn't valid"),
    "enroll-error": ("enroll", 422, "Set up your authenticator app",
                     "PIN isn't valid"),
    "enroll-stale": ("enroll", 403, "Set up your authenticator app",
                     "Please try that again"),

    "recovery-codes-off": ("recovery-codes", 200, "Recovery codes", None),
    "recovery-codes-fresh": ("recovery-codes", 200,
                             "Save your recovery codes", None),
    "recovery-codes-later": ("recovery-codes", 200, "Recovery codes", None),
    "recovery-codes-added": ("recovery-codes", 200, "Recovery codes", None),
    "recovery-codes-few": ("recovery-codes", 200, "Recovery codes", None),

    "token": ("token", 200, "Enter your PIN", None),
    "token-malformed": ("token", 422, "Enter your PIN", "PIN isn't valid"),
    "token-error": ("token", 422, "Enter your PIN", "PIN isn't valid"),
    "token-throttled": ("token", 429, "Enter your PIN", "PIN isn't valid"),
    "token-stale": ("token", 403, "Enter your PIN", "Please try that again"),

    "recovery": ("recovery", 200, "Use a recovery code", None),
    "recovery-error": ("recovery", 422, "Use a recovery code",
                       "Recovery code isn't valid"),
    "recovery-throttled": ("recovery", 429, "Use a recovery code",
                           "Not yet, please"),

    "signed-out": ("signed-out", 200, "You are logged out", None),
    "error-403": ("error", 403, "Please try that again",
                  "Please try that again"),
    "error-404": ("error", 404, "There is no such page",
                  "There is no such page"),
    "error-405": ("error", 405, "This address can't be opened like that",
                  "This address can't be opened like that"),
}

# name: (page, the variables it gets); the page as it is, without the module
GALLERY = {
    "token-step-up": ("token", {"STEP_UP": "1"}),
    "signed-out-basic": ("signed-out", {}),
    "profile-required": ("profile", {
        "ENABLED": "1", "MODE": "required", "DEVICES": "1", "DEVICE_1_ID":
        "a", "DEVICE_1_NAME": "phone", "DEVICE_1_CREATED": "today"}),
    "profile-go-on": ("profile", {
        "RETURN": "/page.html", "ENABLED": "1", "DEVICES": "1",
        "CODES_LEFT": "0", "CODES_FEW": "1"}),
    "bypass": ("bypass", {}),
    "bypass-sent": ("bypass", {"SENT": "1", "MODE": "required"}),
}
ALWAYS = {"PATH": "/2fa", "ISSUER": "Cloud console", "USER": "alice",
          "REALM": "Cloud console", "CSRF": "x", "RETRY_AFTER": "3000",
          "SKEW_MINUTES": "3"}
# each error there is, as the page of errors shows it
GALLERY |= {f"error-{code}": ("error", {"ERROR": code}) for code in re.findall(
    r"'CP2FA_ERROR'\) = '([a-z-]+)'",
    (HTDOCS / "_error.shtml.en").read_text()) + ["unheard-of"]}

PLACE = """
Alias "/gallery/{name}/" "{htdocs}/"
<Location "/gallery/{name}/">
    AuthType None
    Require all granted
    TwoFactor off
    Options +Includes
    ForceType "text/html; charset=utf-8"
    SetOutputFilter INCLUDES
{variables}
</Location>
"""


def gallery(htdocs):
    """The configuration under which GALLERY's pages are."""
    return "".join(PLACE.format(
        name=name, htdocs=htdocs, variables="\n".join(
            f'    SetEnv CP2FA_{key} "{value}"'
            for key, value in {**ALWAYS, **more}.items()))
        for name, (_, more) in GALLERY.items())


class Person(Browser):
    """Someone without JavaScript, who types and presses."""

    def __init__(self, httpd):
        super().__init__(httpd.certificate.path, scripts=False)
        self.httpd = httpd

    def visit(self, path):
        return self.open(self.httpd.origin + path)

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.one(f"input[name={name}]:not([type=hidden])")
            field.clear()
            field.send_keys(value)

    def log_in(self, name, password=PASSWORD):
        self.fill(username=name, password=password)
        self.press("Log in")

    def spoil(self, selector, value="0" * 32):
        """As if the page were old or somebody had meddled with it."""
        self.driver.execute_script(
            "document.querySelectorAll(arguments[0]).forEach("
            "e => e.value = arguments[1])", selector, value)

    def submit(self, selector):
        """Presses the first button of the form with that in it."""
        self._turn_page(self.all(
            f"form:has({selector}) button")[0].click)

    def phone(self):
        link = self.control(APP_LINK).get_attribute("href")
        return Device(parse_qs(urlsplit(link).query)["secret"][0])

    def enter_pin(self, code):
        self.pin.clear()
        self.pin.send_keys(code)
        self.submit("input[name=token]")


def walk(person):
    """Goes to each of STATES, in an order that takes little; their names."""
    httpd = person.httpd
    for name in ("anna", "ben"):
        httpd.set_password(name, PASSWORD)

    person.visit("/")
    yield "login"
    person.log_in("anna", "wrong")
    yield "login-error"
    person.spoil("input[name=csrf]")
    person.log_in("anna")
    yield "login-stale"
    while "Too many" not in (person.alert or ""):
        person.log_in("nobody", "wrong")
    yield "login-throttled"

    person.visit("/2fa/login").log_in("anna")
    yield "profile-off"
    person.visit("/2fa/recovery-codes")
    yield "recovery-codes-off"
    person.visit("/2fa/enroll")
    yield "enroll-intro"
    person.visit("/required/")
    yield "enroll-required"
    person.press(ENABLE)
    yield "enroll"
    phone = person.phone()
    person.enter_pin("12")
    yield "enroll-malformed"
    person.enter_pin(phone.wrong_code())
    yield "enroll-error"
    person.spoil("input[name=csrf]")
    person.enter_pin(phone.wrong_code())
    yield "enroll-stale"
    person.visit("/2fa/enroll").press("Cancel")
    yield "profile-cancelled"

    person.press(ENABLE)
    phone = person.phone()
    person.enter_pin(phone.code())
    yield "recovery-codes-fresh"
    codes = person.one("pre").text.split()
    person.press("I have saved them")
    yield "profile-enabled"
    person.visit("/2fa/profile")
    yield "profile-on"
    person.visit("/2fa/recovery-codes")
    yield "recovery-codes-later"

    person.visit("/2fa/profile").fill(name="The tablet of the whole family, "
                                           "in the kitchen's drawer")
    person.press("Add")
    person.enter_pin(person.phone().code())
    yield "recovery-codes-added"
    person.press("Back to My Profile")
    yield "profile-devices"
    person.spoil("input[name=device]")
    person.submit("input[name=device]")
    yield "profile-no-device"

    for agent in ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 "
                  "Firefox/140.0", "curl/8.0 " + "x" * 60):
        other = OtherBrowser(httpd, "anna")
        other.http.headers["User-Agent"] = agent
        other.log_in()
        assert other.login_token(phone.code()).status_code == 303
    person.visit("/2fa/profile")
    yield "profile-sessions"
    person.spoil("input[name=session]")
    person.submit("input[name=session]")
    yield "profile-no-session"
    person.submit("input[name=session]")
    yield "profile-session-ended"
    person.submit("input[name=device]")
    yield "profile-removed"

    Database(httpd).tell("DELETE FROM cp2fa_code WHERE rowid NOT IN"
                         " (SELECT rowid FROM cp2fa_code LIMIT 3)")
    person.visit("/2fa/profile")
    yield "profile-few-codes"
    person.visit("/2fa/recovery-codes")
    yield "recovery-codes-few"
    person.press("Make new recovery codes")
    codes = person.one("pre").text.split()
    person.visit("/2fa/logout")
    yield "error-405"
    person.visit("/2fa/nowhere")
    yield "error-404"
    person.visit("/2fa/profile").spoil("input[name=csrf]")
    person.press("Log out")
    yield "error-403"
    person.visit("/2fa/profile").press("Log out")
    yield "signed-out"

    person.press("Log in again")
    person.log_in("anna")
    yield "token"
    person.press("Use a recovery code")
    yield "recovery"
    person.fill(code=NO_CODE)
    person.press("Log in")
    yield "recovery-error"
    person.fill(code=codes[0])
    person.press("Log in")
    person.visit("/2fa/profile")
    yield "profile-recovered"
    person.press("Disable 2-factor authentication")
    yield "profile-disabled"

    person.press(ENABLE)
    phone = person.phone()
    person.enter_pin(phone.code())
    person.visit("/2fa/profile").press("Log out")
    person.press("Log in again")
    person.log_in("anna")
    person.enter_pin("12")
    yield "token-malformed"
    person.enter_pin(phone.wrong_code())
    yield "token-error"
    person.spoil("input[name=csrf]")
    person.enter_pin(phone.wrong_code())
    yield "token-stale"
    person.visit("/2fa/token").enter_pin(phone.wrong_code())
    while "Please wait" not in person.alert:
        person.enter_pin(phone.wrong_code())
    yield "token-throttled"
    person.press("Use a recovery code")
    person.fill(code=NO_CODE)
    person.press("Log in")
    yield "recovery-throttled"


# -- what is looked at on each -------------------------------------------

# what still moves
@pytest.fixture(scope="module")
def httpd(workshop, certificate, module):
    httpd = Httpd(tempfile.mkdtemp(prefix="httpd-", dir=workshop),
                  certificate)
    httpd.configure(guard() + guard(where="/required/", mode="required")
                    + gallery(httpd._htdocs()))
    httpd.write("index.html", "<h1>The content</h1>")
    httpd.write("required/index.html", "<h1>The content</h1>")
    with httpd:
        yield httpd
    assert httpd.log.errors() == []


@pytest.fixture(scope="module")
def person(httpd):
    with Person(httpd) as person:
        yield person


@pytest.fixture(scope="module")
def screens(person):
    seen = {name: Screen(person) for name in walk(person)}
    for name, (page, _) in GALLERY.items():
        person.visit(f"/gallery/{name}/{page}.shtml.en")
        # errors differ by their words, and one was seen in every look
        seen[name] = Screen(person, LOOKS[1:2] if page == "error" else LOOKS)
    return seen


def test_every_page_is_looked_at():
    """A new page needs a row in STATES or GALLERY."""
    pages = {path.name.split(".")[0] for path in HTDOCS.glob("[!_]*.shtml.*")}
    shown = [*STATES.values(), *GALLERY.values()]
    assert pages == {row[0] for row in shown}
    assert not STATES.keys() & GALLERY.keys()


@pytest.mark.parametrize("state", STATES)
def test_the_state_is_the_one_that_was_meant(screens, state):
    screen = screens[state]
    _, status, heading, alert = STATES[state]
    assert (screen.status, screen.heading) == (status, heading)
    assert bool(screen.alert) == bool(alert)
    assert (screen.alert or "").startswith(alert or "")


@pytest.mark.parametrize("state", [*STATES, *GALLERY])
class TestEveryState:

    def test_breaks_no_rule_of_axe(self, screens, state):
        """WCAG 2.2 A and AA; light and dark, narrow and wide."""
        assert screens[state].rules > 15
        assert screens[state].faults == {}

    def test_needs_no_scrolling_sideways(self, screens, state):
        """At 320 px, at 200 %, with wide spacing, with big letters."""
        assert screens[state].overflow == {}

    def test_keeps_still_for_who_wants_that(self, screens, state):
        assert screens[state].moving == []

    def test_is_all_there_for_the_keyboard(self, screens, state):
        """Every control in the page's order, with the focus to be seen."""
        screen = screens[state]
        assert (screen.unreached, screen.unseen) == ([], [])
        first = screen.order.index(min(screen.order)) if screen.order else 0
        turned = screen.order[first:] + screen.order[:first]
        assert turned == sorted(turned)

    def test_tells_its_error_to_a_screen_reader(self, screens, state):
        assert screens[state].errors == []


class TestTheMeasures:
    """They would notice."""

    BAD = ("<!DOCTYPE html><meta name=viewport content='width=device-width'>"
           "<title>Fine</title><style>a{transition:color 1s;outline:0}</style>"
           "<h1 style='color:%23bbb'>Pale</h1><p style='width:900px'>"
           "<input aria-invalid=true><a href=x tabindex=2>1</a></p>")

    def test_a_bad_page(self, person):
        person.open("data:text/html," + self.BAD)
        screen = Screen(person)
        said = " ".join(screen.faults)
        for rule in ("color-contrast", "html-has-lang", "label", "tabindex",
                     "region"):
            assert f"violation: {rule}: " in said
        assert {320, "200 %"} <= screen.overflow.keys()
        assert screen.moving == ["A"]
        assert screen.unseen and screen.errors
        assert screen.order not in ([0, 1], [])

    def test_motion_where_it_is_welcome(self, person):
        person.visit("/2fa/login")
        person.cdp("Emulation.setEmulatedMedia", features=[])
        assert person.driver.execute_script(MOVING)
