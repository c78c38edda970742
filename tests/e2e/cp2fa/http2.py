"""One request over HTTP/2, on a connection of its own and frame by frame.

The answer is what came until the stream ended: a server that refuses a body
it hasn't read yet ends the stream with a reset after its answer (RFC 9113,
8.1), which clients such as curl 7.88 now and then take for a failure.
"""
import ssl

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (DataReceived, ResponseReceived, StreamEnded,
                       StreamReset)

from .wire import Answer, connect

STREAM = 1
# fields of a connection, which HTTP/2 knows none of (RFC 9113, 8.2.2)
NOT_IN_HTTP2 = ("connection", "upgrade")


def send(request, port):
    """Sends it over HTTP/2; an answer that came whole is never lost."""
    with connect(port, request.host, protocol="h2") as stream:
        talk = H2Connection(H2Configuration(
            validate_outbound_headers=False, header_encoding="latin-1"))
        talk.initiate_connection()
        talk.send_headers(STREAM, head_of(request, port),
                          end_stream=not request.body)
        if request.body:
            talk.send_data(STREAM, request.body, end_stream=True)
        stream.sendall(talk.data_to_send())
        return read_answer(stream, talk)


def head_of(request, port):
    fields = [(name.lower(), value) for name, value
              in request.fields().items() if name.lower() not in NOT_IN_HTTP2]
    return [(":method", request.method), (":scheme", "https"),
            (":authority", f"{request.host}:{port}"),
            (":path", request.target)] + fields


def read_answer(stream, talk):
    headers, body, over = (), b"", False
    while not over:
        events = talk.receive_data(receive(stream))
        for event in events:
            if isinstance(event, ResponseReceived):
                headers = tuple(event.headers)
            elif isinstance(event, DataReceived):
                body += event.data
                talk.acknowledge_received_data(
                    event.flow_controlled_length, STREAM)
            elif isinstance(event, StreamReset) and not headers:
                raise AssertionError(f"reset unanswered: {event.error_code}")
            over = over or isinstance(event, (StreamEnded, StreamReset))
        stream.sendall(talk.data_to_send())
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return Answer(int(dict(headers)[":status"]), headers[1:], body,
                  head.encode("latin-1") + b"\r\n" + body)


def receive(stream):
    try:
        data = stream.recv(65536)
    except (ssl.SSLEOFError, ConnectionResetError):
        data = b""
    if not data:
        raise AssertionError("the connection ended before the answer")
    return data
