# SPDX-License-Identifier: Apache-2.0
"""A small httpd over plain HTTP, started as it is or under callgrind."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

REPO = Path(__file__).resolve().parents[2]
APACHE = shutil.which("apache2") or "/usr/sbin/apache2"
MODULES_DIR = "/usr/lib/apache2/modules"
USER, PASSWORD = "alice", "correct horse"
PAGE = b"x" * 1023 + b"\n"
# with debugging's cost left out: callgrind slows a start down fifty times
PATIENCE = 60

CONFIG = """\
ServerRoot "{root}"
ServerName localhost
DefaultRuntimeDir run
PidFile run/httpd.pid
{modules}
{identity}
{mpm}
MaxKeepAliveRequests 0
KeepAliveTimeout 60
Listen 127.0.0.1:{port}
ErrorLog logs/error.log
LogLevel warn
TypesConfig conf/mime.types
DocumentRoot "{root}/docs"
Define DOCS "{root}/docs"
Define CP2FA_MODULE "{module}"
Define CP2FA_HTDOCS "{htdocs}"
Define CP2FA_STATE "{root}/state"
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory "{root}/docs">
    Require all granted
</Directory>
{config}
"""

MPMS = {
    "event": """\
StartServers 1
ServerLimit {children}
ThreadsPerChild 16
MaxRequestWorkers {workers}
MinSpareThreads 1
MaxSpareThreads {workers}""",
    # as many as there are clients, so that none waits for a connection
    "prefork": """\
StartServers 12
ServerLimit {workers}
MaxRequestWorkers {workers}
MinSpareServers 1
MaxSpareServers {workers}""",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    """Until it accepts connections, or has ended, or PATIENCE has."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


class Site:
    """A server root; `start` runs a set-up on it, one at a time."""

    certificate = SimpleNamespace(path="")

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="cp2fa-bench-"))
        self.root.chmod(0o755)
        self.process = None
        self.services = {}
        for name in ("conf", "logs", "run", "docs", "state", "counts"):
            (self.root / name).mkdir()
        (self.root / "state").chmod(0o700)
        (self.root / "conf/mime.types").write_text(
            "text/html html shtml\ntext/css css\nimage/svg+xml svg\n")
        (self.root / "docs/page.html").write_bytes(PAGE)
        shutil.copytree(REPO / "htdocs", self.root / "htdocs")
        self.module = shutil.copy(REPO / "build/mod_cp2fa.so",
                                  self.root / "mod_cp2fa.so")
        for name, how in (("sha", ["-s"]), ("bcrypt", ["-B", "-C", "10"])):
            subprocess.run(["htpasswd", "-c", "-b", *how,
                            self.root / "conf" / name, USER, PASSWORD],
                           check=True, capture_output=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "www-data:www-data",
                            *(self.root / n for n in ("state", "counts"))],
                           check=True)

    def service(self, name, make):
        """What runs beside httpd until the site is removed."""
        if name not in self.services:
            self.services[name] = make()
        return self.services[name]

    def start(self, setup, callgrind=False):
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        children = 1 if callgrind else 4
        more = setup.service(self) if setup.service else ""
        (self.root / "conf/httpd.conf").write_text(CONFIG.format(
            root=self.root, port=self.port, module=self.module,
            htdocs=self.root / "htdocs", config=setup.config(more),
            mpm=MPMS[setup.mpm].format(children=children,
                                       workers=16 * children),
            identity="User www-data\nGroup www-data" * (os.geteuid() == 0),
            modules="\n".join(
                f"LoadModule {name}_module {MODULES_DIR}/mod_{name}.so"
                for name in setup.loads())))
        command = [APACHE, "-d", str(self.root), "-f", "conf/httpd.conf",
                   "-X" if callgrind else "-DFOREGROUND"]
        if callgrind:
            command = ["valgrind", "-q", "--tool=callgrind",
                       "--vgdb=no",
                       # called for an answer that is an error, alone
                       "--dump-before=ap_send_error_response",
                       f"--callgrind-out-file={self.root}/counts/out.%p",
                       *command]
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=open(self.root / "logs/console", "ab"),
            stderr=subprocess.STDOUT, start_new_session=True)
        self._wait()
        return self

    def _wait(self):
        if wait_for(self.port, self.process):
            return
        said = [(self.root / "logs" / name).read_text(errors="replace")
                for name in ("console", "error.log")
                if (self.root / "logs" / name).exists()]
        self.stop()
        raise RuntimeError("httpd doesn't start:\n" + "\n".join(said))

    def stop(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def remove(self):
        self.stop()
        for service in self.services.values():
            service.stop()
        shutil.rmtree(self.root, ignore_errors=True)
