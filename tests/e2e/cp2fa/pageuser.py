"""Who logs in on the module's own page: AuthType TwoFactor.

`guard` is a location with it, `visitor` a browser that has not said yet who
it is; `log_in` types user name and password.
"""
from urllib.parse import urlencode

from .client import Client, location
from .forms import Page
from .people import _numbers
from .wire import NAVIGATION

GUARD = """
<Location "{where}">
    AuthType TwoFactor
    AuthName "{realm}"
    TwoFactorProvider {providers}
    AuthUserFile conf/users
    Require valid-user
    TwoFactor {mode}
{more}
</Location>
"""
PASSWORD = "correct horse"
API = {"Accept": "application/json", "Sec-Fetch-Mode": None}


def guard(*more, where="/", realm="Cloud console", mode="optional",
          providers="file"):
    return GUARD.format(where=where, realm=realm, mode=mode,
                        providers=providers,
                        more="\n".join("    " + line for line in more))


class Visitor(Client):
    """A browser; `pages` is where its realm's pages are."""

    def __init__(self, httpd, name=None, password=PASSWORD, pages="/2fa",
                 address=None):
        super().__init__(httpd)
        self.name = name
        self.password = password
        self.pages = pages
        if address:
            self.http.headers = {**NAVIGATION, "X-Forwarded-For": address}

    def log_in(self, password=None, name=None, back=None):
        """Fills in the log-in page; its answer."""
        page = self.pages + "/login"
        if back is not None:
            page += "?" + urlencode({"return": back})
        return self.post_form(self.pages + "/login", {
            "username": self.name if name is None else name,
            "password": self.password if password is None else password,
        }, on=page)

    def session(self, name="__Host-cp2fa"):
        """The value of its session cookie, or None."""
        return self.http.cookies.get(name)

    def log_out(self):
        return self.post_form(self.pages + "/logout", {},
                              on=self.pages + "/profile")


def newcomer(httpd, **more):
    """A visitor with an account that has never been seen."""
    name = f"user{next(_numbers)}"
    httpd.set_password(name, PASSWORD)
    return Visitor(httpd, name, **more)


def again(visitor, **more):
    """The same person at another browser."""
    other = Visitor(visitor.httpd, visitor.name, visitor.password,
                    visitor.pages, **more)
    other.device = getattr(visitor, "device", None)
    return other


def enrolled(httpd, **more):
    """A newcomer who has enabled two-factor auth; `.device` is the phone."""
    visitor = newcomer(httpd, **more)
    location(visitor.log_in())
    visitor.device = visitor.enrol()
    return visitor


def words(answer):
    """The alert's words of an answer."""
    return " ".join((Page(answer.text).alert or "").split())
