"""An account's states, and what each allows: a table, row by row.

    none      nobody with that name has enrolled
    pending   an enrolment was begun and not confirmed
    enabled   one device, and a session that passed
    two       the same with a second device
    stale     enabled, and the last token is older than TwoFactorStepUp
    partial   enabled, and this browser has shown the password alone
    locked    partial, and the factor has locked
"""
import pytest

from cp2fa.client import dump
from cp2fa.clock import Clock, Phone
from cp2fa.codes import PAGE, codes_on
from cp2fa.database import Database
from cp2fa.httpd import Httpd
from cp2fa.people import another, guard, name_of, newcomer, serve

PROFILE = "/2fa/profile"
MODES = ("optional", "required")
STATES = ("none", "pending", "enabled", "two", "stale", "partial", "locked")
ACTIONS = ("enable", "confirm", "cancel", "token", "recover", "new-codes",
           "remove", "disable", "logout")

# What each action leads to, and the state after it: "page state". A number is
# a refusal, which must leave the account as it was. None: can't be tried.
OPTIONAL = {
    #             none                pending
    #             enabled             two
    #             stale               partial
    #             locked
    "enable": ("enroll pending", "enroll pending", "enroll enabled",
               "enroll two", "token enabled", 403, 403),
    "confirm": (422, "recovery-codes enabled", 422, 422, 422, 403, 403),
    "cancel": ("profile none", "profile none", "profile enabled",
               "profile two", "profile enabled", 403, 403),
    "token": ("profile none", "profile pending", "profile enabled",
              "profile two", "profile enabled", "profile enabled", 429),
    "recover": ("profile none", "profile pending", "profile enabled",
                "profile two", "profile enabled", "profile enabled",
                "profile enabled"),
    "new-codes": (422, 422, "recovery-codes enabled", "recovery-codes two",
                  "token enabled", 403, 403),
    "remove": (422, 422, "profile none", "profile enabled", "token enabled",
               403, 403),
    "disable": ("profile none", "profile none", "profile none",
                "profile none", "token enabled", 403, 403),
    "logout": ("signed-out none", "signed-out pending", "signed-out enabled",
               "signed-out two", "signed-out enabled", "signed-out enabled",
               "signed-out locked"),
}
# where it is required, only what differs
REQUIRED = {
    "cancel": ("profile none", "profile none"),
    "token": ("profile none", "profile pending"),
    "new-codes": (403, 403),
    "remove": (403, 403, 403),
    "disable": (403, 403, 403, 403),
}


def expected(mode, state, action):
    row = OPTIONAL[action]
    at = STATES.index(state)
    if mode == "required" and at < len(REQUIRED.get(action, ())):
        return REQUIRED[action][at]
    return row[at]


class Account:
    """One in a given state, and the browser that acts."""

    def __init__(self, httpd, clock, state):
        self.clock = clock
        self.database = Database(httpd)
        self.browser = newcomer(httpd)
        self.phone = Phone("A" * 32)
        self.codes = ["00000-00000-00000-00000-00000"]
        self.device = "0" * 32
        getattr(self, "be_" + state)()

    def be_none(self):
        self.browser.get("/2fa/enroll")

    def be_pending(self):
        profile = self.browser.get(PROFILE).status_code == 200
        self.browser.post_form("/2fa/enable", {},
                               on=PROFILE if profile else "/2fa/enroll")
        link = self.browser.page("/2fa/enroll").link("otpauth://")
        self.phone = Phone(link.split("secret=")[1].split("&")[0])

    def be_enabled(self):
        self.be_pending()
        self.confirm()
        self.codes = codes_on(self.browser.get(PAGE))
        self.device = self.devices()[0]
        self.clock.move(60)

    def be_two(self):
        self.be_enabled()
        csrf = self.csrf()
        self.browser.post("/2fa/enable", {"csrf": csrf, "name": "tablet"})
        link = self.browser.page("/2fa/enroll").link("otpauth://")
        tablet = Phone(link.split("secret=")[1].split("&")[0])
        self.browser.post("/2fa/enroll", {
            "csrf": csrf, "token": tablet.code(self.clock.step())})

    def be_stale(self):
        self.be_enabled()
        self.clock.move(601)

    def be_partial(self):
        self.be_enabled()
        self.browser = another(self.browser)

    def be_locked(self):
        self.be_partial()
        for _ in range(3):
            self.act("token", token=self.phone.wrong(self.clock.step()))
        self.clock.move(3600)

    def devices(self):
        return [row[0] for row in
                self.database.devices(name_of(self.browser))]

    def csrf(self):
        """Of whichever page this state lets the browser see."""
        for page in ("profile", "enroll", "token"):
            answer = self.browser.get(f"/2fa/{page}")
            if answer.status_code == 200:
                return answer.text.split('name="csrf" value="')[1][:64]
        raise AssertionError(dump(answer))

    def confirm(self):
        return self.act("enroll", token=self.phone.code(self.clock.step()))

    def act(self, address, **fields):
        return self.browser.post(f"/2fa/{address}",
                                 {"csrf": self.csrf(), **fields})

    def do(self, action):
        code = self.phone.code(self.clock.step())
        return {
            "enable": lambda: self.act("enable"),
            "confirm": self.confirm,
            "cancel": lambda: self.act("enroll/cancel"),
            "token": lambda: self.act("token", token=code),
            "recover": lambda: self.act("recovery", code=self.codes[0]),
            "new-codes": lambda: self.act("recovery-codes"),
            "remove": lambda: self.act("disable", device=self.device),
            "disable": lambda: self.act("disable"),
            "logout": lambda: self.act("logout"),
        }[action]()

    def state(self):
        """By what the database says."""
        name = name_of(self.browser)
        if self.database.ask("SELECT 1 FROM cp2fa_account WHERE name = ?"
                             " AND locked_at > 0", name):
            return "locked"
        count = len(self.devices())
        if count == 0 and self.database.devices(name, "pending"):
            return "pending"
        return ("none", "enabled", "two")[count]


@pytest.fixture(scope="module")
def clock(workshop):
    return Clock(workshop)


@pytest.fixture(scope="module", params=MODES)
def place(request, workshop, certificate, clock):
    httpd = Httpd(workshop / f"states-{request.param}", certificate,
                  guard("TwoFactorFailureLimit 3 1h", mode=request.param))
    with clock.worn():
        serve(httpd)
    yield request.param, httpd
    httpd.stop()
    assert httpd.log.errors() == []


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_an_account_goes_where_the_table_says(place, clock, state, action):
    mode, httpd = place
    account = Account(httpd, clock, state)
    before = account.state()
    wanted = expected(mode, state, action)
    answer = account.do(action)
    if isinstance(wanted, int):
        assert answer.status_code == wanted, dump(answer)
        assert account.state() == before
    else:
        page, after = wanted.split()
        assert answer.status_code == 303, dump(answer)
        path = answer.headers["Location"].split("?")[0]
        assert path == f"/2fa/{page}"
        assert account.state() == after


def test_the_table_is_whole():
    assert set(OPTIONAL) == set(ACTIONS) >= set(REQUIRED)
    assert all(len(row) == len(STATES) for row in OPTIONAL.values())
