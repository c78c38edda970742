"""Both ends of a web socket, as far as a gate can see them."""
import socket

from .listener import Listener
from .wire import Request, connect, read_head


class Sockets(Listener):
    """Answers 101 to whoever reaches it, then says what it hears."""

    def __init__(self):
        self.seen = []
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        super().__init__(listener)

    def talk(self, stream):
        self.seen.append(read_head(stream))
        stream.sendall(b"HTTP/1.1 101 Switching Protocols\r\n"
                       b"Upgrade: websocket\r\n"
                       b"Connection: Upgrade\r\n\r\n")
        stream.sendall(b"heard " + stream.recv(100))


def upgrade(port, target, headers):
    """Asks for a web socket and says hello; all that came back."""
    request = Request(target, headers={
        "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-Fetch-Mode": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers})
    lines = [f"GET {request.target} HTTP/1.1", f"Host: localhost:{port}"]
    lines += [f"{k}: {v}" for k, v in request.fields().items()]
    with connect(port, "localhost") as stream:
        stream.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        head = read_head(stream)
        if b" 101 " in head.split(b"\r\n")[0]:
            stream.sendall(b"hello")
            return head + stream.recv(100)
    return head
