"""One connection to a server, and what it is asked one after the other.

The server notes on it what the last Cookie header let in; `again` says of how
many requests it found them to be the same again (CP2FA110).
"""
import http.client
import ssl
from dataclasses import dataclass

from .wire import connect, parse

JSON = {"Accept": "application/json, */*;q=0.1"}


@dataclass(frozen=True)
class Said:
    """What came back, and whether the server took the short way."""

    status: int
    body: str
    cookies: tuple
    again: bool

    @property
    def content(self):
        """All but the way."""
        return self.status, self.body, self.cookies


def counted(httpd):
    """How many requests, on all connections, were the same again."""
    return httpd.log.text().count("CP2FA110: ")


class Line:
    """A connection that is never opened twice. The server has trace=True, and
    nobody else asks it meanwhile."""

    def __init__(self, httpd):
        self.httpd = httpd
        self.http = http.client.HTTPSConnection(
            "localhost", httpd.port, context=ssl.create_default_context(
                cafile=str(httpd.certificate.path)), timeout=60)
        self.http.connect()
        self.http.auto_open = 0

    @property
    def is_open(self):
        """Some answers end it, such as 503."""
        return self.http.sock is not None

    def ask(self, cookie=None, path="/echo.shtml", method="GET", **fields):
        """The fields by name, - written as _; None: it is not sent."""
        fields = {**JSON, "Cookie": cookie,
                  **{name.replace("_", "-"): value
                     for name, value in fields.items()}}
        before = counted(self.httpd)
        self.http.request(method, path, headers={
            name: value for name, value in fields.items() if value})
        answer = self.http.getresponse()
        body = answer.read().decode().strip()
        return Said(answer.status, body, tuple(
            value.split("=")[0] for name, value in answer.getheaders()
            if name.lower() == "set-cookie"),
            counted(self.httpd) > before)

    def warm(self, cookie, **more):
        """Asks until the server has something to compare with; an answer that
        took the short way. (The first one may come from the database, the
        second from the cache.)"""
        for _ in range(3):
            said = self.ask(cookie, **more)
        assert said.status == 200 and said.again, said
        return said


def fresh(httpd, cookie, **more):
    """What is said on a connection that nobody has used: the long way."""
    said = Line(httpd).ask(cookie, **more)
    assert not said.again, said
    return said


def pipelined(httpd, heads):
    """The answers to requests that were all sent before the first was
    answered; each has a Content-Length."""
    sent = "".join(f"GET {path} HTTP/1.1\r\nHost: localhost:{httpd.port}\r\n"
                   f"{fields}\r\n" for path, fields in heads)
    with connect(httpd.port, "localhost") as stream:
        stream.sendall(sent.encode())
        reader = stream.makefile("rb")
        return [one_of(reader) for _ in heads]


def one_of(reader):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        assert line, head
        head += line
    length = next(int(line.split(b":")[1]) for line in head.splitlines()
                  if line.lower().startswith(b"content-length:"))
    return parse(head + reader.read(length))
