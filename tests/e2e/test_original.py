"""What the Clusterpoint console's users had: its every sentence, in a browser.

Each test is named after one. The site is the demo's console, behind the
module's log-in page, and its mail goes to an SMTP server.
"""
import re
import shutil
import tempfile
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from cp2fa import pageuser
from cp2fa.clock import Clock
from cp2fa.consoleuser import (ASK_FOR_IT, DISABLE, ENABLE, LOST, Person,
                               Site)
from cp2fa.database import Database
from cp2fa.httpd import REPO, Httpd
from cp2fa.mailbox import text_of, token_in
from cp2fa.pageuser import PASSWORD
from cp2fa.smtp import SmtpServer
from cp2fa.visitor import APP_LINK

# a second console on the same server, whose directory knows the addresses
SECOND = """
Alias "/b/2fa" "${CP2FA_HTDOCS}"
<Location "/b/2fa">
    TwoFactorPages on
    Options IncludesNoExec MultiViews
</Location>
""" + pageuser.guard(where="/", realm="Cloud console") + pageuser.guard(
    'TwoFactorPath "/b/2fa"', 'TwoFactorEmail "%{REMOTE_USER}@work.example"',
    where="/b", realm="Second console") + "KeepAlive Off\n"


@pytest.fixture(scope="module")
def site(workshop, certificate, module):
    smtp = SmtpServer(certificate)
    httpd = Httpd(tempfile.mkdtemp(prefix="httpd-", dir=workshop),
                  certificate)
    httpd.configure(SECOND, f'TwoFactorMail "smtp://localhost:{smtp.port}'
                            f'?ca={certificate.path}"')
    for folder in ("docs", "docs/b"):
        shutil.copytree(REPO / "demo/console", httpd.root / folder,
                        dirs_exist_ok=True)
    clock = Clock(httpd.root)
    with clock.worn():
        httpd.start()
    yield Site(httpd, clock, smtp)
    httpd.stop()
    smtp.stop()
    assert httpd.log.errors() == []


@pytest.fixture(scope="module")
def browsers(site):
    """A list of all; starting one takes long, so tests share them."""
    made = []
    yield made
    for browser in made:
        browser.close()


@pytest.fixture()
def at_browser(site, browsers):
    """Sits somebody down at a browser that nobody uses in this test."""
    used = []

    def sit_down(*who):
        if len(used) == len(browsers):
            browsers.append(Person(site))
        used.append(browsers[len(used)])
        return used[-1].become(*who)

    return sit_down


@pytest.fixture()
def newcomer(site, at_browser):
    """Makes people who have logged in by password, the only factor yet."""
    return lambda console="": at_browser(
        pageuser.newcomer(site.httpd).name, console).log_in()


@pytest.fixture()
def again(at_browser):
    """The same person at another browser; the phone comes along."""
    return lambda person, console=None: at_browser(
        person.name, person.console if console is None else console,
        person.app)


@pytest.fixture()
def anna(newcomer):
    return newcomer()


@pytest.fixture()
def owner(anna):
    """Has enabled it, and registered an address; is logged in."""
    anna.enable()
    anna.address = anna.register()
    return anna


@pytest.fixture()
def without_phone(again, owner):
    """The owner at a new browser, after the password."""
    other = again(owner).log_in()
    assert other.heading == "Enter your PIN"
    return other


def test_press_enable_2_factor_authentication_in_my_profile(anna):
    assert (anna.path, anna.heading) == ("/index.html", "Databases")
    anna.press("My Profile")
    assert (anna.path, anna.heading) == ("/2fa/profile", "My Profile")
    assert "2-factor authentication is off" in anna.text
    assert anna.control(ENABLE).tag_name == "button"
    assert not anna.has(DISABLE)
    anna.press(ENABLE)
    assert anna.heading == "Set up your authenticator app"
    assert "Nothing changes until you have entered a PIN" in anna.text


def test_scan_a_qr_code_with_google_authenticator(anna):
    """ENR-05: by a camera that has only the picture on the screen."""
    anna.press("My Profile")
    anna.press(ENABLE)
    assert "Scan this QR code" in anna.text
    assert "Google Authenticator" in anna.text
    scanned = urlsplit(anna.read_qr())
    said = {k: v for k, [v] in parse_qs(scanned.query).items()}
    assert (scanned.scheme, scanned.netloc) == ("otpauth", "totp")
    assert unquote(scanned.path) == f"/Cloud console:{anna.name}"
    assert said["issuer"] == "Cloud console"
    assert re.fullmatch("[A-Z2-7]{32}", said["secret"])
    # what Google Authenticator knows, whatever else it is told
    assert said.get("algorithm", "SHA1") == "SHA1"
    assert (said.get("digits", "6"), said.get("period", "30")) == ("6", "30")
    # and who can't scan it types the very same in
    assert scanned.geturl() == anna.control(APP_LINK).get_attribute("href")
    assert said["secret"] == anna.one("code.key").text.replace(" ", "")


def test_confirm_with_a_6_digit_pin(again, anna):
    """ENR-02."""
    anna.scan()
    assert "Confirm with a PIN" in anna.text
    label = anna.one("label[for=token]").text
    assert label.startswith("Enter the 6-digit PIN")
    for pin in (anna.app.pin()[:5], anna.app.wrong_pin()):
        anna.enter(pin, "Submit")
        assert anna.status() == 422
        assert anna.alert.startswith("PIN isn't valid")
        # it is not on before it is confirmed
        assert again(anna).log_in().heading == "Databases"

    pin = anna.app.pin()
    assert re.fullmatch("[0-9]{6}", pin)
    anna.enter(pin, "Submit")
    assert anna.heading == "Save your recovery codes"
    anna.press("I have saved them")
    assert anna.heading == "My Profile"
    assert "2-factor authentication is on" in anna.text
    assert anna.has(DISABLE) and not anna.has(ENABLE)


def test_from_then_on_the_log_in_asks_for_user_name_and_password(again, anna):
    anna.enable()
    other = again(anna)
    assert not other.is_in()
    assert (other.asks(), other.heading) == ("login", "Log in")
    assert [label.text for label in other.all("label")] == [
        "User name", "Password"]
    assert other.all("input[name=token]") == []     # that is the next page
    other.log_in("not " + PASSWORD)
    assert other.asks() == "login"
    assert other.alert.startswith("User name or password isn't right")


def test_and_on_the_next_page_for_a_token(again, anna):
    app = anna.enable()
    other = again(anna).log_in()
    assert (other.asks(), other.heading) == ("token", "Enter your PIN")
    assert other.focused == other.pin
    assert other.all("input[name=password]") == []
    assert not other.is_in()                # the password alone opens nothing
    assert other.asks() == "token"
    other.enter(app.wrong_pin())
    assert other.alert.startswith("PIN isn't valid")
    other.enter(app.pin())
    assert urlsplit(other.path).path == "/index.html"   # what was asked for
    assert other.heading == "Databases"


def test_who_lost_the_phone_presses_disable_two_factor_auth_there(
        owner, without_phone):
    without_phone.press(ASK_FOR_IT)
    assert (without_phone.asks(), without_phone.heading) == ("bypass", LOST)
    assert without_phone.control(LOST).tag_name == "button"
    # to look at it changes nothing
    assert not without_phone.is_in()
    assert without_phone.asks() == "token"
    assert owner.is_in()


def get_token(person, address):
    person.press(ASK_FOR_IT)
    person.press("Send me a token")
    return person.site.mail(
        address, "Your token to disable two-factor authentication")


def test_gets_a_token_by_e_mail(site, owner, without_phone):
    mailed = get_token(without_phone, owner.address)
    assert without_phone.heading == LOST
    assert "a token is on its way" in without_phone.one("[role=status]").text
    assert f"Hello {owner.name}," in text_of(mailed)
    assert f"{owner.name}, Cloud console" in text_of(mailed)
    assert token_in(mailed) not in without_phone.driver.page_source
    # nothing is off before it is used
    assert not without_phone.is_in()
    assert without_phone.asks() == "token"
    assert owner.is_in()


def test_and_pastes_it_into_the_console(again, site, owner, without_phone):
    """And two-factor auth is off, every session ends, the owner is told."""
    third = again(owner).log_in()
    third.enter(owner.app.pin())
    assert owner.is_in() and third.is_in()
    mailed = get_token(without_phone, owner.address)
    without_phone.paste("nothing of the kind")
    assert without_phone.status() == 422
    assert without_phone.alert.startswith("Token isn't valid")
    assert owner.is_in() and third.is_in()

    without_phone.paste(f"    {token_in(mailed)} ")     # as it is in the mail
    assert without_phone.asks() == "login"      # this session, too, is over
    without_phone.type_password()
    assert without_phone.heading == "My Profile"
    assert "2-factor authentication is off" in without_phone.text
    assert without_phone.has(ENABLE) and not without_phone.has(DISABLE)
    for session in (owner, third):
        assert not session.is_in()
        assert session.asks() == "login"
    assert "All sessions were ended" in " ".join(text_of(site.mail(
        owner.address, "Two-factor authentication was disabled by e-mail"
    )).split())
    assert again(owner).log_in().heading == "Databases"


def test_and_every_registered_address_is_told(again, site, newcomer):
    """ENR-10: the directory's; one registered before it was asked hears of
    that."""
    ben = newcomer("/b")
    ben.enable()
    assert Database(site.httpd).tell(
        "UPDATE cp2fa_account SET email = ? WHERE name = ? AND realm = ?",
        f"{ben.name}@home.example", ben.name, "Second console") == 1
    other = again(ben).log_in()
    mailed = get_token(other, f"{ben.name}@work.example")
    other.paste(token_in(mailed))
    assert site.mail(f"{ben.name}@work.example",
                     "Two-factor authentication was disabled by e-mail")
    assert site.mail(f"{ben.name}@home.example",
                     "A new e-mail address is registered for your account")
    assert not any(token_in(mailed) in text_of(m) for m in site.smtp.messages
                   if m["To"] == f"{ben.name}@home.example")


def test_or_one_press_in_my_profile_disables_it(again, site, owner):
    """ENR-10."""
    owner.visit("/index.html").press("My Profile")
    owner.press(DISABLE)
    assert owner.heading == "My Profile"
    assert "2-factor authentication is off" in owner.text
    assert "your password alone is enough" in owner.one("[role=status]").text
    assert owner.has(ENABLE) and not owner.has(DISABLE)
    assert site.mail(owner.address, "Two-factor authentication is off")
    assert again(owner).log_in().heading == "Databases"


@pytest.mark.parametrize("seconds", [-180, 180])
def test_a_device_clock_may_be_3_minutes_off(again, anna, seconds):
    """OTP-06."""
    app = anna.enable(off=seconds)
    other = again(anna).log_in()
    other.enter(app.pin())
    assert other.heading == "Databases"


@pytest.mark.parametrize("seconds", [-210, 210])
def test_a_device_clock_more_than_that_off_is_told(again, anna, seconds):
    """OTP-06."""
    anna.scan(off=seconds)
    anna.enter(anna.app.pin(), "Submit")
    assert_told_of_the_clock(anna)
    # it was put right, and went wrong after that
    anna.app.off = 0
    anna.enter(anna.app.pin(), "Submit")
    assert anna.heading == "Save your recovery codes"
    other = again(anna).log_in()
    anna.app.off = seconds
    anna.site.clock.move(300)       # PINs of the past were not used yet
    other.enter(anna.app.pin())
    assert_told_of_the_clock(other)
    assert not other.is_in()
    anna.app.off = 0
    other.enter(anna.app.pin())
    assert other.heading == "Databases"


def assert_told_of_the_clock(person):
    assert person.status() == 422
    assert person.alert.startswith("PIN isn't valid")
    assert "within 3 minutes of the correct time" in person.alert


def test_several_accounts_have_separate_codes(again, newcomer, anna):
    """Two people at one console, and one person at two."""
    ben = newcomer()
    there = again(anna, console="/b").log_in()
    people = {"Anna": anna, "Ben": ben, "Anna there": there}
    for person in people.values():
        person.enable()
    assert len({person.app.secret for person in people.values()}) == 3
    for person in people.values():
        other = again(person).log_in()
        for foreign in people.values():
            if foreign is not person:
                other.enter(foreign.app.pin())
                assert other.status() == 422
                assert other.alert.startswith("PIN isn't valid")
        other.enter(person.app.pin())
        assert other.heading == "Databases"
