"""A way through every page and state of the demo's log-in page console.

It goes by forms and addresses, not by words, so it is one way for all
languages."""
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from .chrome import Browser
from .codes import NO_CODE
from .database import Database
from .mailbox import Mailbox
from .oath import Device

CONSOLE = "/harbor/"
PAGES = "/harbor/2fa/"
PASSWORD = "correct horse battery staple"
NO_TOKEN = "00000-00000-00000-00000-00000-0"
LONG_DEVICE = "The tablet of the whole family, in the kitchen's drawer"
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 "
    "Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/"
    "605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
]


class Tourist(Browser):
    """Somebody at the demo who reads that language."""

    def __init__(self, demo, language="en", agent=None):
        super().__init__(demo.certificate)
        self.origin = demo.origin
        self.language = language
        self.cdp("Network.enable")
        self.cdp("Network.setExtraHTTPHeaders",
                 headers={"Accept-Language": language})
        if agent:
            self.cdp("Network.setUserAgentOverride", userAgent=agent)

    def visit(self, page, console=PAGES):
        return self.open(self.origin + console + page)

    def send(self, action, nth=0, **fields):
        """Fills in the form with that action and presses its button."""
        for name, value in fields.items():
            field = self.one(f"form[action='{PAGES}{action}'] "
                             f"input[name={name}]:not([type=hidden])")
            field.clear()
            field.send_keys(value)
        self._turn_page(self.all(
            f"form[action='{PAGES}{action}'] button")[nth].click)

    def follow(self, link):
        self._turn_page(self.one(f"main a[href*='{PAGES}{link}']").click)

    def log_in(self, name, password=PASSWORD):
        self.visit("", CONSOLE)
        self.send("login", username=name, password=password)

    def phone(self):
        link = self.one("a.app").get_attribute("href")
        return Device(parse_qs(urlsplit(link).query)["secret"][0])

    def spoil(self):
        self.driver.execute_script(
            "document.querySelectorAll('input[name=csrf]').forEach("
            "e => e.value = '0'.repeat(32))")


def tour(person, demo, name):
    """Goes everywhere as that user, who has a password only; yields the
    names of the states."""
    mail = Mailbox(demo.root / "mail")
    database = Database(SimpleNamespace(state=demo.root / "state",
                                        database=None))
    address = f"{name.split('@')[0]}@example.org"

    def again():
        """As if the wait were over; what was wrong counts."""
        database.tell("UPDATE cp2fa_account SET next_try = 0")

    def forgive():
        """As if nothing had been wrong yet, and no mail asked for."""
        database.tell("UPDATE cp2fa_account SET failures = '',"
                      " next_try = 0, locked_at = 0, mail_times = ''")

    yield from before_log_in(person, name)
    person.log_in(name)
    person.visit("profile")
    yield "profile-off"
    person.visit("recovery-codes")
    yield "recovery-codes-off"
    person.visit("enroll")
    yield "enroll-start"
    person.send("enable")
    yield "enroll"
    phone = person.phone()
    person.send("enroll", token=phone.wrong_code())
    yield "enroll-error"
    person.send("enroll", token=phone.code())
    yield "recovery-codes"
    codes = person.one("pre").text.split()
    person.follow("profile")
    yield "profile-on"

    person.send("email", email=address)
    yield "profile-email-pending"
    person.send("email/confirm", mail_token=NO_TOKEN)
    yield "profile-email-error"
    person.send("email/confirm", mail_token=mail.token(address))
    yield "profile-email-confirmed"
    person.visit("profile")
    person.send("enable", nth=-1, name=LONG_DEVICE)
    person.send("enroll", token=person.phone().code())
    yield "recovery-codes-added"
    for agent in AGENTS:
        with Tourist(demo, agent=agent) as other:
            other.log_in(name)
            other.send("token", token=phone.code())
    person.visit("profile")
    yield "profile-devices-sessions"
    person.send("app-tokens", name="git on my laptop", path="/harbor/repo")
    yield "app-tokens"
    person.follow("profile")
    yield "profile-programs"
    database.tell("DELETE FROM cp2fa_code WHERE account = (SELECT id FROM"
                  " cp2fa_account WHERE name = ?) AND rowid NOT IN (SELECT"
                  " rowid FROM cp2fa_code ORDER BY rowid DESC LIMIT 2)", name)
    person.visit("recovery-codes")
    yield "recovery-codes-few"
    person.visit("profile")
    yield "profile-few-codes"
    person.visit("recovery-codes")
    person.send("recovery-codes")
    codes = person.one("pre").text.split()
    person.visit("nowhere")
    yield "error-404"
    person.visit("profile")
    person.spoil()
    person.send("logout")
    yield "error-403"
    person.visit("profile")
    person.send("logout")
    yield "signed-out"

    forgive()
    yield from without_phone(person, name, phone, codes, again, forgive)
    forgive()
    mails = len(mail.all(address))
    person.visit("bypass")
    yield "bypass"
    person.send("bypass/mail")
    yield "bypass-sent"
    person.send("bypass", mail_token=NO_TOKEN)
    yield "bypass-error"
    forgive()
    token = mail.token(address, mails + 1)
    person.send("bypass", mail_token=token)
    yield "login-bypassed"
    person.visit("profile")
    yield "profile-bypassed"


def before_log_in(person, name):
    person.visit("", CONSOLE)
    yield "login"
    person.send("login", username=name, password="wrong")
    yield "login-error"
    while person.status() != 429:
        person.send("login", username=f"{name}.typo", password="wrong")
    yield "login-slowed"


def without_phone(person, name, phone, codes, again, forgive):
    """The ways in once there is a second factor."""
    person.log_in(name)
    yield "token"
    person.send("token", token=phone.wrong_code())
    yield "token-error"
    while person.status() != 429:
        person.send("token", token=phone.wrong_code())
    yield "token-wait"
    person.follow("recovery")
    while person.status() != 429:       # again, where the wait was over
        person.send("recovery", code=NO_CODE)
    yield "recovery-wait"
    again()
    person.visit("token")
    person.send("token", token=phone.code_far_off())
    yield "token-next"
    forgive()
    person.visit("recovery")
    yield "recovery"
    person.send("recovery", code=NO_CODE)
    yield "recovery-error"
    person.send("recovery", code=codes[0])
    person.visit("profile")
    yield "profile-recovered"
    person.send("logout")
    person.log_in(name)
