"""Which build of the module the tests take, and what that needs.

CP2FA_BUILD names another folder than build/: tools/coverage and tools/sanitize
set it. CP2FA_SANITIZER is the library that httpd, which knows nothing of it,
must load before any other.
"""
import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
MODULE = REPO / os.environ.get("CP2FA_BUILD", "build") / "mod_cp2fa.so"
SANITIZER = os.environ.get("CP2FA_SANITIZER")
# An error ends the child by a signal, which httpd logs. httpd and libcrypto
# keep memory to the end of the process: leaks are memcheck's to find.
OPTIONS = ("abort_on_error=1:halt_on_error=1:print_stacktrace=1"
           ":detect_leaks=0:log_path={folder}/sanitizer")


def environment(folder):
    """A server's environment; a sanitizer reports in this folder."""
    if not SANITIZER:
        return None
    options = OPTIONS.format(folder=folder)
    # first of all, also where a test preloads something of its own
    preload = f"{SANITIZER} {os.environ.get('LD_PRELOAD', '')}".strip()
    return {**os.environ, "LD_PRELOAD": preload, "ASAN_OPTIONS": options,
            "UBSAN_OPTIONS": options}


def reports(folder):
    """Each report whole: where it is from is in its middle."""
    return [path.read_text(errors="replace")
            for path in sorted(folder.glob("sanitizer.*") if folder else [])]
