"""Every page and state that a person can meet, looked at in a browser."""
import re

import pytest

from cp2fa.chrome import DESKTOP, PHONE
from cp2fa.demo import Demo
from cp2fa.httpd import USERS
from cp2fa.people import guard
from cp2fa.visitor import APP_LINK, ENABLE, Visitor, walk

SIZES = [(320, 640), PHONE, (768, 1024), DESKTOP]
SCHEMES = ["light", "dark"]
TARGET = 44     # CSS pixels: what a finger hits

PAGES = {
    # name: (status, heading, how the alert begins)
    "console": (200, "Databases", None),
    "profile-off": (200, "My Profile", None),
    "enroll": (200, "Set up your authenticator app", None),
    "enroll-error": (422, "Set up your authenticator app",
                     "PIN isn't valid"),
    "profile-cancelled": (200, "My Profile", None),
    "enroll-none": (200, "2-factor authentication", None),
    "recovery-codes": (200, "Save your recovery codes", None),
    "profile-enabled": (200, "My Profile", None),
    "profile-disabled": (200, "My Profile", None),
    "profile-on": (200, "My Profile", None),
    "error": (404, "There is no such page", "There is no such page"),
    "signed-out": (200, "You are logged out", None),
    "token": (200, "Enter your PIN", None),
    "token-malformed": (422, "Enter your PIN", "PIN isn't valid"),
    "token-error": (422, "Enter your PIN", "PIN isn't valid"),
    "token-throttled": (429, "Enter your PIN", "PIN isn't valid"),
}

# what Chromium says of a page with an error status, but not of its parts; and,
# sometimes, of a picture without a page, where the password was given
OWN_STATUS = re.compile(r"/(2fa/(enroll|nowhere|token)|favicon.ico) - Failed to "
                        r"load resource.* status of (404|422|429) ")

PLAIN = """<!DOCTYPE html><html lang="en"><title>Plain</title>
<meta name="viewport" content="width=device-width"><h1>Plain</h1>
<p style="width:{width}">Wide</p></html>"""

# what is wrong with a page, and what it says
FAULTS = """
const all = s => [...document.querySelectorAll(s)].filter(e => e.offsetWidth);
return {
    language: document.documentElement.lang ? [] : ['none'],
    headings: all('h1').length === 1 ? [] : all('h1'),
    unlabelled: all('input').filter(e => !e.labels.length),
    untold: all('img').filter(e => e.getAttribute('alt') === null),
    undescribed: all('input[aria-invalid]').filter(e =>
        !document.getElementById(e.getAttribute('aria-describedby'))),
    small: all('button, input, a.button').filter(e =>
        e.getBoundingClientRect().height < arguments[0]),
};
"""


class Screen:
    """What there was to see of one page, on every size of screen."""

    def __init__(self, browser):
        self.status = browser.status()
        self.title = browser.title
        self.heading = browser.heading
        self.alert = browser.alert
        self.overflow = {}
        for scheme in SCHEMES:
            for size in SIZES:
                browser.look(*size, scheme)
                if browser.overflow():
                    self.overflow[scheme, size[0]] = browser.overflow()
        browser.look(*PHONE, "dark")
        self._faults = {
            fault: [e if isinstance(e, str) else e.get_attribute("outerHTML")
                    for e in found]
            for fault, found in browser.driver.execute_script(
                FAULTS, TARGET).items()}
        self.link = self.qr = None
        if browser.has(APP_LINK):
            self.link, self.qr = browser.link, browser.read_qr()
        browser.look(*DESKTOP)
        self.requests = browser.take_requests()
        self.complaints = browser.take_complaints()

    def faults(self):
        """What is wrong, by kind; nothing, one hopes."""
        found = {kind: what for kind, what in self._faults.items() if what}
        if self.overflow:
            found["overflow"] = self.overflow
        return found


@pytest.fixture(scope="module")
def screens(workshop, module):
    """The demo's pages, each looked at once, by its name."""
    with Demo(workshop) as demo, Visitor(
            demo.origin, demo.user, demo.password,
            demo.certificate) as visitor:
        yield {name: Screen(visitor) for name in walk(visitor)}
    assert demo.log.errors() == []


@pytest.mark.parametrize("page", PAGES)
class TestThePage:

    @pytest.fixture()
    def screen(self, screens, page):
        return screens[page]

    def test_is_the_one_that_was_meant(self, screen, page):
        status, heading, alert = PAGES[page]
        assert (screen.status, screen.heading) == (status, heading)
        assert (screen.alert or "").startswith(alert or "")
        assert bool(screen.alert) == bool(alert)

    def test_serves_small_screens_fingers_and_screen_readers(self, screen):
        assert screen.faults() == {}

    def test_says_error_in_its_title_when_there_is_one(self, screen):
        assert screen.title.startswith("Error") == bool(screen.alert)

    def test_shows_a_code_that_a_camera_reads_in_the_dark(self, screen):
        """ENR-05."""
        assert screen.qr == screen.link

    def test_asks_nobody_but_its_own_site(self, screen, screens):
        """ENR-05, HDR-01."""
        own = screens["console"].requests[0].rstrip("/")
        assert screen.requests
        assert [url for url in screen.requests
                if not url.startswith(own + "/")] == []

    def test_gives_the_browser_nothing_to_complain_of(self, screen):
        """HDR-01: no violation of its own Content-Security-Policy."""
        assert [said for said in screen.complaints
                if not OWN_STATUS.search(said)] == []


class TestWhereItIsRequired:

    @pytest.fixture(scope="class")
    def visitor(self, httpd_of):
        httpd = httpd_of(guard(mode="required"))
        httpd.write("index.html", PLAIN.format(width="100%"))
        with httpd, Visitor(httpd.origin, "alice", USERS["alice"],
                            httpd.certificate.path) as visitor:
            yield visitor

    def test_the_keyboard_alone_leads_in_and_out(self, visitor):
        visitor.visit("/")
        assert visitor.path == "/2fa/enroll?return=/"
        assert "Your administrator requires" in visitor.text
        assert Screen(visitor).faults() == {}
        visitor.enter(visitor.control(ENABLE))

        assert visitor.heading == "Set up your authenticator app"
        phone = visitor.phone()
        visitor.tab_to(visitor.pin)
        visitor.tab_to(visitor.control("Submit"), most=1)
        visitor.tab_to(visitor.control("Cancel"), most=1)
        visitor.pin.send_keys(phone.code())
        visitor.enter(visitor.control("Submit"))

        assert visitor.heading == "Save your recovery codes"
        visitor.visit("/2fa/profile")
        assert visitor.heading == "My Profile"
        assert "can't be disabled here" in visitor.text
        assert Screen(visitor).faults() == {}
        visitor.enter(visitor.control("Log out"))
        assert visitor.heading == "You are logged out"
        visitor.enter(visitor.control("Log in again"))

        assert visitor.heading == "Enter your PIN"
        assert visitor.focused == visitor.pin
        visitor.tab_to(visitor.control("Log in"), most=1)
        for next_one in ("Use a recovery code",
                         "Lost your phone? Disable two-factor auth", "Cancel"):
            visitor.tab_to(visitor.control(next_one), most=1)
        visitor.pin.send_keys(phone.code())
        visitor.tab_to(visitor.control("Log in"), most=1)
        visitor.type_pin("")
        assert (visitor.path, visitor.heading) == ("/", "Plain")

    def test_a_page_too_wide_would_be_noticed(self, visitor):
        visitor.open("data:text/html," + PLAIN.format(width="900px"))
        screen = Screen(visitor)
        assert {width for (_, width), by in screen.overflow.items()
                if by} == {320, 390, 768}
