"""A site like the one two-factor auth was asked for: a cloud console.

Its fixtures are in conftest.py: `httpd` runs it with a `backend` behind
/app/, `alice` has both factors, `stranger` knows no more than her password.
"""
from .client import Client, dump
from .httpd import USERS

CONFIG = """
<Directory "${DOCS}">
    Options +ExecCGI +IncludesNoExec
    AddHandler cgi-script .cgi
    AddOutputFilter INCLUDES .shtml
</Directory>
<Location "/">
    AuthType Basic
    AuthName "Cloud console"
    AuthBasicProvider file
    AuthUserFile conf/users
    Require valid-user
    TwoFactor optional
</Location>
<Location "/required/">
    TwoFactor required
</Location>
# another realm, with pages of its own
Alias "/2fa-elsewhere" "${CP2FA_HTDOCS}"
<Location "/2fa-elsewhere">
    AuthName "Another console"
    TwoFactorPages on
    TwoFactorPath "/2fa-elsewhere"
    Options IncludesNoExec MultiViews
</Location>
<Location "/elsewhere/">
    AuthName "Another console"
    TwoFactor required
    TwoFactorPath "/2fa-elsewhere"
</Location>
<Location "/off/">
    TwoFactor off
</Location>
<Location "/public/">
    TwoFactor off
    Require all granted
</Location>
ProxyPass "/app/" "${BACKEND}/"
"""

# what an application can see of a request, as JSON
SCRIPT = """#!/usr/bin/python3
import json, os, sys
sys.stdin.read()
print("Content-Type: application/json\\n")
print(json.dumps(dict(os.environ)))
"""
ECHO = """<!--#echo var="CP2FA_USER" -->|<!--#echo var="CP2FA_REALM" -->\
|<!--#echo var="CP2FA_AMR" -->|<!--#echo var="HTTP_COOKIE" -->"""

API = {"Accept": "application/json"}


def write_pages(httpd):
    """The pages of the site: a file, a program and an SSI page."""
    for folder in ("", "required/", "off/", "public/", "elsewhere/"):
        httpd.write(folder + "page.html", "the content")
        httpd.write(folder + "env.cgi", SCRIPT, 0o755)
    httpd.write("echo.shtml", ECHO)


def client_of(httpd, user):
    return Client(httpd, user, USERS[user])


def check_problem(answer, code):
    """An RFC 9457 answer with that code, and nothing of the content."""
    assert answer.status_code == 403, dump(answer)
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["code"] == code
    assert said.get("status", 403) == 403
    assert "the content" not in answer.text
