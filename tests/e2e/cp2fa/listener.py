"""A server of one socket, on a thread, for one peer after the other."""
import threading


class Listener:
    """`listener` is a socket that listens; `talk(stream)` is a subclass's."""

    def __init__(self, listener):
        self.listener = listener
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            with stream:
                self.talk(stream)

    def stop(self):
        self.listener.close()
