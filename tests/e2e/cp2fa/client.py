"""A browser without a screen: cookies, forms, and a browser's fields."""
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from .forms import Page
from .oath import Device
from .wire import NAVIGATION

SESSION = "__Host-cp2fa"
PAGES = "/2fa"


class Client:
    """One browser profile of one person on one server."""

    def __init__(self, httpd, user=None, password=None):
        self.httpd = httpd
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(httpd.certificate.path)
        self.http.headers = dict(NAVIGATION)
        if user:
            self.http.auth = (user.encode(), password.encode())

    def url(self, path):
        return urljoin(self.httpd.origin, path)

    def request(self, method, path, headers=None, **more):
        return self.http.request(method, self.url(path), headers=headers,
                                 allow_redirects=False, timeout=30, **more)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, data, headers=None, **more):
        """A form post as a browser sends it from a page of this site."""
        own = {"Origin": self.httpd.origin, "Sec-Fetch-Site": "same-origin",
               "Referer": self.url(path)}
        return self.request("POST", path, data=data,
                            headers={**own, **(headers or {})}, **more)

    def page(self, path, **more):
        """The parsed page of that address, which must answer 200."""
        answer = self.get(path, **more)
        assert answer.status_code == 200, (path, answer.status_code,
                                           answer.headers, answer.text)
        return Page(answer.text)

    def post_form(self, path, fields, *, on=None, csrf=None):
        """Fills in the form for `path` on page `on`, and sends it.

        With csrf no page is fetched, and just these fields are sent.
        """
        if csrf is None:
            form = self.page(on or path).form(urlsplit(path).path)
            fields = {**form.fields, **fields}
        else:
            fields = {"csrf": csrf, **fields}
        return self.post(path, fields)

    # -- what people do on the module's pages ------------------------------

    def enrol(self):
        """Enables two-factor auth for an account that has none."""
        # under "required" the profile is shut, and enroll has the button
        profile = self.get(PAGES + "/profile")
        on = PAGES + ("/profile" if profile.status_code == 200
                      else "/enroll")
        begun = self.post_form(PAGES + "/enable", {"name": "phone"}, on=on)
        assert location(begun).path == PAGES + "/enroll", dump(begun)
        link = self.page(PAGES + "/enroll").link("otpauth://")
        device = Device(parse_qs(urlsplit(link).query)["secret"][0])
        done = self.post_form(PAGES + "/enroll", {"token": device.code()})
        assert done.status_code == 303, dump(done)
        return device

    def login_token(self, code, back=None):
        """Enters a code on the token page; its answer."""
        page = PAGES + "/token"
        if back is not None:
            page += "?" + urlencode({"return": back})
        return self.post_form(PAGES + "/token", {"token": code}, on=page)

    def cookie(self):
        """The session cookie as it is sent: name=value, or None."""
        for kept in self.http.cookies:
            if kept.name == SESSION:
                return f"{kept.name}={kept.value}"
        return None


def location(answer):
    """Where a 303 leads, split; fails on any other status."""
    assert answer.status_code == 303, dump(answer)
    return urlsplit(answer.headers["Location"])


def dump(answer):
    """An answer as text for a failure message."""
    return f"{answer.status_code} {dict(answer.headers)}\n{answer.text}"
