"""Many browsers that post at the very same moment.

Each has its form fetched and all of its post sent but for the last byte, so
that a child waits in the middle of it; then the last bytes go out together.
A server needs as many workers as there are racers.
"""
import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from .forms import Page
from .wire import NAVIGATION, connect, parse, read_rest

# an Httpd's server=, for up to 60 racers, or 20 with prefork
MANY_CHILDREN = {
    "event": "StartServers 4\nServerLimit 4\nThreadsPerChild 16\n"
             "MaxRequestWorkers 64\n"
             "MinSpareThreads 64\nMaxSpareThreads 64",
    "prefork": "StartServers 24\nServerLimit 24\nMaxRequestWorkers 24",
}


class Racer:
    """A browser that gets a page, and posts the form that is for it."""

    def __init__(self, client, cookie=None):
        self.port = client.httpd.port
        self.origin = client.httpd.origin
        self.basic = base64.b64encode(b":".join(client.http.auth)).decode()
        self.cookies = [cookie] if cookie else []

    def _request(self, method, path, more="", body=""):
        fields = "".join(f"{k}: {v}\r\n" for k, v in NAVIGATION.items()
                         if k != "Sec-Fetch-Site")
        if self.cookies:
            fields += f"Cookie: {'; '.join(self.cookies)}\r\n"
        return (f"{method} {path} HTTP/1.1\r\nHost: {self.origin[8:]}\r\n"
                f"Authorization: Basic {self.basic}\r\n{fields}{more}"
                f"Connection: close\r\n\r\n{body}").encode()

    def fetch(self, path):
        """Gets the page whose form will be sent; keeps its cookie."""
        with connect(self.port, "localhost") as stream:
            stream.sendall(self._request("GET", path))
            answer = parse(read_rest(stream))
        assert answer.status == 200, answer
        self.cookies += [value.split(";")[0] for name, value
                         in answer.headers if name.lower() == "set-cookie"]
        self.form = Page(answer.body.decode()).form(path)

    def post(self, fields):
        """Sends the form, but for its last byte."""
        body = urlencode({**self.form.fields, **fields})
        whole = self._request(
            "POST", self.form.action, f"Origin: {self.origin}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n", body)
        self._begin(whole)

    def _begin(self, whole):
        self.stream = connect(self.port, "localhost")
        self.stream.sendall(whole[:-1])
        self.last = whole[-1:]

    def finish(self):
        self.stream.sendall(self.last)

    def answer(self):
        with self.stream:
            return parse(read_rest(self.stream))


class HeaderRacer(Racer):
    """A program that asks for a page with a token in the header."""

    def fetch(self, path):
        self.path = path

    def post(self, fields):
        self._begin(self._request("GET", self.path, "".join(
            f"{name}: {value}\r\n" for name, value in fields.items())))


def race(racers, page, fields):
    """All post the form of that page at once; their answers, in order."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda racer: racer.fetch(page), racers))
    return dash(racers, fields)


def dash(racers, fields):
    """The same of racers who have their forms."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda racer: racer.post(fields), racers))
        for racer in racers:
            racer.finish()
        return list(pool.map(Racer.answer, racers))


def session_in(answer, name="__Host-cp2fa"):
    """The session that a racer's answer sets, as name=value, or None."""
    for field, value in answer.headers:
        pair = value.split(";")[0]
        if field.lower() == "set-cookie" and pair.startswith(name + "=") \
                and pair != name + "=":
            return pair
    return None
