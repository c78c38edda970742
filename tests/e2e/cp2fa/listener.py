"""A server of one socket, on a thread, for one peer after the other."""
import socket
import threading


class Listener:
    """`listener` is a socket that listens; `talk(stream)` is a subclass's."""

    def __init__(self, listener):
        self.listener = listener
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            with stream:
                self.talk(stream)

    def stop(self):
        # or the thread would accept on whatever socket has its number next:
        # another test's server
        self.listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)    # longer only while a peer talks
        self.listener.close()
