"""What the pages say in another language, by their templates.

A guard has it that templates differ in words alone, so the words between the
same two tags are each other's translation.
"""
import re

from .httpd import REPO

SSI = re.compile(r"<!--#.*?-->", re.S)
TITLE = re.compile(r'<!--#set var="alert_title" value="([^"]*)"')


def pieces(path):
    """The words between tags, with and without SSI elements for tags, and
    the titles of alerts; each in their order."""
    text = path.read_text()
    return *([" ".join(piece.split())
              for piece in re.split(r"<[^>]*>", SSI.sub(element, text))]
             for element in ("", "<>")), TITLE.findall(text)


class Words:
    """Finds what somebody reads where the English page has these words."""

    def __init__(self, language):
        self.said = {}
        for path in sorted((REPO / "htdocs").glob("*.shtml.en")):
            for ours, theirs in zip(pieces(path),
                                    pieces(path.with_suffix("." + language))):
                # sentences with a variable in them may be in other pieces
                if len(ours) == len(theirs):
                    self.said |= dict(zip(ours, theirs))

    def __call__(self, english):
        """Of the words, or of the first that begin like that."""
        if english in self.said:
            return self.said[english]
        return next(self.said[words] for words in sorted(self.said)
                    if words.startswith(english))
