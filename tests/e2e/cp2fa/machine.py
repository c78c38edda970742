"""A Debian system of its own: what is installed here, and nobody's changes.

The files are this system's, seen through an overlay that forgets what is
written; processes are in a namespace that ends with it. The network is the
same, so that tests reach its servers.
"""
import subprocess

START = r"""
set -e
mount -t tmpfs -o mode=755 cp2fa-test "$1"
cd "$1"
mkdir upper work root
mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work cp2fa-test root
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount -t tmpfs -o mode=755 cp2fa-test root/run
mkdir root/run/lock
# or nothing that invoke-rc.d is asked to start would be
rm -f root/sbin/runlevel
printf '#!/bin/sh\necho N 5\n' > root/sbin/runlevel
chmod 755 root/sbin/runlevel
echo ready
# a shell, which waits for whomever its parent has left
exec chroot root sh -c 'while :; do sleep 0.2; done'
"""


class NotHere(Exception):
    """This system lets nobody make such a machine, root or not."""


class Machine:

    def __init__(self, folder):
        self.root = f"{folder}/root"
        # setpriv: should pytest be killed, the machine goes with it
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--",
             "unshare", "--mount", "--pid", "--fork", "--kill-child", "--",
             "sh", "-c", START, "sh", folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        said = self.process.stdout.readline()
        if said != "ready\n":
            self.process.kill()
            raise NotHere(said + self.process.communicate()[0])
        self.init = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()

    def run(self, *command, check=True, **more):
        """Runs a command there as root; what it did, output as text."""
        done = subprocess.run(
            ["nsenter", "--target", self.init, "--mount", "--pid", "--",
             "chroot", self.root, "env", "-i", "LC_ALL=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *map(str, command)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=300, **more)
        if check:
            assert done.returncode == 0, (command, done.stdout)
        return done

    def said(self, *command):
        return self.run(*command).stdout.strip()

    def has(self, path):
        return self.run("test", "-e", path, check=False).returncode == 0

    def write(self, path, text):
        self.run("sh", "-c", 'cat > "$1"', "sh", path, input=text)

    def dpkg(self, *arguments):
        # the triggers are others', man pages and the like
        return self.run("dpkg", "--no-triggers", *arguments)

    def install(self, *debs):
        """Installs packages of files outside."""
        for deb in debs:
            with open(deb, "rb") as file:
                subprocess.run(
                    ["nsenter", "--target", self.init, "--mount", "--",
                     "cp", "/dev/stdin", f"{self.root}/root/{deb.name}"],
                    stdin=file, check=True)
        return self.dpkg("-i", *(f"/root/{deb.name}" for deb in debs))

    def stop(self):
        self.process.kill()
        self.process.communicate()
