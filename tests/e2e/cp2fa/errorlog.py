"""Reads an httpd error log the way an admin does: what needs me?"""
import re

# "child pid 17 exit signal Segmentation fault" is only a notice to httpd.
SERIOUS = re.compile(r":(error|crit|alert|emerg)\]|exit signal")


class ErrorLog:
    """The error log of one server, with what its test expects to see."""

    def __init__(self, path):
        self.path = path
        self.expected = []

    def expect(self, *patterns):
        """Serious lines that match one of the patterns are fine."""
        self.expected += [re.compile(p) for p in patterns]

    def text(self):
        if not self.path.exists():
            return ""
        return self.path.read_text(errors="replace")

    def errors(self):
        """The serious lines that nobody announced."""
        return [line for line in self.text().splitlines()
                if SERIOUS.search(line)
                and not any(p.search(line) for p in self.expected)]
