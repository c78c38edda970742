"""An application behind the proxy that remembers who reached it."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers any method with the marker, and writes down what it saw."""

    protocol_version = "HTTP/1.1"       # for Expect: 100-continue

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        seen = {"method": self.command, "target": self.path,
                "headers": self.headers.items()}
        self.server.seen.append(seen)
        body = json.dumps(
            {"marker": self.server.marker, **seen}).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Marker", self.server.marker)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass                        # the proxy lost interest

    def __getattr__(self, name):
        # the base class looks for do_GET, do_PROPFIND, do_WHATEVER
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *args):
        pass


class Backend:
    """A tiny HTTP server on a thread; `seen` are the requests it got."""

    def __init__(self, marker):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.marker = marker
        self._server.seen = self.seen = []
        self.marker = marker
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def header(self, name):
        """That field of the last request, or None."""
        return dict((k.lower(), v) for k, v in
                    self.seen[-1]["headers"]).get(name.lower())

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
