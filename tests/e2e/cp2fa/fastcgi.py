"""A FastCGI responder in the place of php-fpm: says what it was asked."""
import json
import os
import socket
import struct

from .listener import Listener

HEAD = struct.Struct("!BBHHBx")     # version, type, id, length, padding
END, PARAMS, STDIN, STDOUT = 3, 4, 5, 6


def pairs(data):
    """Name-value pairs, FastCGI specification 3.4."""
    found, at = {}, 0
    while at < len(data):
        lengths = []
        for _ in range(2):
            size = 4 if data[at] & 0x80 else 1
            lengths.append(int.from_bytes(data[at:at + size], "big")
                           & 0x7fffffff)
            at += size
        name, value = (data[at:at + lengths[0]],
                       data[at + lengths[0]:at + sum(lengths)])
        found[name.decode()] = value.decode()
        at += sum(lengths)
    return found


class Responder(Listener):
    """Listens at a path; answers with `page` and the request's variables."""

    def __init__(self, path, page):
        self.page = page
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        os.chmod(path, 0o666)
        listener.listen()
        super().__init__(listener)

    def talk(self, stream):
        with stream.makefile("rb") as reader:
            self.answer(stream, reader)

    def answer(self, stream, reader):
        params = b""
        while True:
            _, kind, number, length, padding = HEAD.unpack(reader.read(8))
            content = reader.read(length)
            reader.read(padding)
            if kind == PARAMS:
                params += content
            elif kind == STDIN and not content:
                break
        text = ("Content-Type: text/html\r\n\r\n" + self.page
                + json.dumps(pairs(params))).encode()
        for kind, body in ((STDOUT, text), (STDOUT, b""), (END, bytes(8))):
            stream.sendall(HEAD.pack(1, kind, number, len(body), 0) + body)
