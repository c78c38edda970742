"""A page that shows what an application is told, between bars."""
from base64 import b64encode

from .client import Client

ECHO = "|".join(f'<!--#echo var="{name}" -->' for name in (
    "REMOTE_USER", "CP2FA_USER", "CP2FA_REALM", "CP2FA_AMR",
    "CP2FA_AUTH_TIME", "AUTH_TYPE", "HTTP_COOKIE", "HTTP_TWOFACTOR_TOKEN"))
SSI = """
<Directory "${DOCS}">
    Options +IncludesNoExec +MultiViews
    AddOutputFilter INCLUDES .shtml
    AllowOverride AuthConfig
</Directory>
KeepAliveTimeout 60
MaxKeepAliveRequests 0
"""
USER, REALM, AMR, SINCE, TYPE, COOKIE, TOKEN = range(1, 8)


def start(httpd, *folders):
    """Serves the page in the root, and in these folders."""
    for folder in ("", *folders):
        httpd.write(folder + "echo.shtml", ECHO)
    httpd.start()
    Client(httpd).get("/")      # it accepts before it has read its keys
    return httpd


def shown(said, position):
    return said.body.split("|")[position]


def basic(name, password):
    """The field of these credentials."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()
