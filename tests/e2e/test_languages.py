"""The pages speak the language that the browser asks for, and no other."""
import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cp2fa.client import Client
from cp2fa.demo import Demo
from cp2fa.httpd import REPO
from cp2fa.oath import Device
from cp2fa.people import alert_of, enrolled, guard, newcomer, serve
from cp2fa.visitor import Visitor

# Accept-Language, and the language that comes
ASKED = {
    "lv": "lv",
    "en": "en",
    "de": "en",
    "lv;q=0.5, en": "en",
    "en;q=0.5, lv": "lv",
    "lv-LV, lv;q=0.9, en;q=0.5": "lv",
    "de, lv;q=0.3": "lv",
    None: "en",
}
OTHER = {"en": "lv", "lv": "en"}
# what every page has, from its fragments: the foot
FOOT = {"en": "Nobody will ever call or write to ask for your PIN.",
        "lv": "Neviens nekad nezvanīs un nerakstīs, lai prasītu jūsu PIN."}
WORDS = {
    "token": {"en": "Enter your PIN", "lv": "Ievadiet PIN"},
    "enroll": {"en": "Set up your authenticator app",
               "lv": "Iestatiet autentifikatora lietotni"},
    "profile": {"en": "My Profile", "lv": "Mans profils"},
    "recovery": {"en": "Use a recovery code",
                 "lv": "Izmantot atkopšanas kodu"},
    "recovery-codes": {"en": "Recovery codes", "lv": "Atkopšanas kodi"},
    "invalid": {"en": "PIN isn't valid", "lv": "PIN nav derīgs"},
    "stale": {"en": "Please try that again",
              "lv": "Lūdzu, mēģiniet vēlreiz"},
    "not-found": {"en": "There is no such page", "lv": "Šādas lapas nav"},
    "code": {"en": "Recovery code isn't valid",
             "lv": "Atkopšanas kods nav derīgs"},
    "out": {"en": "You are logged out", "lv": "Jūs vairs neesat sistēmā"},
    "cancelled": {"en": "Set-up cancelled.", "lv": "Iestatīšana atcelta."},
}


def speak(client, asked):
    """The browser asks for this language from now on, or for none."""
    client.http.headers["Accept-Language"] = asked
    return client


def check(answer, status, language, words):
    """The page is in the language, all of it, and caches are told."""
    assert answer.status_code == status
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    vary = re.split(r",\s*", answer.headers["Vary"].lower())
    assert "accept-language" in vary
    answer.encoding = "utf-8"
    assert f'<html lang="{language}">' in answer.text
    assert WORDS[words][language] in answer.text
    assert WORDS[words][OTHER[language]] not in answer.text
    assert FOOT[language] in answer.text
    assert FOOT[OTHER[language]] not in answer.text
    assert "[an error occurred" not in answer.text
    assert "<!--#" not in answer.text and "(none)" not in answer.text


@pytest.fixture(scope="class")
def server(httpd_of):
    return serve(httpd_of(guard()))


@pytest.mark.parametrize("asked, language", ASKED.items())
class TestTheLanguageAskedFor:

    @pytest.fixture()
    def fresh(self, server, asked):
        """A browser that speaks it, of an account with no second factor."""
        return speak(newcomer(server), asked)

    @pytest.fixture()
    def owner(self, server, asked):
        return speak(enrolled(server), asked)

    @pytest.fixture()
    def stranger(self, owner, asked):
        """The password of an enrolled account, and no PIN yet."""
        name, password = (p.decode() for p in owner.http.auth)
        other = speak(Client(owner.httpd, name, password), asked)
        other.device = owner.device
        return other

    def test_on_the_profile(self, fresh, owner, language):
        check(fresh.get("/2fa/profile"), 200, language, "profile")
        check(owner.get("/2fa/profile"), 200, language, "profile")
        check(owner.get("/2fa/recovery-codes"), 200, language,
              "recovery-codes")

    def test_on_the_page_of_the_qr_code_and_its_errors(self, fresh, language):
        fresh.post_form("/2fa/enable", {"name": "phone"}, on="/2fa/profile")
        check(fresh.get("/2fa/enroll"), 200, language, "enroll")
        wrong = fresh.post_form("/2fa/enroll", {"token": "12"})
        check(wrong, 422, language, "enroll")
        assert alert_of(wrong).startswith(WORDS["invalid"][language])
        stale = fresh.post_form("/2fa/enroll", {"token": "123456"},
                                csrf="stale")
        check(stale, 403, language, "stale")
        fresh.post_form("/2fa/enroll/cancel", {}, on="/2fa/enroll")
        check(fresh.get("/2fa/profile?notice=cancelled"), 200, language,
              "cancelled")

    def test_on_the_token_page_and_its_errors(self, stranger, language):
        check(stranger.get("/2fa/token"), 200, language, "token")
        malformed = stranger.login_token("12")
        check(malformed, 422, language, "token")
        assert alert_of(malformed).startswith(WORDS["invalid"][language])
        wrong = stranger.login_token(stranger.device.wrong_code())
        check(wrong, 422, language, "invalid")
        for _ in range(5):
            if wrong.status_code == 429:
                break
            wrong = stranger.login_token(stranger.device.wrong_code())
        check(wrong, 429, language, "invalid")
        assert re.search({
            "en": r"Please wait \d+ seconds? before the next try\.",
            "lv": r"Nākamais mēģinājums ir iespējams pēc"
                  r" (\d*1 sekundes|\d+ sekundēm)\."}[language],
            alert_of(wrong)), alert_of(wrong)

    def test_on_the_page_of_recovery_codes(self, stranger, language):
        check(stranger.get("/2fa/recovery"), 200, language, "recovery")
        wrong = stranger.post_form("/2fa/recovery", {"code": "wrong"})
        check(wrong, 422, language, "code")

    def test_on_the_error_page(self, owner, language):
        check(owner.get("/2fa/nowhere"), 404, language, "not-found")

    def test_after_leaving(self, owner, language):
        left = owner.post_form("/2fa/logout", {}, on="/2fa/profile")
        check(left if left.status_code == 200
              else owner.get("/2fa/signed-out"), 200, language, "out")


class TestNumbers:
    """21 seconds are a singular in Latvian, 11 are not."""

    @pytest.mark.parametrize("seconds, words", [
        (1, "1 sekundes"), (2, "2 sekundēm"), (11, "11 sekundēm"),
        (21, "21 sekundes"), (111, "111 sekundēm"), (30, "30 sekundēm"),
        (1201, "1201 sekundes (līdz 40 minūtēm)")])
    def test_of_seconds(self, httpd_of, workshop, seconds, words):
        httpd = httpd_of('<Directory "${DOCS}">\nOptions +IncludesNoExec\n'
                         "AddType text/html .lv\nAddLanguage lv .lv\n"
                         "AddOutputFilter INCLUDES .lv\n</Directory>\n"
                         f"SetEnv CP2FA_RETRY_AFTER {seconds}")
        wait = (REPO / "htdocs/_wait.shtml.lv").read_text()
        httpd.write("wait.lv", wait)
        httpd.start()
        answer = Client(httpd).get("/wait.lv")
        answer.encoding = "utf-8"
        assert answer.text.strip() == words


WIDTHS = [320, 390]
PICTURES = os.environ.get("CP2FA_PICTURES")      # a folder for them


class TestOnAPhone:
    """The longer words of Latvian fit on a narrow screen."""

    def test_no_page_scrolls_sideways(self, workshop, module):
        with Demo(workshop) as demo, Visitor(
                demo.origin, demo.user, demo.password,
                demo.certificate) as visitor:
            visitor.cdp("Network.enable")
            visitor.cdp("Network.setExtraHTTPHeaders",
                        headers={"Accept-Language": "lv"})
            wide = {}

            def look(name):
                assert visitor.one("html").get_attribute("lang") == "lv"
                if PICTURES:
                    visitor.look(390, 844)
                    Path(PICTURES, name + ".png").write_bytes(
                        visitor.picture())
                for width in WIDTHS:
                    visitor.look(width, 800)
                    if visitor.overflow():
                        wide[name, width] = visitor.overflow()

            visitor.visit("/2fa/profile")
            look("profile-off")
            visitor.press("Ieslēgt divu faktoru autentifikāciju")
            look("enroll")
            visitor.pin.click()
            visitor.type_pin("12")
            assert visitor.alert.startswith("PIN nav derīgs")
            look("enroll-error")
            visitor.press("Atcelt")
            look("cancelled")
            visitor.visit("/2fa/nowhere")
            look("error")
            visitor.visit("/2fa/profile").press(
                "Ieslēgt divu faktoru autentifikāciju")
            link = visitor.one("a.app").get_attribute("href")
            phone = Device(parse_qs(urlsplit(link).query)["secret"][0])
            visitor.pin.click()
            visitor.type_pin(phone.code())
            look("codes")
            visitor.visit("/2fa/profile")
            look("profile-on")
            visitor.press("Iziet")
            look("signed-out")
            visitor.press("Pieteikties vēlreiz")
            look("token")
            visitor.type_pin(phone.wrong_code())
            look("token-error")
            visitor.press("Izmantot atkopšanas kodu")
            look("recovery")
            assert wide == {}
