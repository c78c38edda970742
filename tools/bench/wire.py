# SPDX-License-Identifier: Apache-2.0
"""A client that keeps its connection, and looks at each answer."""
import base64
import re
import socket

from server import PASSWORD, USER

ANY_COOKIE = "theme=0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"


def cookie_of(site, setup, session):
    """The Cookie header for a server that has just started; None: none."""
    if setup.enter:
        return setup.enter(site)
    return ANY_COOKIE if setup.cookie == "any" else setup.cookie and session


class Connection:
    """Its answers must be the page, or have the status expected."""

    def __init__(self, site, setup, session):
        self.port = site.port
        self.cookie = cookie_of(site, setup, session)
        self.fields = ["User-Agent: bench", "Accept: */*"]
        if setup.password:
            both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            self.fields.append("Authorization: Basic " + both)
        self.socket = None

    def ask(self, path="/page.html", cookie=None, expect=b"200", body="",
            fields=()):
        cookie = cookie or self.cookie
        fields = [*self.fields, *fields,
                  *([f"Cookie: {cookie}"] if cookie else []),
                  *([f"Content-Length: {len(body)}"] if body else [])]
        if not self.socket:
            self.socket = socket.create_connection(("127.0.0.1", self.port),
                                                   120)
        self.socket.sendall("\r\n".join(
            [f"{'POST' if body else 'GET'} {path} HTTP/1.1",
             f"Host: 127.0.0.1:{self.port}", *fields, "", body]).encode())
        head, body = self._read()
        assert head.startswith(b"HTTP/1.1 " + expect), head.decode()
        if b"\nConnection: close" in head:
            self.close()
        return body

    def _read(self):
        data = self._more()
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if not length:
            assert b"\nTransfer-Encoding: chunked" in head, head.decode()
            return head, self._chunks(body)
        length = int(length[1])
        while len(body) < length:
            body += self._more()
        return head, body

    def _chunks(self, data):
        body = b""
        while True:
            while b"\r\n" not in data:
                data += self._more()
            size, _, data = data.partition(b"\r\n")
            size = int(size, 16)
            while len(data) < size + 2:
                data += self._more()
            if size == 0:
                return body
            body, data = body + data[:size], data[size + 2:]

    def _more(self):
        data = self.socket.recv(65536)
        assert data, "the server hung up"
        return data

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None
