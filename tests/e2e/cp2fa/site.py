"""One server with every shape on it, and the people who ask."""
import random
import re
import shutil
from dataclasses import dataclass, replace

from . import http2, wire
from .backend import Backend
from .client import Client
from .httpd import USERS, Httpd, free_port
from .shapes_beyond import BACKEND_MARKER

SENDERS = {"h1": wire.send, "h2": http2.send}

GUARD_CONF = """\
AuthType Basic
AuthName "matrix"
AuthBasicProvider file
AuthUserFile conf/users
Include conf/two-factor.conf
"""

PAGES = """
<Location "/2fa">
Include conf/guard.conf
Require valid-user
</Location>
"""

COMMON = """
DavLockDB var/dav-lock
CacheSocache shmcb
"""

# what these shapes make httpd itself say, guarded or not
EXPECTED_ERRORS = [
    "AH01617", "AH01807",   # wrong password, given by Basic or form
    "AH01797", "AH01630",   # denied by Allow/Deny or Require
    "AH00027",              # authtype-none: nobody asks for a user
    "AH00687",              # multiviews: its only variant is guarded
    r"include:error.* unable to .* in parsed file .*/docs/ssi-",
    "AH00132",              # errordocument-403-inside: mode 0
    "core:alert.*htaccess-switching-it-off.*TwoFactor not allowed here",
    "AH10244",              # path corpus: ill-formed paths
]


@dataclass(frozen=True)
class Column:
    """What a requester has to show."""

    name: str
    basic: tuple = None
    cookie: str = None      # "alice", "forged"

    def __str__(self):
        return self.name.replace(" ", "-").replace("'", "")


ALICE = ("alice", USERS["alice"])
BOB = ("bob", USERS["bob"])
COLUMNS = [
    Column("nothing"),
    Column("wrong password", ("alice", "not her password")),
    Column("first factor only", ALICE),
    Column("both", ALICE, "alice"),
    Column("another user's cookie", BOB, "alice"),
    Column("forged cookie", ALICE, "forged"),
    Column("cookie only", None, "alice"),
    Column("cookie and wrong password", ("alice", "not her password"),
           "alice"),
]
COLUMN = {column.name: column for column in COLUMNS}


def forged(cookie):
    """A cookie of the same form that no server gave out."""
    name, value = cookie.split("=", 1)
    alphabets = ("0123456789", "abcdefghijklmnopqrstuvwxyz",
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    chance = random.SystemRandom()
    for alphabet in alphabets:
        value = re.sub(f"[{alphabet}]", lambda m: chance.choice(alphabet),
                       value)
    return f"{name}={value}"


class Site:
    """The server: guarded, or with the guard off to prove the detectors."""

    def __init__(self, root, certificate, shapes, *, mpm, guarded=True):
        self.backend = Backend(BACKEND_MARKER)
        self.shapes = shapes
        self.httpd = Httpd(
            root, certificate, mpm=mpm, guarded=guarded,
            config=PAGES + "\n".join(shape.config for shape in shapes),
            server=COMMON + "\n".join(shape.server for shape in shapes),
            defines={"BACKEND": f"http://127.0.0.1:{self.backend.port}",
                     "BACKEND_PORT": self.backend.port,
                     "PROXY_PORT": free_port()})
        self.httpd.log.expect(*EXPECTED_ERRORS)
        conf = self.httpd.root / "conf"
        (conf / "guard.conf").write_text(GUARD_CONF)
        (conf / "two-factor.conf").write_text(
            "TwoFactor optional\n" if guarded else "# the guard is off\n")
        for shape in shapes:
            self.lay_out(shape)
        self.httpd.give_to_httpd("docs")
        self.guarded = guarded
        self.cookies = {}

    def lay_out(self, shape):
        for name, content in shape.files.items():
            self.httpd.write(f"{shape.name}/{name}", content,
                             0o755 if name.endswith(".cgi") else 0o644)

    def start(self):
        self.httpd.start()
        if self.guarded:
            for user in ("alice", "bob"):
                client = Client(self.httpd, user, USERS[user])
                client.enrol()
                self.cookies[user] = client.cookie()
            assert self.cookies["alice"], "enrolment gave no session cookie"
            self.cookies["forged"] = forged(self.cookies["alice"])
        return self

    def stop(self):
        self.httpd.stop()
        self.backend.stop()

    def send(self, request, column, protocol="h1"):
        """The request with the column's credentials, over h1 or h2."""
        for name, value in self.httpd.defines.items():
            request = replace(
                request, target=request.target.replace(
                    "${%s}" % name, str(value)),
                headers={k: v if v is None else
                         v.replace("${%s}" % name, str(value))
                         for k, v in request.headers.items()})
        request = request.signed(column.basic, self.cookies.get(column.cookie))
        return SENDERS[protocol](request, self.httpd.defines[request.port])


class World:
    """What a shape's prepare and effect functions get to see."""

    def __init__(self, site, shape, protocol):
        self.site = site
        self.shape = shape
        self.protocol = protocol
        self.backend = site.backend

    def docs(self, name):
        return self.site.httpd.docs / self.shape.name / name

    def remove(self, name):
        path = self.docs(name)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def restore(self):
        """Puts the shape's files back as they were."""
        self.site.lay_out(self.shape)
        self.site.httpd.give_to_httpd(f"docs/{self.shape.name}")

    def send(self, column_name):
        return self.site.send(self.shape.request, COLUMN[column_name],
                              self.protocol)

    def ask(self, column):
        """The shape's request, from a clean start: (answer, leaked)."""
        if self.shape.prepare:
            self.shape.prepare(self)
        self.backend.seen.clear()
        answer = self.site.send(self.shape.request, column, self.protocol)
        return answer, self.shape.leaked(answer, self)
