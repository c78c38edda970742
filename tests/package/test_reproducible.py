"""Builds the Debian package twice, which takes too long for `make test`."""
import hashlib
import os
import shutil
import subprocess

from cp2fa import debian
from cp2fa.httpd import REPO

LEFT_BEHIND = shutil.ignore_patterns("build", "__pycache__")


def sums(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.glob("*.deb")}


def test_two_builds_are_the_same_bytes(tmp_path):
    """In another folder, at another time, by a user of other habits."""
    far = tmp_path / "a folder of quite another name and length"
    shutil.copytree(REPO, far, ignore=LEFT_BEHIND)
    for path in far.rglob("*"):
        if ".git" not in path.parts and path.is_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))
    # without .git the time is not known: it is the commit's
    epoch = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=REPO,
                           check=True, stdout=subprocess.PIPE,
                           text=True).stdout.strip()
    first = debian.build(tmp_path / "first", SOURCE_DATE_EPOCH=epoch)
    umask = os.umask(0o077)
    try:
        second = debian.build(
            tmp_path / "second", source=far, SOURCE_DATE_EPOCH=epoch,
            LC_ALL="tr_TR.UTF-8", LANGUAGE="lv", TZ="Pacific/Kiritimati",
            TMPDIR=str(far.parent), USER="somebody", HOME=str(tmp_path),
            DEB_BUILD_OPTIONS="nocheck parallel=1")
    finally:
        os.umask(umask)
    assert len(sums(first)) == 2
    assert sums(first) == sums(second)
