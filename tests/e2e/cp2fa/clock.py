"""A server's clock that a test can set, by libfaketime."""
import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .client import location
from .oath import STEP
from .people import guard, serve

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")),
               None)


class Clock:
    """How far a server's clock is ahead of this machine's."""

    def __init__(self, folder):
        self.file = Path(folder) / "clock"
        self.ahead = 0
        self.move(0)

    def move(self, seconds):
        """Turns the clock on, or back; at once, for every process."""
        self.ahead += seconds
        self._write(f"{self.ahead:+.3f}\n")

    def _write(self, said):
        new = self.file.with_suffix(".new")
        new.write_text(said)
        new.rename(self.file)           # never half written

    def now(self):
        return time.time() + self.ahead

    def step(self, period=STEP):
        return int(self.now()) // period

    def to_step_begin(self, period=STEP):
        """On to one second after a step's begin: no boundary is near."""
        self.move(period - self.now() % period + 1)
        return self.step(period)

    def serve(self, httpd_of, *directives, **more):
        """A guarded server that goes by this clock.

        Without keep-alive: a clock that jumps makes httpd close connections.
        """
        httpd = httpd_of(guard(*directives) + "KeepAlive Off\n", **more)
        with self.worn():
            return serve(httpd)

    @contextmanager
    def worn(self):
        """Processes started meanwhile have this clock."""
        assert LIBRARY, "libfaketime is not installed: apt install faketime"
        wanted = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_NO_CACHE": "1",
                  "FAKETIME_TIMESTAMP_FILE": str(self.file),
                  "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        before = dict(os.environ)
        os.environ.update(wanted)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


class StillClock(Clock):
    """It goes on only when it is moved, however slow this machine is.

    Not for what sleeps by it, as the courier of mails does.
    """

    def __init__(self, folder):
        self.at = int(time.time())
        super().__init__(folder)

    def move(self, seconds):
        self.at += seconds
        self._write(time.strftime("%Y-%m-%d %H:%M:%S\n",
                                  time.localtime(self.at)))

    def now(self):
        return self.at


class Phone:
    """A device whose codes are of any step that a test wants."""

    def __init__(self, secret, algorithm="SHA1", digits=6, period=STEP):
        self.secret = secret
        self.algorithm = algorithm
        self.digits = digits
        self.period = period

    def codes(self, first, count):
        """The codes of that many steps, by oathtool."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S UTC",
                               time.gmtime(first * self.period))
        return subprocess.run(
            ["oathtool", f"--totp={self.algorithm}", "-b",
             "-d", str(self.digits), "-s", f"{self.period}s",
             "-w", str(count - 1), "-N", moment, self.secret],
            check=True, capture_output=True, text=True).stdout.split()

    def code(self, step):
        return self.codes(step, 1)[0]

    def wrong(self, step):
        """A code that is of no step near this one."""
        around = self.codes(step - 20, 41)
        return next(c for c in (f"{n:0{self.digits}d}" for n in range(99))
                    if c not in around)


def begin(client):
    """Starts an enrolment: the phone with what its otpauth link says."""
    location(client.post_form("/2fa/enable", {}, on="/2fa/profile"))
    link = client.page("/2fa/enroll").link("otpauth://")
    said = {name: values[0] for name, values
            in parse_qs(urlsplit(link).query).items()}
    return Phone(said["secret"], said.get("algorithm", "SHA1"),
                 int(said.get("digits", 6)), int(said.get("period", 30)))


def enrol_with(client, clock):
    """Enrols with the code of this very step."""
    client.device = begin(client)
    location(client.post_form("/2fa/enroll", {
        "token": client.device.code(clock.step(client.device.period))}))
    return client
