"""Which build of the module the tests take, and what that needs.

CP2FA_BUILD names another folder than build/: tools/coverage and tools/sanitize
set it. CP2FA_SANITIZER is the library that httpd, which knows nothing of it,
must load.
"""
import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
MODULE = REPO / os.environ.get("CP2FA_BUILD", "build") / "mod_cp2fa.so"
SANITIZER = os.environ.get("CP2FA_SANITIZER")
# An error ends the child by a signal. The report is in the error log, which
# is httpd's standard error. httpd and libcrypto keep memory to the end of the
# process: leaks are memcheck's to find.
OPTIONS = ("abort_on_error=1:print_stacktrace=1:detect_leaks=0"
           ":verify_asan_link_order=0")


def environment():
    """A server's environment; None is the tests' own."""
    if not SANITIZER:
        return None
    # after what a test preloads: libfaketime, which looks for its functions
    # while ASan starts, and ASan for the time, wait for each other otherwise
    preload = f"{os.environ.get('LD_PRELOAD', '')} {SANITIZER}".strip()
    return {**os.environ, "LD_PRELOAD": preload, "ASAN_OPTIONS": OPTIONS,
            "UBSAN_OPTIONS": OPTIONS}
