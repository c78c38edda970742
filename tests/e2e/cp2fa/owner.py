"""Somebody at the log-in page of a console that has a name of its own."""
from .chrome import Browser
from .oath import Device
from .pageuser import PASSWORD
from urllib.parse import parse_qs, urlsplit

HOST = "console.cp2fa.test"
SIBLING = "evil.cp2fa.test"         # same site, another host
STRANGER = "prizes.test"            # another site
SWITCHES = ("--host-resolver-rules=MAP *.test 127.0.0.1",)


class Owner(Browser):
    """Types and presses, and never looks at an address."""

    def __init__(self, httpd, name):
        super().__init__(httpd.certificate.path, switches=SWITCHES)
        self.origin = f"https://{HOST}:{httpd.port}"
        self.name = name

    def visit(self, path):
        return self.open(self.origin + path)

    def log_in(self, code=None):
        """With the password, and a PIN where one is asked for."""
        self.driver.delete_all_cookies()
        self.visit("/2fa/login")
        self.one("input[name=username]").send_keys(self.name)
        self.one("input[name=password]").send_keys(PASSWORD)
        self.press("Log in")
        if code:
            self.type_pin(code)
        return self

    def phone(self):
        link = self.one("a.app").get_attribute("href")
        return Device(parse_qs(urlsplit(link).query)["secret"][0])

    def session(self):
        """The session cookie's value, or None."""
        return next((c["value"] for c in self.driver.get_cookies()
                     if c["name"] == "__Host-cp2fa"), None)

    def reload(self):
        """Sends a form again if there was one, as people say yes to."""
        self._turn_page(self.driver.refresh)

    def new_tab(self):
        self.driver.switch_to.new_window("tab")
        return self

    def tab(self, number):
        self.driver.switch_to.window(self.driver.window_handles[number])
        return self

    def close_tabs(self):
        while len(self.driver.window_handles) > 1:
            self.tab(-1)
            self.driver.close()
        self.tab(0)
