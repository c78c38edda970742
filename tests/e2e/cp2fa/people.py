"""Who asks, of a server whose whole virtual host is guarded.

console.py is a whole site; most tests need one location and one account that
nobody has used before.
"""
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from .client import Client
from .forms import Page

GUARD = """
<Location "{where}">
    AuthType Basic
    AuthName "{realm}"
    AuthBasicProvider file
    AuthUserFile conf/users
    Require valid-user
    TwoFactor {mode}
{more}
</Location>
"""
PASSWORD = "correct horse"
HINT = "3 minutes"
_numbers = itertools.count(1)


def guard(*more, mode="optional", where="/", realm="Cloud console"):
    """A <Location> with the guard and these directives in it."""
    return GUARD.format(where=where, realm=realm, mode=mode,
                        more="\n".join("    " + line for line in more))


def serve(httpd):
    """Starts it with one page to protect: /page.html, "the content"."""
    httpd.write("page.html", "the content")
    httpd.start()
    Client(httpd).get("/")      # it accepts before it has read its keys
    return httpd


def newcomer(httpd, name=None, password=PASSWORD):
    """A browser of an account that has never been seen."""
    name = name or f"user{next(_numbers)}"
    httpd.set_password(name, password)
    return Client(httpd, name, password)


def enrolled(httpd, name=None):
    """A newcomer who has enabled two-factor auth; `.device` is the phone."""
    client = newcomer(httpd, name)
    client.device = client.enrol()
    return client


def another(client, httpd=None):
    """Another browser with the same password; the phone comes along."""
    name, password = (part.decode() for part in client.http.auth)
    other = Client(httpd or client.httpd, name, password)
    other.device = getattr(client, "device", None)
    return other


def name_of(client):
    return client.http.auth[0].decode()


def csrf_of(client, page="/2fa/token"):
    """The token of that page's form."""
    return client.page(page).forms[0].fields["csrf"]


def is_in(client):
    """Whether the browser sees the content."""
    answer = client.get("/page.html")
    assert answer.status_code in (200, 303), answer
    assert (answer.status_code == 200) == (answer.text == "the content")
    return answer.status_code == 200


def alert_of(answer):
    """The alert's words, blanks as a reader sees them, or ''."""
    return " ".join((Page(answer.text).alert or "").split())


def session_of(answer, name="__Host-cp2fa"):
    """The value of the session cookie that this answer sets, or None."""
    for field in answer.raw.headers.getlist("Set-Cookie"):
        pair = field.split(";")[0]
        if pair.startswith(name + "=") and pair != name + "=":
            return pair.partition("=")[2]
    return None


def together(calls, threads=50):
    """Runs the calls at the same time; their results, in order."""
    with ThreadPoolExecutor(min(threads, len(calls))) as pool:
        return [done.result()
                for done in [pool.submit(call) for call in calls]]


def wait_until(true, seconds=30):
    """Asks again and again; whether it came true in time. What was asked in
    time but answered late, by a busy machine, is asked once more."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())
