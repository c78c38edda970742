"""A program with an application token: curl, git, a network drive."""
import requests

from .client import Client, location
from .people import name_of
from .wire import Request

MAKE = "/2fa/app-tokens"
JSON = {"Accept": "application/json"}


def ask(client, name="git", path="/", expires="90d"):
    """Fills in the form in My Profile; its answer."""
    return client.post_form(MAKE, {"name": name, "path": path,
                                   "expires": expires}, on="/2fa/profile")


def token_of(client, **more):
    """A new token of that person, as text."""
    assert location(ask(client, **more)).path == MAKE
    return client.get(MAKE, headers=JSON).json()["app_token"]


def listed(client):
    """Their tokens, as My Profile lists them."""
    return client.get("/2fa/profile", headers=JSON).json()["app_tokens"]


def one_called(client, name):
    return next(one for one in listed(client) if one["name"] == name)


def revoke(client, name):
    return client.post(MAKE + "/end", {
        "csrf": client.get("/2fa/profile", headers=JSON).json()["csrf"],
        "id": one_called(client, name)["id"]})


class Program(Client):
    """Something without cookies that shows one token, with a name or not."""

    def __init__(self, httpd, token, user=None, scheme="Bearer"):
        super().__init__(httpd)
        self.http.headers = {"User-Agent": "program/1.0"}
        self.http.cookies = requests.cookies.RequestsCookieJar(
            requests.cookies.cookielib.DefaultCookiePolicy(
                allowed_domains=[]))
        if user is None:
            self.http.headers["Authorization"] = f"{scheme} {token}"
        else:
            self.http.auth = (user.encode(), token.encode())


def of(client, token):
    """The program of that person, by Basic."""
    return Program(client.httpd, token, name_of(client))


def raw(token, target, **more):
    """A request for that very target, byte for byte."""
    return Request(target, headers={"Authorization": f"Bearer {token}"},
                   **more)
