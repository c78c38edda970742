"""Someone at a site with two-factor log-in, and the way through its pages."""
from urllib.parse import parse_qs, urlsplit

from .chrome import Browser
from .oath import Device

APP_LINK = "Open in an authenticator app on this device"
ENABLE = "Enable 2-factor authentication"
DISABLE = "Disable 2-factor authentication"


class Visitor(Browser):
    """A fresh browser in which somebody's password has been typed."""

    def __init__(self, origin, user, password, *trusted, **more):
        super().__init__(*trusted, **more)
        self.origin = origin
        self.give_password(origin, user, password)
        self.take_requests()
        self.take_complaints()

    def visit(self, path):
        return self.open(self.origin + path)

    @property
    def link(self):
        """The otpauth: address on the page of the QR code."""
        return self.control(APP_LINK).get_attribute("href")

    def phone(self):
        """An authenticator app that has taken the key on this page."""
        return Device(parse_qs(urlsplit(self.link).query)["secret"][0])

    def enable(self):
        """Enables two-factor authentication; the phone that has the key."""
        self.visit("/2fa/profile").press(ENABLE)
        phone = self.phone()
        self.pin.click()
        self.type_pin(phone.code())
        return phone


def walk(visitor):
    """Goes through all pages and states of a console; yields their names.

    The visitor has no second factor in the beginning, and in the end one
    that has to wait.
    """
    visitor.visit("/")
    yield "console"
    visitor.press("My Profile")
    yield "profile-off"
    visitor.press(ENABLE)
    yield "enroll"
    phone = visitor.phone()
    visitor.pin.click()
    visitor.type_pin(phone.wrong_code())
    yield "enroll-error"
    visitor.press("Cancel")
    yield "profile-cancelled"
    visitor.visit("/2fa/enroll")
    yield "enroll-none"
    phone = visitor.enable()
    yield "recovery-codes"
    visitor.visit("/2fa/profile?notice=enabled")
    yield "profile-enabled"
    visitor.press(DISABLE)
    yield "profile-disabled"
    phone = visitor.enable()
    visitor.visit("/2fa/profile")
    yield "profile-on"
    visitor.visit("/2fa/nowhere")
    yield "error"
    visitor.visit("/2fa/profile").press("Log out")
    yield "signed-out"
    visitor.press("Log in again")
    yield "token"
    visitor.type_pin("12")
    yield "token-malformed"
    visitor.type_pin(phone.wrong_code())
    yield "token-error"
    while "Please wait" not in visitor.alert:
        visitor.type_pin(phone.wrong_code())
    yield "token-throttled"
