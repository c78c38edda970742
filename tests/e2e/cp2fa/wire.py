"""One request sent byte for byte over TLS, and all that came back.

HTTP libraries tidy up paths, methods and fields; whoever looks for a way
around a gate doesn't. So the matrix talks HTTP/1 by hand (here) and HTTP/2
frame by frame (http2.py).
"""
import base64
import socket
import ssl
from dataclasses import dataclass, field, replace
from urllib.parse import quote

NAVIGATION = {
    "User-Agent": "Mozilla/5.0 (matrix)",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,"
              "*/*;q=0.8",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Site": "none",
}
TIMEOUT = 60        # on a busy machine


@dataclass(frozen=True)
class Request:
    """What is sent. `headers` are added to a browser's own."""

    target: str
    method: str = "GET"
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    host: str = "localhost"     # Host and TLS server name
    port: str = "PORT"          # the Define that names the port
    version: str = "1.1"
    to_proxy: bool = False      # credentials are the proxy's
    by_form: bool = False       # … are mod_auth_form's session cookie
    then: bytes = b""           # what goes through the tunnel of a CONNECT

    def with_headers(self, **more):
        """The same request with these fields too; - is written _."""
        fields = {name.replace("_", "-"): v for name, v in more.items()}
        return replace(self, headers={**self.headers, **fields})

    def signed(self, basic=None, cookie=None):
        """The same request with (user, password) and a Cookie field."""
        fields = dict(self.headers)
        cookies = [fields.get("Cookie"), cookie]
        if basic and self.by_form:
            cookies.append("form=matrix-user={}&matrix-pw={}".format(
                *map(quote, basic)))
        elif basic:
            name = "Proxy-Authorization" if self.to_proxy else "Authorization"
            token = base64.b64encode(":".join(basic).encode()).decode()
            fields[name] = f"Basic {token}"
        if any(cookies):
            fields["Cookie"] = "; ".join(filter(None, cookies))
        return replace(self, headers=fields)

    def fields(self):
        """All fields but Host, as they are sent; None takes one out."""
        fields = {**NAVIGATION, **self.headers}
        if self.body:
            fields["Content-Length"] = str(len(self.body))
        return {k: v for k, v in fields.items() if v is not None}


@dataclass(frozen=True)
class Answer:
    """What came back: status, fields in order, body, and all of it."""

    status: int
    headers: tuple
    body: bytes
    raw: bytes

    def header(self, name):
        """The field's value, joined where it came more than once."""
        values = [v for k, v in self.headers if k.lower() == name.lower()]
        return ", ".join(values) if values else None

    def has(self, marker):
        """Whether the text is anywhere: status line, fields or body."""
        marker = marker.encode().lower()
        return marker in self.raw.lower() or marker in self.body.lower()


def connect(port, host, protocol="http/1.1"):
    """A TLS connection that checks nothing: this is localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    plain = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    return context.wrap_socket(plain, server_hostname=host)


def send(request, port):
    """Sends it over HTTP/1 on a connection of its own."""
    lines = [f"{request.method} {request.target} HTTP/{request.version}",
             f"Host: {request.host}:{port}"]
    lines += [f"{name}: {value}" for name, value in request.fields().items()]
    if "Upgrade" not in request.headers:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    with connect(port, request.host) as stream:
        stream.sendall(head + request.body)
        raw = b""
        if request.then:
            raw = read_head(stream)
            if raw.split(b" ", 2)[1] == b"200":
                stream.sendall(request.then)
        return parse(raw + read_rest(stream))


def read_head(stream):
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = stream.recv(1)
        if not piece:
            break
        raw += piece
    return raw


def read_rest(stream):
    raw = b""
    while True:
        try:
            piece = stream.recv(65536)
        except (ssl.SSLEOFError, ConnectionResetError):
            return raw
        if not piece:
            return raw
        raw += piece


def parse(raw):
    """An answer from its bytes; interim 1xx answers are skipped over."""
    rest = raw
    while True:
        head, _, rest = rest.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        words = status_line.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/"):
            return Answer(0, (), raw, raw)      # HTTP/0.9, or nothing
        status = int(words[1])
        if status != 100:
            break
    headers = tuple((name, value.strip()) for name, _, value
                    in (line.partition(":") for line in lines))
    chunked = any(name.lower() == "transfer-encoding"
                  and value.lower() == "chunked" for name, value in headers)
    return Answer(status, headers, unchunk(rest) if chunked else rest, raw)


def unchunk(body):
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        if length == 0:
            break
        whole += body[:length]
        body = body[length + 2:]
    return whole
