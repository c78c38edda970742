"""The demo that `make run` starts, on a free port with a state of its own."""
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .errorlog import ErrorLog
from .httpd import REPO, START_SECONDS, children_of, free_port


class Demo:
    """demo/run in a fresh folder below `folder`, until stop()."""

    user = password = "demo"

    def __init__(self, folder):
        self.root = Path(tempfile.mkdtemp(prefix="demo-", dir=folder))
        self.root.chmod(0o755)
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.certificate = self.root / "cert.pem"
        self.log = ErrorLog(self.root / "logs" / "error.log")
        self.process = None
        self.said = ""

    def start(self):
        # setpriv: should pytest be killed, its demo goes with it
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--",
             REPO / "demo" / "run", str(self.port), self.root],
            stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"no demo: {self.said}{self.log.text()[-4000:]}")

    def stop(self):
        """Ends the demo by its process id; what it printed is in `said`."""
        if self.process is None:
            return
        self.log.is_ending(children_of(self.process))
        process, self.process = self.process, None
        process.terminate()
        try:
            self.said = process.communicate(timeout=15)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            self.said = process.communicate()[0]

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()
