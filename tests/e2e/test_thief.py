"""CRY-01: a copy of the database without the key file is of no use."""
import base64
import re
from types import SimpleNamespace

import pytest

from cp2fa.client import location
from cp2fa.clock import begin
from cp2fa.codes import PAGE, codes_on, recover
from cp2fa.database import Database
from cp2fa.mailbox import Mailbox, ask, register
from cp2fa.oath import Device, code_at, now_step
from cp2fa.people import (PASSWORD, another, csrf_of, guard, is_in, name_of,
                          newcomer, serve, session_of)
from cp2fa.thief import Thief, spellings

CROCKFORD = {digit: n for n, digit in
             enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}


def bytes_of(code):
    """Of a recovery code, or a mailed token."""
    bits = "".join(f"{CROCKFORD[digit]:05b}" for digit in
                   code.replace("-", ""))
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits) - 7, 8))


class Steps:
    """A phone's codes, of any step."""

    def __init__(self, device):
        self.code = lambda step: code_at(device.secret, step)


@pytest.fixture(scope="class")
def journey(httpd_of):
    """All that people do, and what is alive of it when the copy is made."""
    httpd = serve(httpd_of(guard()))
    alice = newcomer(httpd)
    used = SimpleNamespace(secrets={}, pins=[])

    def note(name, raw, text=None):
        used.secrets[name] = spellings(raw, text)

    note("password", PASSWORD.encode(), PASSWORD)
    phone = begin(alice)
    note("device", base64.b32decode(phone.secret), phone.secret)
    alice.device = Device(phone.secret)
    used.pins.append(alice.device.code())
    answer = alice.post_form("/2fa/enroll", {"token": used.pins[-1]})
    note("first session", bytes.fromhex(session_of(answer)))
    alice.codes = codes_on(alice.get(PAGE))
    for n, code in enumerate(alice.codes):
        note(f"recovery code {n}", bytes_of(code), code)
    browser = another(alice)
    note("before", bytes.fromhex(session_of(browser.get("/2fa/token"),
                                            "__Host-cp2fa-pre")))
    note("csrf", csrf_of(browser).encode(), csrf_of(browser))
    used.pins.append(alice.device.code())
    answer = browser.login_token(used.pins[-1])
    note("second session", bytes.fromhex(session_of(answer)))
    answer = recover(another(alice), alice.codes[0])
    note("recovered session", bytes.fromhex(session_of(answer)))
    owner = another(alice)
    used.pins.append(alice.device.code())
    location(owner.login_token(used.pins[-1]))
    note("owner's session", bytes.fromhex(owner.cookie().partition("=")[2]))
    csrf = csrf_of(owner, "/2fa/profile")
    note("owner's csrf", csrf.encode(), csrf)
    pending = begin(owner)          # a second phone, half way
    note("pending", base64.b32decode(pending.secret), pending.secret)
    address = register(httpd, alice)
    asked = another(alice)
    ask(asked)
    token = Mailbox(httpd.root / "mail").token(address)
    note("mailed token", bytes_of(token), token)
    httpd.log.expect("CP2FA40")
    (httpd.root / "mail").rename(httpd.root / "away")
    bob = newcomer(httpd)           # whose mail is still in the outbox
    bob.enrol()
    register(httpd, bob)
    ask(another(bob))
    for line in (httpd.state / "cp2fa.key").read_text().splitlines():
        if not line.startswith("#"):
            key = line.split(":")[1]
            note("key", base64.b64decode(key), key)
    assert is_in(owner)
    return SimpleNamespace(httpd=httpd, alice=alice, owner=owner, asked=asked,
                           used=used, token=token)


@pytest.fixture(scope="class")
def database(journey):
    return Database(journey.httpd)


class TestACopyOfTheDatabase:
    """And the thief who has it."""

    def raw(self, journey):
        """Its files as they are, with what was deleted lately."""
        return "\n".join(path.read_bytes().decode("latin-1") for path in
                         journey.httpd.state.glob("cp2fa.db*"))

    def found(self, journey, copy):
        return [name for name, guises in journey.used.secrets.items()
                if any(guise in copy for guise in guises)]

    def test_has_every_kind_of_row_in_it(self, database):
        """CRY-01: else there would be little to find."""
        for kind, sql in {
                "session": "cp2fa_session", "code": "cp2fa_code",
                "asked": "cp2fa_mail_token", "event": "cp2fa_event",
                "queued": "cp2fa_outbox WHERE secret <> ''",
                "active": "cp2fa_device WHERE state = 'active'",
                "pending": "cp2fa_device WHERE state = 'pending'"}.items():
            assert database.ask(f"SELECT * FROM {sql}"), kind

    def test_holds_no_secret_in_any_guise(self, journey, database):
        """CRY-01: raw, hex, base32, base64, in an URL, in either case."""
        assert len(journey.used.secrets) >= 20
        for copy in (database.dump(), self.raw(journey)):
            assert self.found(journey, copy) == []
        for pin in journey.used.pins:
            assert not re.search(rf"(?<!\d){pin}(?!\d)", database.dump())

    @pytest.mark.parametrize("guise", [
        bytes.hex, lambda raw: base64.b64encode(raw).decode(),
        lambda raw: base64.b32encode(raw).decode().lower()],
        ids=["hex", "base64", "base32"])
    def test_is_searched_by_who_finds_what_is_there(
            self, journey, database, guise):
        """CRY-01: a planted secret is seen."""
        raw = base64.b32decode(journey.alice.device.secret)
        copy = database.dump() + f"\nINSERT INTO x VALUES('{guise(raw)}');"
        assert self.found(journey, copy) == ["device"]

    @pytest.fixture(scope="class")
    def values(self, database):
        values = Thief.values_of(database)
        assert len(values) > 60
        return values

    @pytest.fixture(scope="class")
    def thief(self, journey, values):
        return Thief(journey.httpd, values)

    def caught(self, journey, one):
        """A thief whose copy has one thing in plain text."""
        return Thief(journey.httpd, {one, "chaff", "7" * 64})

    def test_gives_no_session(self, journey, thief):
        """CRY-01, SES-01."""
        assert thief.sessions(journey.alice) == []
        plain = journey.owner.cookie().partition("=")[2]
        assert self.caught(journey, plain).sessions(journey.alice) == [plain]

    def test_gives_no_phone(self, journey, thief):
        """CRY-01: nothing in it makes the codes that hers shows."""
        phone, steps = Steps(journey.alice.device), [now_step(), 7, 9999]
        assert len(thief.bytes) > 100
        assert thief.phones(phone, steps) == []
        assert self.caught(journey, journey.alice.device.secret).phones(
            phone, steps) == [base64.b32decode(journey.alice.device.secret)]

    def test_gives_no_token(self, journey, thief):
        """CRY-01: and none of them is taken."""
        step = now_step() + 1
        assert thief.tokens(journey.alice, step) == []
        plain = base64.b32decode(journey.alice.device.secret)
        assert self.caught(journey, plain.hex()).tokens(
            journey.alice, step) == [plain]

    def test_gives_no_form(self, journey, thief):
        """CRY-01."""
        assert thief.forms(journey.owner) == []
        pages = csrf_of(journey.owner, "/2fa/profile")
        assert self.caught(journey, pages).forms(journey.owner) == [pages]

    def test_gives_no_mailed_token(self, journey, thief):
        """CRY-01, MAIL-02: not even in the browser that asked."""
        assert thief.mailed_tokens(journey.asked) == []
        assert len(Database(journey.httpd).devices(
            name_of(journey.alice))) == 1

    def test_gives_no_recovery_code(self, journey, thief):
        """CRY-01, REC-01."""
        assert thief.recovery_codes(journey.alice) == []

    def test_with_a_code_in_it_would_let_in(self, journey):
        """CRY-01: the last of this class; it ends her sessions."""
        code = journey.alice.codes[1]
        assert self.caught(journey, code).recovery_codes(
            journey.alice) == [code]
        assert self.caught(journey, journey.token).mailed_tokens(
            journey.asked) == [journey.token]
