"""The folder that TwoFactorMail file: fills, read as mail."""
import email
import email.policy
import re

from .database import Database
from .people import name_of, wait_until

TOKEN = re.compile(r"^ +((?:[0-9A-Z]{5}-){5}[0-9A-Z])$", re.M)


class Mailbox:
    """What has arrived at a server's folder."""

    def __init__(self, folder):
        self.folder = folder

    def all(self, to=None):
        """The messages, the oldest first."""
        found = [self._read(path) for path in
                 sorted(self.folder.glob("[!.]*.eml"),
                        key=lambda path: (path.stat().st_mtime_ns,
                                          path.name))]
        return [m for m in found if to is None or m["To"] == to]

    @staticmethod
    def _read(path):
        return email.message_from_bytes(path.read_bytes(),
                                        policy=email.policy.default)

    def wait(self, count, to=None):
        """That many messages, as soon as they are there. A courier who found
        the database busy rests for ten seconds."""
        assert wait_until(lambda: len(self.all(to)) >= count), [
            (m["To"], m["Subject"]) for m in self.all()]
        return self.all(to)

    def token(self, to, count=1):
        """The token in the newest of that many messages."""
        return token_in(self.wait(count, to)[-1])


def token_in(message):
    return TOKEN.search(text_of(message))[1]


def text_of(message):
    """Its words, with the line ends of Python."""
    return message.get_content().replace("\r\n", "\n")


# -- what people do -----------------------------------------------------------

def register(httpd, client):
    """Gives the account a registered address; that address."""
    address = f"{name_of(client)}@example.org"
    assert Database(httpd).tell(
        "UPDATE cp2fa_account SET email = ? WHERE name = ?",
        address, name_of(client)) == 1
    return address


def ask(browser):
    return browser.post_form("/2fa/bypass/mail", {}, on="/2fa/bypass")


def redeem(browser, token):
    return browser.post_form("/2fa/bypass", {"mail_token": token})
