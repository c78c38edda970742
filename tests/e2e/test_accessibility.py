"""WCAG 2.2 AA: every page and state, by axe-core, by keyboard, and by size.

In both languages: who walks reads the words of the English page, translated.

A new page is a row of STATES and a `yield` in eachstate.walk(), or a row of
GALLERY alone."""
import re
import tempfile

import pytest

from cp2fa.eachstate import Person, walk
from cp2fa.httpd import REPO, Httpd
from cp2fa.pageuser import guard
from cp2fa.screen import LOOKS, MOVING, NARROW, Screen

HTDOCS = REPO / "htdocs"
# how each language is looked at: every size, every scheme, none of them twice
LANGUAGES = {"en": LOOKS[::3], "lv": LOOKS[1:3]}

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
    "profile-path-error": ("profile", 422, "My Profile",
                           "That isn't a path"),
    "profile-programs": ("profile", 200, "My Profile", None),
    "profile-no-program": ("profile", 422, "My Profile",
                           "There is no such token"),
    "profile-program-ended": ("profile", 200, "My Profile", None),
    "app-tokens-fresh": ("app-tokens", 200, "Give this token to the program",
                         None),
    "app-tokens-later": ("app-tokens", 200, "A token for a program", None),
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
    "token-next": ("token", 422, "Enter your PIN", "That one is right"),
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
    "token-remember": ("token", {"REMEMBER_DAYS": "30"}),
    "profile-remembered": ("profile", {
        "ENABLED": "1", "DEVICES": "1", "CODES_LEFT": "10",
        "SESSION": "1", "SESSIONS": "1",
        "SESSION_1_ID": "a", "SESSION_1_AMR": "browser", "SESSION_1_ADDRESS":
        "192.0.2.1", "SESSION_1_BROWSER": "Firefox", "SESSION_1_SYSTEM":
        "Linux", "SESSION_1_BEGAN": "today", "SESSION_1_SEEN": "today",
        "SESSION_1_ENDS": "2026-12-24T08:05Z"}),
    "signed-out-basic": ("signed-out", {}),
    "profile-required": ("profile", {
        "ENABLED": "1", "MODE": "required", "DEVICES": "1", "DEVICE_1_ID":
        "a", "DEVICE_1_NAME": "phone", "DEVICE_1_CREATED": "today"}),
    "profile-go-on": ("profile", {
        "RETURN": "/page.html", "ENABLED": "1", "DEVICES": "1",
        "CODES_LEFT": "0", "CODES_FEW": "1"}),
    "login-bypassed": ("login", {"NOTICE": "disabled"}),
    "bypass": ("bypass", {}),
    "bypass-sent": ("bypass", {"SENT": "1", "MODE": "required"}),
}
ALWAYS = {"PATH": "/2fa", "ISSUER": "Cloud console", "USER": "alice",
          "REALM": "Cloud console", "CSRF": "x", "RETRY_AFTER": "3000",
          "SKEW_MINUTES": "3", "DIGITS": "6"}
# each error there is, as the page of errors shows it: other words, no more
ERRORS = {f"error-{code}": ("error", {"ERROR": code}) for code in re.findall(
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
        for name, (_, more) in {**GALLERY, **ERRORS}.items())


# -- what is looked at on each -------------------------------------------

@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def httpd(workshop, certificate, module, language):
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
def person(httpd, language):
    with Person(httpd, language) as person:
        yield person


@pytest.fixture(scope="module")
def screens(person, language):
    looks = LANGUAGES[language]
    seen = {name: Screen(person, looks) for name in walk(person)}
    for name, (page, _) in GALLERY.items():
        person.visit(f"/gallery/{name}/{page}.shtml.{language}")
        seen[name] = Screen(person, looks)
    return seen


def test_every_page_is_looked_at():
    """A new page needs a row in STATES or GALLERY."""
    pages = {path.name.split(".")[0] for path in HTDOCS.glob("[!_]*.shtml.*")}
    shown = [*STATES.values(), *GALLERY.values()]
    assert pages == {row[0] for row in shown}
    assert not STATES.keys() & GALLERY.keys()


@pytest.mark.parametrize("state", STATES)
def test_the_state_is_the_one_that_was_meant(screens, person, state):
    screen = screens[state]
    _, status, heading, alert = STATES[state]
    assert (screen.status, screen.heading) == (status, person.words(heading))
    assert bool(screen.alert) == bool(alert)
    assert (screen.alert or "").startswith(person.words(alert or ""))


@pytest.mark.parametrize("state", [*STATES, *GALLERY])
class TestEveryState:

    def test_tells_a_screen_reader_its_language(self, screens, language,
                                                state):
        """WCAG 3.1.1; a wrong one is read in a wrong accent."""
        assert screens[state].language == language

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

    def test_tells_its_error_to_a_screen_reader_and_shows_it(self, screens,
                                                             state):
        assert screens[state].errors == []


@pytest.mark.parametrize("name", ERRORS)
def test_the_words_of_every_error_fit_a_phone(person, language, name):
    person.look(*NARROW)
    person.visit(f"/gallery/{name}/error.shtml.{language}")
    assert person.status() == 200 and person.heading and person.alert
    assert person.overflow() <= 0


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
