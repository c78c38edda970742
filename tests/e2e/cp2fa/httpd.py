"""A real httpd with its own root, port and users, for one test class."""
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from . import build, config as text
from .build import MODULE, REPO
from .errorlog import ErrorLog
from .server import chosen

APACHE = shutil.which("apache2") or "/usr/sbin/apache2"
USERS = {"alice": "alice's password", "bob": "bob's password",
         "carol": "carol's password", "dave": "dave's password"}
START_SECONDS = 60
_kept = []


def keep_port():
    """A socket that keeps a free port: nobody else is given it, nor calls from
    it, and a server, which sets SO_REUSEADDR as this does, listens at it."""
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        first.bind(("127.0.0.1", 0))
        # out of the way of tests that let a process have few descriptors
        return socket.socket(fileno=fcntl.fcntl(
            first, fcntl.F_DUPFD_CLOEXEC, 100))


def free_port():
    """A port that is kept as long as this process lives."""
    _kept.append(keep_port())
    return _kept[-1].getsockname()[1]


def children_of(process):
    """Their process ids, as texts."""
    return set(subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)],
        capture_output=True, text=True).stdout.split())


class Httpd:
    """A server root in a folder, and the server that runs on it.

    config    goes into the TLS virtual host "localhost"
    server    goes beside it, at server level
    database  a ServerDatabase; else one of the server that the environment
              names, or SQLite
    guarded   False leaves the module and conf/cp2fa.conf out
    defines   names for ${NAME} in the text; PORT, ROOT and DOCS are there
    """

    def __init__(self, root, certificate, config="", *, server="",
                 mpm="event", guarded=True, defines=None, trace=False,
                 database=None):
        self.root = Path(root)
        self.docs = self.root / "docs"
        self.certificate = certificate
        self.mpm = mpm
        self.guarded = guarded
        self._port = keep_port()
        self.port = self._port.getsockname()[1]
        self.origin = f"https://localhost:{self.port}"
        self.log = ErrorLog(self.root / "logs" / "error.log")
        self.loglevel = "info cp2fa:trace8" if trace else "info"
        self.defines = {"PORT": self.port, "ROOT": self.root,
                        "DOCS": self.docs, **(defines or {})}
        self.process = None
        self.any_clock = True
        chose = chosen() if guarded else None
        self.database = database or (chose and chose.make())
        self._lay_out()
        self.configure(config, server)

    # -- the folder ------------------------------------------------------

    def _lay_out(self):
        for name in ("conf", "logs", "run", "docs", "state", "mail", "var"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)
        self.state = self.root / "state"
        self.state.chmod(0o700)
        self.give_to_httpd("state", "mail", "var")
        conf = self.root / "conf"
        (conf / "mime.types").write_text(text.MIME_TYPES)
        (conf / "tls.conf").write_text(text.TLS.format(
            certificate=self.certificate.path, key=self.certificate.key))
        for user, password in USERS.items():
            self.set_password(user, password)

    def set_password(self, user, password):
        """Adds the user to conf/users; cheap hashes, for speed."""
        users = self.root / "conf" / "users"
        users.touch()
        subprocess.run(["htpasswd", "-b", "-B", "-C", "4", users, user,
                        password], check=True, capture_output=True)

    def give_to_httpd(self, *names):
        """Hands folders under the root to the user httpd runs as."""
        if os.geteuid() == 0:
            for name in names:
                subprocess.run(["chown", "-R", "www-data:www-data",
                                self.root / name], check=True)

    def write(self, name, content, mode=0o644):
        """A file under docs/; its folders are made."""
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def join(self, other):
        """Becomes a second node: the other's database and keys."""
        self.state = other.state
        self.database = other.database

    def configure(self, config, server=""):
        """Writes conf/httpd.conf anew; a running server needs a restart."""
        identity = "User www-data\nGroup www-data" * (os.geteuid() == 0)
        parts = [text.BASE.format(
            root=self.root, modules=text.load_modules(self.mpm),
            identity=identity, mpm=text.MPMS[self.mpm],
            loglevel=self.loglevel,
            defines=text.define_lines(self.defines))]
        if self.guarded:
            parts += [text.define_lines({
                "CP2FA_MODULE": MODULE, "CP2FA_HTDOCS": self._htdocs(),
                "CP2FA_STATE": self.state}) + "\n",
                text.GUARD.format(conf=REPO / "conf" / "cp2fa.conf",
                                  root=self.root),
                self.database.directive if self.database else ""]
        parts += [text.VHOST.format(config=config), server]
        (self.root / "conf" / "httpd.conf").write_text("\n".join(parts))

    def _htdocs(self):
        """The repo's pages, or a copy where www-data can't go there."""
        source = REPO / "htdocs"
        if all(p.stat().st_mode & 0o001 for p in [source, *source.parents]):
            return source
        copy = self.root / "htdocs"
        shutil.copytree(source, copy, dirs_exist_ok=True)
        return copy

    # -- the process -----------------------------------------------------

    def _command(self, *arguments):
        return [APACHE, "-d", str(self.root), "-f", "conf/httpd.conf",
                *arguments]

    def _clock(self):
        """A clock of the test's own is not the database's."""
        set_by_test = "FAKETIME_TIMESTAMP_FILE" in os.environ
        # a connection kept alive is as old as the clock is moved
        return (["-c", "KeepAlive Off"] * set_by_test
                + ["-DCP2FA_ANY_CLOCK"] * (set_by_test and self.any_clock))

    def configtest(self):
        """What `apachectl configtest` says: (exit status, output)."""
        done = subprocess.run(self._command("-t"), text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60,
                              env=build.environment())
        return done.returncode, done.stdout

    def start(self):
        self.log.is_running()
        # setpriv: should pytest be killed, its servers go with it
        self._output = open(self.root / "logs" / "console", "ab")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--",
             *self._command("-DFOREGROUND", *self._clock())],
            stdin=subprocess.DEVNULL, stdout=self._output,
            stderr=subprocess.STDOUT, start_new_session=True,
            env=build.environment())
        try:
            self._wait_until_it_accepts()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_it_accepts(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"httpd ended with {self.process.returncode}:\n"
                    f"{self.console()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"httpd doesn't accept:\n{self.console()}")

    def console(self):
        """What the server printed and logged, its last words first."""
        said = (self.root / "logs" / "console").read_text(errors="replace")
        return said + self.log.text()[-4000:]

    def stop(self):
        """Ends the server by its process id, and waits for it."""
        if self.process is None:
            return
        self.log.is_ending(self.children())
        process, self.process = self.process, None
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            # mod_cgid's daemon, started while httpd was told to end, stays
            os.killpg(process.pid, signal.SIGKILL)
        self._output.close()

    def leave(self):
        """Stops it for good: its port is anybody's."""
        self.stop()
        self._port.close()

    def children(self):
        """Their process ids, as texts."""
        return children_of(self.process)

    def graceful(self):
        """Restarts gracefully, as `apachectl graceful` does."""
        self.log.leaving |= self.children()
        self.process.send_signal(signal.SIGUSR1)

    def restart(self):
        self.stop()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()
