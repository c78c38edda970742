"""Somebody at a console whose log-in is the module's, with a real browser.

The phone has nothing but what its camera read from the screen, and the mail
comes from an SMTP server.
"""
import itertools
from urllib.parse import parse_qs, urlsplit

from .chrome import Browser
from .clock import Phone
from .mailbox import token_in
from .pageuser import PASSWORD
from .people import wait_until

# the words on the buttons, as they were
ENABLE = "Enable 2-factor authentication"
DISABLE = "Disable 2-factor authentication"
LOST = "Disable two-factor auth"
ASK_FOR_IT = "Lost your phone? " + LOST
_visits = itertools.count(1)


class Site:
    """The consoles, their clock, and what they have mailed."""

    def __init__(self, httpd, clock, smtp):
        self.httpd = httpd
        self.clock = clock
        self.smtp = smtp

    def mail(self, address, subject):
        """The newest message of that subject to the address, in a while."""
        def found():
            return [m for m in list(self.smtp.messages)
                    if (m["To"], m["Subject"]) == (address, subject)]
        assert wait_until(found), [
            (m["To"], m["Subject"]) for m in self.smtp.messages]
        return found()[-1]


class App(Phone):
    """Google Authenticator, on a phone whose clock may be off."""

    def __init__(self, scanned, clock, off=0):
        super().__init__(parse_qs(urlsplit(scanned).query)["secret"][0])
        self.clock = clock
        self.off = off

    def pin(self):
        """What it shows, early in a half minute that it has not had yet."""
        self.clock.to_step_begin()
        return self.code(int(self.clock.now() + self.off) // self.period)

    def wrong_pin(self):
        return self.wrong(self.clock.step())


class Person(Browser):
    """Somebody at one of the consoles, "" or "/b", with a browser."""

    def __init__(self, site):
        super().__init__(site.httpd.certificate.path)
        self.site = site

    def become(self, name, console, app=None):
        """Somebody new, whom this browser has never seen."""
        self.name, self.console, self.app = name, console, app
        self.open("about:blank")
        self.cdp("Network.clearBrowserCookies")
        self.cdp("Network.clearBrowserCache")
        return self

    def visit(self, page):
        return self.open(self.site.httpd.origin + self.console + page)

    def fill(self, **fields):
        for name, value in fields.items():
            self.one(f"input[name={name}]:not([type=hidden])").send_keys(value)

    def log_in(self, password=PASSWORD):
        """As far as the password leads."""
        return self.visit("/index.html").type_password(password)

    def type_password(self, password=PASSWORD):
        self.fill(username=self.name, password=password)
        self.press("Log in")
        return self

    def enter(self, pin, button="Log in"):
        self.fill(token=pin)
        self.press(button)

    def scan(self, off=0):
        """Presses Enable in My Profile, and scans the QR code."""
        self.visit("/2fa/profile").press(ENABLE)
        self.app = App(self.read_qr(), self.site.clock, off)

    def enable(self, off=0):
        self.scan(off)
        self.enter(self.app.pin(), "Submit")
        assert self.heading == "Save your recovery codes"
        return self.app

    def paste(self, words):
        """Into the field for the token by mail, and presses the button."""
        self.one("input[name=mail_token]").click()
        self.cdp("Input.insertText", text=words)
        self.press(LOST)

    def register(self):
        """Gives My Profile an address, and proves it; that address."""
        address = f"{self.name}@home.example"
        self.visit("/2fa/profile").fill(email=address)
        self.press("Send a token to this address")
        mailed = self.site.mail(address,
                                "Your token to confirm this e-mail address")
        self.fill(mail_token=token_in(mailed))
        self.press("Confirm the address")
        self.site.clock.move(61)    # one token a minute goes out
        return address

    def is_in(self):
        """Whether the console shows its databases, and not from a cache."""
        self.visit(f"/index.html?{next(_visits)}")
        assert (self.heading == "Databases") == ("tracking-events"
                                                 in self.text)
        return self.heading == "Databases"

    def asks(self):
        """The name of the module's page that is shown instead."""
        path = urlsplit(self.path).path
        assert path.startswith(self.console + "/2fa/"), path
        return path.removeprefix(self.console + "/2fa/")
