"""What the documentation shows: blocks behind <!-- example: NAME -->."""
import re

from .build import REPO

MARKED = re.compile(r"^<!-- example: (\w[\w-]*) -->\n```(\w+)\n(.*?)^```$",
                    re.M | re.S)


def examples(page):
    """{name: text} of a page in docs/, in its order."""
    text = (REPO / "docs" / page).read_text()
    found = {name: body for name, _, body in MARKED.findall(text)}
    assert len(found) == text.count("<!-- example: "), page
    return found


def filled(text, places):
    """With other names in the place of some; each must be there."""
    for name, ours in places.items():
        assert name in text, (name, text)
        text = text.replace(name, str(ours))
    return text
