"""Reads an httpd error log the way an admin does: what needs me?"""
import re

# "child pid 17 exit signal Segmentation fault" is only a notice to httpd.
# A sanitizer (tools/sanitize) writes its report among the lines.
SERIOUS = re.compile(r":(error|crit|alert|emerg)\]|exit signal"
                     r"|: runtime error: |ERROR: \w+Sanitizer: ")


# A child that is told to end while its threads still do: mod_mpm_event's main
# thread may look at a socket that a worker has just given up (close_worker_
# sockets, apr_os_sock_get; four cores seen, no frame of the module in any).
CRASH_AT_THE_END = re.compile(r"AH0005[12]: .*exit signal Segmentation fault")


class ErrorLog:
    """The error log of one server, with what its test expects to see."""

    def __init__(self, path):
        self.path = path
        self.expected = []
        self.ends_at = None     # characters of it, when it was told to end

    def is_ending(self):
        self.ends_at = len(self.text())

    def is_running(self):
        self.ends_at = None

    def expect(self, *patterns):
        """Serious lines that match one of the patterns are fine."""
        self.expected += [re.compile(p) for p in patterns]

    def text(self):
        if not self.path.exists():
            return ""
        return self.path.read_text(errors="replace")

    def errors(self):
        """The serious lines that nobody announced."""
        text = self.text()
        running = text if self.ends_at is None else text[:self.ends_at]
        ending = text[len(running):]
        return [line for line in running.splitlines()
                + [line for line in ending.splitlines()
                   if not CRASH_AT_THE_END.search(line)]
                if SERIOUS.search(line)
                and not any(p.search(line) for p in self.expected)]
