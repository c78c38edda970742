"""strace, to make a server's system calls fail, wait, or kill."""
import os
import signal
import subprocess
from contextlib import contextmanager, suppress


@contextmanager
def tracing(children, *inject, patience=4):
    """Meanwhile the children's calls are tampered with, by strace's rules.

    A rule's when=k counts in each thread by itself.
    """
    calls = ",".join(rule.split(":")[0] for rule in inject)
    tracer = subprocess.Popen(
        ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}",
         *(word for rule in inject for word in ("-e", f"inject={rule}")),
         *(word for child in children for word in ("-p", str(child)))],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for _ in children:
            line = tracer.stderr.readline()
            assert " attached" in line, line
        yield
    finally:
        tracer.terminate()
        try:
            tracer.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            # strace can wait forever for a thread that died meanwhile; what
            # it leaves stopped is of no use to anybody
            tracer.kill()
            tracer.communicate()
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
