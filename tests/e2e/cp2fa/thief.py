"""Somebody with a copy of the database, without the key file.

He also knows the password of whom he wants to be, and may try as often as he
likes; what he has he tries as everything it might be.
"""
import base64
import binascii
import hashlib
import hmac
import re
from urllib.parse import quote

from .database import Database
from .people import another, csrf_of, session_of

JSON = {"Accept": "application/json"}   # no page is made: three times as fast
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def spellings(raw, text=None):
    """Bytes, and the text they were shown as, in each guise of a dump."""
    found = {raw.hex(), base64.b64encode(raw).decode().rstrip("="),
             base64.urlsafe_b64encode(raw).decode().rstrip("="),
             base64.b32encode(raw).decode().rstrip("="), crockford(raw)}
    if text:
        found |= {text, quote(text, safe=""), text.replace("-", ""),
                  text.replace(" ", "")}
        found |= spellings(text.encode())
    return {guise for one in found
            for guise in (one, one.upper(), one.lower())}


def crockford(raw):
    bits = "".join(f"{byte:08b}" for byte in raw)
    bits += "0" * (-len(bits) % 5)
    return "".join(CROCKFORD[int(bits[i:i + 5], 2)]
                   for i in range(0, len(bits), 5))


def readings(text):
    """What the bytes behind a text may be."""
    yield text.encode()
    for decode in (bytes.fromhex,
                   lambda t: base64.b64decode(t + "=" * (-len(t) % 4)),
                   lambda t: base64.urlsafe_b64decode(
                       t + "=" * (-len(t) % 4)),
                   lambda t: base64.b32decode(t + "=" * (-len(t) % 8))):
        try:
            yield decode(text)
        except (ValueError, binascii.Error):
            pass


def totp(key, step):
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7fffffff) % 10**6:06}"


class Thief:
    """His values, and what each is tried as; each try gives what worked."""

    def __init__(self, httpd, values):
        self.httpd = httpd
        self.texts = set()
        for value in values:
            parts = re.split(r"[.:\s=,]", value)
            self.texts |= {one for one in (value, *parts) if one}
        self.bytes = {raw for text in self.texts for raw in readings(text)}

    @staticmethod
    def values_of(database):
        """Everything in the database, column by column."""
        tables = [name for (name,) in database.ask(
            "SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {str(value) for table in tables
                for row in database.ask(f"SELECT * FROM {table}")
                for value in row}

    def _forgive(self):
        Database(self.httpd).tell("UPDATE cp2fa_account SET failures = '',"
                                  " next_try = 0, locked_at = 0")

    def _ids(self):
        """What can be an id: long enough for one that isn't guessed."""
        return sorted({text for text in self.texts if len(text) >= 16}
                      | {raw.hex() for raw in self.bytes
                         if 16 <= len(raw) <= 64}
                      | {hashlib.sha256(raw).hexdigest()
                         for raw in self.bytes if len(raw) == 32})

    def sessions(self, victim):
        """As the session's cookie, beside the password."""
        browser = another(victim)
        return [one for one in self._ids() if browser.get(
            "/page.html", headers={
                "Cookie": f"__Host-cp2fa={quote(one)}", **JSON}
        ).status_code == 200]

    def phones(self, device, steps):
        """As the secret of a device: it shows the same codes."""
        wanted = [device.code(step) for step in steps]
        return [raw for raw in self.bytes
                if [totp(raw, step) for step in steps] == wanted]

    def tokens(self, victim, step):
        """The same at the door, for what can be a secret by its length."""
        browser = another(victim)
        csrf = csrf_of(browser)
        worked = []
        for raw in sorted(one for one in self.bytes if 16 <= len(one) <= 64):
            self._forgive()
            answer = browser.post("/2fa/token", {
                "csrf": csrf, "token": totp(raw, step)}, JSON)
            if session_of(answer):
                worked.append(raw)
                browser.post("/2fa/logout", {
                    "csrf": csrf_of(browser, "/2fa/profile")})
                browser = another(victim)
                csrf = csrf_of(browser)
        return worked

    def _codes(self, digits):
        """What can be typed as a code of so many digits."""
        for text in self.texts:
            if len(text.replace("-", "")) == digits:
                yield text
        for raw in self.bytes:
            if 15 <= len(raw) <= 32:
                yield crockford(raw)[:digits]

    def recovery_codes(self, victim):
        browser = another(victim)
        csrf = csrf_of(browser, "/2fa/recovery")
        worked = []
        for code in sorted(set(self._codes(25))):
            self._forgive()
            if session_of(browser.post("/2fa/recovery", {
                    "csrf": csrf, "code": code}, JSON)):
                worked.append(code)
                browser = another(victim)
                csrf = csrf_of(browser, "/2fa/recovery")
        return worked

    def mailed_tokens(self, browser):
        """In the very browser that has asked for one."""
        csrf = csrf_of(browser, "/2fa/bypass")
        worked = []
        for token in sorted(set(self._codes(26))):
            self._forgive()
            answer = browser.post("/2fa/bypass", {
                "csrf": csrf, "mail_token": token}, JSON)
            if answer.status_code < 400:
                worked.append(token)
        return worked

    def forms(self, browser):
        """As the token of a form, in the victim's browser."""
        return [one for one in self._ids() if browser.post(
            "/2fa/enroll/cancel", {"csrf": one}, JSON).status_code != 403]
