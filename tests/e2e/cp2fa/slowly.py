"""Stands before a database server, and lets its answers wait."""
import socket
import threading
import time


class Slowly:
    """A TCP port on this machine for a server's socket in the file system.

    `delay` is how many seconds each answer comes late; it may be changed while
    connections stand.
    """

    def __init__(self, path):
        self.path = str(path)
        self.delay = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown(socket.SHUT_RDWR)     # as in listener.py
        self._thread.join()
        self._server.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.path)
            for one, other, late in ((client, server, False),
                                     (server, client, True)):
                threading.Thread(target=self._pass, args=(one, other, late),
                                 daemon=True).start()

    def _pass(self, one, other, late):
        try:
            while data := one.recv(65536):
                if late:
                    time.sleep(self.delay)
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Behind:
    """A ServerDatabase of PostgreSQL's, reached through that."""

    def __init__(self, database):
        self.database = database
        self.kind = database.kind
        folder = database.server.folder
        self.slowly = Slowly(folder / ".s.PGSQL.5432")
        self.directive = database.directive.replace(
            f"host={folder}", f"host=127.0.0.1 port={self.slowly.port}")

    def run(self, sql, values=()):
        """At once, for the test."""
        return self.database.run(sql, values)
