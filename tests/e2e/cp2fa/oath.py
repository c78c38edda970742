"""Codes of an authenticator app, made by oathtool: not by our own code."""
import subprocess
import time

STEP = 30
WINDOW = 6      # steps that TwoFactorClockSkew's 180 seconds allow


def now_step():
    return int(time.time()) // STEP


def codes_from(secret, step, count, digits=6):
    """The codes of that many time steps, for a base32 secret."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(step * STEP))
    made = subprocess.run(
        ["oathtool", "--totp", "-b", "-d", str(digits), "-w", str(count - 1),
         "-N", moment, secret],
        check=True, capture_output=True, text=True)
    return made.stdout.split()


def code_at(secret, step, digits=6):
    """The code of that time step."""
    return codes_from(secret, step, 1, digits)[0]


class Device:
    """A phone that never shows a code twice.

    A code works once and only codes of later steps work after it, so this
    phone starts at the oldest step the server takes and goes upwards: about
    eleven log-ins without waiting for the clock.
    """

    def __init__(self, secret):
        self.secret = secret
        self.last_step = 0

    def code(self):
        """The next code that the server has no reason to refuse."""
        step = max(self.last_step, now_step() - WINDOW) + 1
        if step > now_step() + WINDOW:
            time.sleep(max(0, (step - WINDOW) * STEP - time.time() + 0.5))
        self.last_step = step
        return code_at(self.secret, step)

    def code_far_off(self):
        """A code of the window's edge, which may want the next one, too."""
        self.last_step = now_step() + WINDOW - 1
        return code_at(self.secret, self.last_step)

    def wrong_code(self):
        """A code that no step of the window has."""
        around = codes_from(self.secret, now_step() - WINDOW - 2,
                            2 * WINDOW + 5)
        return next(c for c in (f"{n:06d}" for n in range(100))
                    if c not in around)
