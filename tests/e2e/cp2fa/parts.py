"""What stands behind the module in the examples: slapd, PHP, as Debian's."""
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from .httpd import free_port

SLAPD = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {root}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
maxsize 10485760
suffix "dc=example,dc=org"
directory {root}/data
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""
TREE = """\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit

dn: cn=httpd,dc=example,dc=org
objectClass: person
sn: httpd
userPassword: {bind}

"""
PERSON = """\
dn: uid={0},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
cn: {0}
sn: {0}
mail: {0}@example.org
userPassword: {1}

"""
GROUP = """\
dn: cn=console,ou=groups,dc=example,dc=org
objectClass: groupOfNames
"""
FPM = """\
[global]
error_log = {root}/fpm.log
daemonize = no
[www]
user = www-data
group = www-data
listen = {socket}
listen.owner = www-data
pm = static
pm.max_children = 2
php_admin_value[session.save_path] = {root}
"""


class Process:
    """A server that goes when pytest does."""

    def __init__(self, command, user=None):
        # as somebody of its own: a test needs no root for that
        become = ["--reuid", user, "--regid", user, "--clear-groups"] \
            if user and os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *become, "--", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def wait(self, address, family=socket.AF_INET):
        deadline = time.monotonic() + 20
        while True:
            assert self.process.poll() is None, "it ended"
            with socket.socket(family) as probe:
                if probe.connect_ex(address) == 0:
                    return self
            assert time.monotonic() < deadline, "it does not listen"
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Directory:
    """slapd with people {name: password}, some of them in cn=console."""

    def __init__(self, root, people, members, bind):
        root.mkdir()
        (root / "data").mkdir()
        conf = root / "slapd.conf"
        conf.write_text(SLAPD.format(root=root))
        tree = TREE.format(bind=bind) + "".join(
            PERSON.format(*person) for person in people.items()) + GROUP
        tree += "".join(f"member: uid={name},ou=people,dc=example,dc=org\n"
                        for name in members)
        subprocess.run(["/usr/sbin/slapadd", "-q", "-f", conf], check=True,
                       input=tree, text=True, capture_output=True)
        if os.geteuid() == 0:
            for path in (root, *root.rglob("*")):
                shutil.chown(path, "openldap", "openldap")
        self.port = free_port()
        self.process = Process(
            ["/usr/sbin/slapd", "-d", "0", "-f", str(conf),
             "-h", f"ldap://127.0.0.1:{self.port}"], "openldap").wait(
                 ("127.0.0.1", self.port))

    def stop(self):
        self.process.stop()


def phpmyadmin():
    """Whether Debian's is installed, with php-fpm."""
    return all(Path(path).exists() for path in (
        "/usr/share/phpmyadmin/index.php", "/usr/sbin/php-fpm8.2"))


def php(root, path):
    """php-fpm at a socket of its own."""
    root.mkdir(mode=0o700)
    (root / "fpm.conf").write_text(FPM.format(root=root, socket=path))
    if os.geteuid() == 0:
        shutil.chown(root, "www-data")
    return Process(["/usr/sbin/php-fpm8.2", "--fpm-config",
                    str(root / "fpm.conf")]).wait(str(path), socket.AF_UNIX)
