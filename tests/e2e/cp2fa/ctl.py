"""The operator at the command line: build/cp2factl on a server's set-up."""
import json
import subprocess

from .build import MODULE

CTL = MODULE.parent / "cp2factl"
REALM = "Cloud console"
(OK, USAGE, DATAERR, NOUSER, CANTCREAT, IOERR, TEMPFAIL, NOPERM, CONFIG) = (
    0, 64, 65, 67, 73, 74, 75, 77, 78)


class Ctl:
    """cp2factl for one server; each call is one run of the program."""

    def __init__(self, httpd, *more):
        self.base = ["--config", httpd.root / "conf" / "httpd.conf", *more]

    def command(self, *arguments):
        return [str(a) for a in (CTL, *self.base, *arguments)]

    def run(self, *arguments, typed="", status=OK):
        """What it printed, when its exit status is this one."""
        done = self.tried(*arguments, typed=typed)
        assert done.returncode == status, (arguments, done)
        return done.stdout if status == OK else done.stderr

    def tried(self, *arguments, typed=""):
        return subprocess.run(self.command(*arguments), input=typed,
                              capture_output=True, text=True, timeout=120)

    def json(self, *arguments):
        return json.loads(self.run("--json", *arguments))

    def user(self, what, name, *more, **how):
        return self.run("user", what, "--realm", REALM, name, *more, **how)

    def account(self, name):
        return json.loads(self.user("show", name, "--json"))

    def log(self, name, *more):
        """Kinds and actors of that user's events, the oldest first."""
        return [(e["kind"], e["actor"]) for e in
                self.json("log", "--user", name, *more)]
