"""An account's states, and what each allows: a table, row by row.

    none      nobody with that name has enrolled
    pending   an enrolment was begun and not confirmed
    enabled   one device, and a session that passed
    adding    the same, and the enrolment of a second was begun
    two       the same with a second device
    stale     enabled, and the last token is older than TwoFactorStepUp
    partial   enabled, and this browser has shown the password alone
    locked    partial, and the factor has locked
    bypassed  partial, and disabled with a token by mail
"""
import pytest

from cp2fa.client import dump
from cp2fa.clock import Clock, Phone
from cp2fa.codes import PAGE, codes_on
from cp2fa.database import Database
from cp2fa.httpd import Httpd
from cp2fa.mailbox import Mailbox
from cp2fa.people import another, guard, name_of, newcomer, serve

PROFILE = "/2fa/profile"
MODES = ("optional", "required")
STATES = ("none", "pending", "enabled", "adding", "two", "stale", "partial",
          "locked", "bypassed")
ACTIONS = ("enable", "confirm", "cancel", "token", "guess", "recover",
           "new-codes", "remove", "disable", "ask", "redeem", "logout")

# What each action leads to, and the state after it: "page state", or "status
# state". A number is a refusal, which must leave the account as it was.
OPTIONAL = {
    #             none                pending
    #             enabled             adding
    #             two                 stale
    #             partial             locked
    #             bypassed
    "enable": ("enroll pending", "enroll pending", "enroll enabled",
               "enroll enabled", "enroll two", "token enabled", 403, 403,
               "enroll pending"),
    "confirm": (422, "recovery-codes enabled", 422, "recovery-codes two",
                422, 422, 403, 403, 422),
    "cancel": ("profile none", "profile none", "profile enabled",
               "profile enabled", "profile two", "profile enabled", 403, 403,
               "profile none"),
    "token": ("profile none", "profile pending", "profile enabled",
              "profile enabled", "profile two", "profile enabled",
              "profile enabled", 429, "profile none"),
    "guess": ("profile none", "profile pending", "422 locked", "422 locked",
              "422 locked", "422 locked", "422 locked", 429, "profile none"),
    "recover": ("profile none", "profile pending", "profile enabled",
                "profile enabled", "profile two", "profile enabled",
                "profile enabled", "profile enabled", "profile none"),
    "new-codes": (422, 422, "recovery-codes enabled",
                  "recovery-codes enabled", "recovery-codes two",
                  "token enabled", 403, 403, 422),
    "remove": (422, 422, "profile none", "profile none", "profile enabled",
               "token enabled", 403, 403, 422),
    "disable": ("profile none", "profile none", "profile none",
                "profile none", "profile none", "token enabled", 403, 403,
                "profile none"),
    "ask": ("bypass none", "bypass pending", "bypass enabled",
            "bypass enabled", "bypass two", "bypass enabled",
            "bypass enabled", "bypass locked", "bypass none"),
    "redeem": (422, 422, *["profile none"] * 6, 422),
    "logout": ("signed-out none", "signed-out pending", "signed-out enabled",
               "signed-out enabled", "signed-out two", "signed-out enabled",
               "signed-out enabled", "signed-out locked", "signed-out none"),
}
# where it is required, only what differs
REQUIRED = {
    "cancel": {"none": "profile none", "pending": "profile none"},
    "new-codes": dict.fromkeys(("none", "pending", "bypassed"), 403),
    "remove": dict.fromkeys(
        ("none", "pending", "enabled", "adding", "bypassed"), 403),
    "disable": dict.fromkeys(
        ("none", "pending", "enabled", "adding", "two", "bypassed"), 403),
    "redeem": dict.fromkeys(STATES[2:8], "enroll none"),
}

# What the database tells apart, and what may follow on what, by whatever
# action; all other pairs are forbidden.
STORED = ("none", "pending", "enabled", "two", "locked")
FOLLOW = {
    "none": {"pending"},
    "pending": {"none", "enabled"},
    "enabled": {"none", "two", "locked"},
    "two": {"none", "enabled", "locked"},
    "locked": {"none", "enabled"},
}
STORED_AS = {"adding": "enabled", "stale": "enabled", "partial": "enabled",
             "bypassed": "none"}


def expected(mode, state, action):
    usual = OPTIONAL[action][STATES.index(state)]
    if mode == "required":
        return REQUIRED.get(action, {}).get(state, usual)
    return usual


class Account:
    """One in a given state, and the browser that acts."""

    def __init__(self, httpd, clock, state):
        self.clock = clock
        self.database = Database(httpd)
        self.mailbox = Mailbox(httpd.root / "mail")
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

    def be_adding(self):
        self.be_enabled()
        self.browser.post("/2fa/enable", {"csrf": self.csrf(),
                                          "name": "tablet"})
        link = self.browser.page("/2fa/enroll").link("otpauth://")
        self.tablet = Phone(link.split("secret=")[1].split("&")[0])

    def be_two(self):
        self.be_adding()
        self.confirm()

    def be_stale(self):
        self.be_enabled()
        self.clock.move(601)

    def be_partial(self):
        self.be_enabled()
        self.browser = another(self.browser)

    def be_locked(self):
        self.be_partial()
        self.guess()
        self.clock.move(3600)

    def be_bypassed(self):
        self.be_partial()
        assert self.redeem().status_code == 303

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
        app = getattr(self, "tablet", self.phone)
        return self.act("enroll", token=app.code(self.clock.step()))

    def guess(self):
        """As many wrong tokens as lock the factor."""
        for _ in range(3):
            answer = self.act("token",
                              token=self.phone.wrong(self.clock.step()))
        return answer

    def redeem(self):
        """Asks for a token by mail, and pastes it; any, where none comes."""
        name = name_of(self.browser)
        self.database.tell("UPDATE cp2fa_account SET email = ?"
                           " WHERE name = ?", f"{name}@example.org", name)
        self.act("bypass/mail")
        token = (self.mailbox.token(f"{name}@example.org")
                 if self.devices() else "0" * 26)
        return self.act("bypass", mail_token=token)

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
            "guess": self.guess,
            "ask": lambda: self.act("bypass/mail"),
            "redeem": self.redeem,
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
                  guard("TwoFactorFailureLimit 3 30d", mode=request.param))
    httpd.log.expect("CP2FA403: .*too late")    # the clock jumps
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
        return
    page, after = wanted.split()
    if page.isdigit():
        assert answer.status_code == int(page), dump(answer)
    else:
        assert answer.status_code == 303, dump(answer)
        path = answer.headers["Location"].split("?")[0]
        assert path == f"/2fa/{page}"
    assert account.state() == after


def test_the_table_is_whole():
    assert set(OPTIONAL) == set(ACTIONS) >= set(REQUIRED)
    assert all(len(row) == len(STATES) for row in OPTIONAL.values())
    assert all(row.keys() <= set(STATES) for row in REQUIRED.values())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("after", STORED)
@pytest.mark.parametrize("before", STORED)
def test_the_table_leads_from_state_to_state_as_allowed(mode, before, after):
    """Each pair is either reached by a row of the table, or by none."""
    ways = [(state, action) for state in STATES for action in ACTIONS
            if STORED_AS.get(state, state) == before
            and str(expected(mode, state, action)).endswith(" " + after)]
    if before != after:
        assert bool(ways) == (after in FOLLOW[before]), ways
