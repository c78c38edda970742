"""A person's Chromium: a fresh profile, and eyes for what goes wrong.

It does what a person does, by the words on the page, and writes down every
request and every complaint of the browser on the way.
"""
import base64
import json
import subprocess
import tempfile
from urllib.parse import quote, urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

BINARY = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
SWITCHES = """
    --headless --no-sandbox --disable-gpu --disable-background-networking
    --disable-component-update --disable-sync --no-first-run
""".split()
SECONDS = 30      # that a page may take on a busy machine
DESKTOP = (1280, 900)
PHONE = (390, 844)


def key_hash(certificate):
    """The hash of a certificate's public key, as a browser pins it."""
    made = subprocess.run(
        f"openssl x509 -in '{certificate}' -noout -pubkey"
        " | openssl pkey -pubin -outform der"
        " | openssl dgst -sha256 -binary",
        shell=True, check=True, capture_output=True)
    return base64.b64encode(made.stdout).decode()


class Browser:
    """One profile of one person; `scripts=False` turns JavaScript off.

    trusted    certificate files this profile takes for valid. (With
               --ignore-certificate-errors Chromium would cache nothing, and
               a test of the back button prove little.)
    switches   more of Chromium's own
    """

    def __init__(self, *trusted, scripts=True, switches=()):
        # nobody but Chromium reads it, so mkdtemp's own mode is right
        self._profile = tempfile.TemporaryDirectory(
            prefix="chromium-", ignore_cleanup_errors=True)
        options = Options()
        options.binary_location = BINARY
        for switch in [*SWITCHES, *switches]:
            options.add_argument(switch)
        options.add_argument(f"--user-data-dir={self._profile.name}")
        options.add_argument("--ignore-certificate-errors-spki-list="
                             + ",".join(map(key_hash, trusted)))
        options.set_capability("goog:loggingPrefs",
                               {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(options=options,
                                       service=Service(DRIVER))
        self.driver.set_page_load_timeout(SECONDS)
        self._requests = []
        self._statuses = []
        self._complaints = []
        self._scheme = None
        self.look(*DESKTOP)
        if not scripts:
            self.cdp("Emulation.setScriptExecutionDisabled", value=True)

    def close(self):
        self.driver.quit()
        self._profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    # -- what people do ----------------------------------------------------

    def open(self, url):
        self.driver.get(url)
        return self

    def give_password(self, site, user, password):
        """As if typed into the browser's own prompt, which remembers it.

        On a picture of the site, so that no page's address has it in it.
        """
        who = f"{quote(user, safe='')}:{quote(password, safe='')}@"
        parts = urlsplit(site)._replace(path="/2fa/mark.svg")
        return self.open(parts._replace(netloc=who + parts.netloc).geturl())

    def press(self, words):
        """The link or button with these words; waits for the next page."""
        self._turn_page(self.control(words).click)

    def type_pin(self, code):
        """Types where the cursor is, and presses Enter."""
        self._turn_page(lambda: self.focused.send_keys(code, Keys.ENTER))

    def tab_to(self, element, most=15):
        """Presses Tab until the element has the focus."""
        for _ in range(most):
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
            if self.focused == element:
                return
        raise AssertionError(f"{most} times Tab don't reach "
                             f"{element.get_attribute('outerHTML')}")

    def enter(self, element):
        """Reaches it with Tab, and presses Enter."""
        self.tab_to(element)
        self.type_pin("")

    def back(self):
        self.driver.back()

    def _turn_page(self, act):
        old = self._document()
        act()
        WebDriverWait(self.driver, SECONDS, 0.05).until(
            lambda driver: self._document() != old)
        self.driver.find_element(By.TAG_NAME, "body")   # waits for it to load

    def _document(self):
        """Names the document that is shown; each load has its own."""
        return self.cdp("Page.getFrameTree")["frameTree"]["frame"]["loaderId"]

    # -- what they see -----------------------------------------------------

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        found = self.all(selector)
        assert len(found) == 1, (selector, len(found), self.text)
        return found[0]

    def _controls(self, words):
        return self.driver.find_elements(By.XPATH, (
            '//*[self::a or self::button][normalize-space()="%s"]' % words))

    def control(self, words):
        """The one link or button with these words."""
        found = self._controls(words)
        assert len(found) == 1, (words, len(found), self.text)
        return found[0]

    def has(self, words):
        return any(e.is_displayed() for e in self._controls(words))

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    @property
    def pin(self):
        return self.one("input[name=token]")

    @property
    def path(self):
        parts = urlsplit(self.driver.current_url)
        return parts.path + ("?" + parts.query if parts.query else "")

    @property
    def title(self):
        return self.driver.title

    @property
    def heading(self):
        return self.one("h1").text

    @property
    def text(self):
        return self.one("body").text

    @property
    def alert(self):
        """The words of the one error on the page, or None."""
        return self.one("[role=alert]").text if self.all(
            "[role=alert]") else None

    # -- how it looks ------------------------------------------------------

    def look(self, width, height, scheme="light", *, scale=1):
        """The screen from now on; narrow ones are phones."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width,
                 height=height, deviceScaleFactor=scale,
                 mobile=width < 600)
        if scheme != self._scheme:
            self._scheme = scheme
            self.cdp("Emulation.setEmulatedMedia", features=[
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"}])

    def picture(self):
        """The whole page as it is now, as PNG."""
        self.cdp("Emulation.setScrollbarsHidden", hidden=True)
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        taken = self.cdp("Page.captureScreenshot", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": size["width"],
                               "height": size["height"], "scale": 1})
        self.cdp("Emulation.setScrollbarsHidden", hidden=False)
        return base64.b64decode(taken["data"])

    def read_qr(self):
        """What a phone's camera reads from this page."""
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(self.picture())
            file.flush()
            read = subprocess.run(
                ["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable",
                 file.name], capture_output=True, text=True)
        return read.stdout.strip()

    def overflow(self):
        """By how many pixels the page is wider than its screen."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth"
            " - document.documentElement.clientWidth")

    # -- what went on behind the page --------------------------------------

    def _read_logs(self):
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            about = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                self._requests.append(about["request"]["url"])
            elif (message["method"] == "Network.responseReceived"
                  and about.get("type") == "Document"):
                self._statuses.append(about["response"]["status"])
        self._complaints += [
            entry["message"] for entry in self.driver.get_log("browser")
            if entry["level"] in ("WARNING", "SEVERE")]

    def take_requests(self):
        """The addresses asked for since the last call, but the browser's own.
        """
        self._read_logs()
        taken, self._requests = self._requests, []
        return [url for url in taken
                if not url.startswith(("chrome:", "data:"))]

    def take_complaints(self):
        """What the console said since the last call, warnings and worse."""
        self._read_logs()
        taken, self._complaints = self._complaints, []
        return taken

    def status(self):
        """The status of the last document that came."""
        self._read_logs()
        return self._statuses[-1]
