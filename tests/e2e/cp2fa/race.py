"""Many browsers that post at the very same moment.

Each holds a connection open, with its form already fetched, so that nothing
but the posts themselves is left to do when the race starts.
"""
import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from .forms import Page
from .wire import NAVIGATION, connect, parse, read_rest

END_OF_CHUNKS = b"\r\n0\r\n\r\n"


class Racer:
    """A browser on one connection: a page first, then one post."""

    def __init__(self, client, cookie=None):
        self.port = client.httpd.port
        self.origin = client.httpd.origin
        self.basic = base64.b64encode(b":".join(client.http.auth)).decode()
        self.cookies = [cookie] if cookie else []
        self.stream = None

    def _send(self, method, path, more="", body=""):
        fields = "".join(f"{k}: {v}\r\n" for k, v in NAVIGATION.items()
                         if k != "Sec-Fetch-Site")
        if self.cookies:
            fields += f"Cookie: {'; '.join(self.cookies)}\r\n"
        self.stream.sendall((
            f"{method} {path} HTTP/1.1\r\nHost: {self.origin[8:]}\r\n"
            f"Authorization: Basic {self.basic}\r\n{fields}{more}\r\n{body}"
        ).encode())

    def fetch(self, path):
        """Gets the page whose form will be sent; keeps its cookie."""
        self.stream = connect(self.port, "localhost")
        self._send("GET", path)
        raw = b""
        while not raw.endswith(END_OF_CHUNKS):
            piece = self.stream.recv(65536)
            assert piece, raw
            raw += piece
        answer = parse(raw)
        assert answer.status == 200, raw
        self.cookies += [value.split(";")[0] for name, value
                         in answer.headers if name.lower() == "set-cookie"]
        self.form = Page(answer.body.decode()).forms[0]
        return self

    def post(self, fields):
        """Sends the form; the answer is read later."""
        body = urlencode({**self.form.fields, **fields})
        self._send("POST", self.form.action,
                   f"Origin: {self.origin}\r\nConnection: close\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n"
                   f"Content-Length: {len(body)}\r\n", body)

    def answer(self):
        with self.stream:
            return parse(read_rest(self.stream))


def race(racers, page, fields):
    """All fetch the page, then all post at once; (answers, in order)."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda racer: racer.fetch(page), racers))
    for racer in racers:
        racer.post(fields)
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(Racer.answer, racers))


def session_in(answer, name="__Host-cp2fa"):
    """The session that a racer's answer sets, or None."""
    for field, value in answer.headers:
        pair = value.split(";")[0]
        if field.lower() == "set-cookie" and pair.startswith(name + "=") \
                and pair != name + "=":
            return pair
    return None
