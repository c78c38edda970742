"""Reads an httpd error log the way an admin does: what needs me?"""
import re

# "child pid 17 exit signal Segmentation fault" is only a notice to httpd.
# A sanitizer (tools/sanitize) writes its report among the lines.
SERIOUS = re.compile(r":(error|crit|alert|emerg)\]|exit signal"
                     r"|: runtime error: |ERROR: \w+Sanitizer: ")


# A child that is told to end while its threads still work: mod_mpm_event's main
# thread closes the sockets that they have (close_worker_sockets). It may look
# at one that was just given up (apr_os_sock_get; four cores seen, no frame of
# the module in any), or a worker find its own shut when it wants to keep it.
AT_THE_END = re.compile(
    r"AH0005[12]: child pid (\d+) exit signal Segmentation fault"
    r"|\[pid (\d+):.*Bad file descriptor: AH03093: process_socket:")


class ErrorLog:
    """The error log of one server, with what its test expects to see."""

    def __init__(self, path):
        self.path = path
        self.expected = []
        self.ends_at = None     # characters of it, when it was told to end
        self.leaving = set()    # process ids of children told to end before
        self.staying = set()    # those that were there until the end

    def is_ending(self, children):
        """The server is about to be told to, and has these processes."""
        self.staying = children
        self.ends_at = len(self.text())

    def is_running(self):
        self.leaving |= self.staying
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
                   if not AT_THE_END.search(line)]
                if SERIOUS.search(line) and not self._of_one_leaving(line)
                and not any(p.search(line) for p in self.expected)]

    def _of_one_leaving(self, line):
        found = AT_THE_END.search(line)
        if not found:
            return False
        crashed, closing = found.groups()
        # httpd ends children of its own accord, too. A crash may be why one is
        # gone; the other line can't be.
        return (self.leaving & {crashed, closing}
                or closing and self.ends_at is not None
                and closing not in self.staying)
