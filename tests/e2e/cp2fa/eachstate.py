"""Somebody who meets every state of the pages, in either language."""
from urllib.parse import parse_qs, urlsplit

from .chrome import Browser
from .codes import NO_CODE
from .database import Database
from .oath import Device
from .pageuser import PASSWORD, Visitor as OtherBrowser
from .visitor import APP_LINK, ENABLE
from .words import Words


class Person(Browser):
    """Someone without JavaScript, who types and presses."""

    def __init__(self, httpd, language):
        super().__init__(httpd.certificate.path, scripts=False)
        self.httpd = httpd
        self.words = Words(language)
        self.cdp("Network.enable")
        self.cdp("Network.setExtraHTTPHeaders",
                 headers={"Accept-Language": language})

    def control(self, words):
        return super().control(self.words(words))

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
    while person.status() != 429:
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

    person.visit("/2fa/profile").one("#name").send_keys(
        "The tablet of the whole family, in the kitchen's drawer")
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

    yield from programs(person)

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
    Database(httpd).tell("UPDATE cp2fa_account SET next_try = 0")
    person.enter_pin(phone.code_far_off())
    yield "token-next"
    while person.status() != 429:
        person.enter_pin(phone.wrong_code())
    yield "token-throttled"
    person.press("Use a recovery code")
    while person.status() != 429:       # again, where the wait was over
        person.fill(code=NO_CODE)
        person.press("Log in")
    yield "recovery-throttled"


def programs(person):
    """What there is about tokens for programs."""
    def make(path):
        person.visit("/2fa/profile")
        person.one("#program").send_keys("git on my laptop")
        person.fill(path=path)
        person.submit("#path")

    make("repo")
    yield "profile-path-error"
    make("/a/rather/long/path/that/does/not/fit/on/a/small/phone/at/all")
    yield "app-tokens-fresh"
    person.press("I have copied it")
    yield "profile-programs"
    person.visit("/2fa/app-tokens")
    yield "app-tokens-later"
    person.visit("/2fa/profile").spoil("input[name=id]")
    person.submit("input[name=id]")
    yield "profile-no-program"
    person.submit("input[name=id]")
    yield "profile-program-ended"
