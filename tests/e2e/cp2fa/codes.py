"""What people do with recovery codes, and what they see of them."""
import re

from .client import dump, location
from .people import newcomer

CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}\b")
NO_CODE = "00000-00000-00000-00000-00000"
PAGE = "/2fa/recovery-codes"


def codes_on(answer):
    """The codes that a page shows as text, in order."""
    assert answer.status_code == 200, dump(answer)
    block = re.search(r"<pre[^>]*>([^<]*)</pre>", answer.text)
    return CODE.findall(block[1]) if block else []


def with_codes(httpd, name=None):
    """A newcomer who enrolled and saved the codes: `.codes`, `.device`."""
    client = newcomer(httpd, name)
    client.device = client.enrol()
    client.codes = codes_on(client.get(PAGE))
    assert len(client.codes) == 10
    return client


def renew(client):
    """Presses "Make new recovery codes"; the codes that are shown then."""
    made = client.post_form(PAGE, {}, on=PAGE)
    assert location(made).path == PAGE
    return codes_on(client.get(PAGE))


def recover(client, code, back=None):
    """Types a code on the recovery page; the answer."""
    page = "/2fa/recovery" + (f"?return={back}" if back else "")
    return client.post_form("/2fa/recovery", {"code": code}, on=page)
