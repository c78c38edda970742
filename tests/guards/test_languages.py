# SPDX-License-Identifier: Apache-2.0
"""Every language says the same: only words differ between the templates."""
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
HTDOCS = REPO / "htdocs"
FIRST = "en"        # the language that is written first
FILES = sorted([*HTDOCS.glob("*.shtml.*"), *HTDOCS.glob("mail/*.txt.*")])
LANGUAGES = sorted({path.suffix[1:] for path in FILES})
OTHERS = [language for language in LANGUAGES if language != FIRST]
NAMES = sorted({str(path.relative_to(HTDOCS).with_suffix(""))
                for path in FILES})
PAIRS = [(name, language) for name in NAMES for language in OTHERS]

# attributes that hold words for people
WORDS_IN = {"alt", "aria-label", "placeholder", "title"}
# the one variable that a template sets to words
TITLE = re.compile(r'(<!--#set var="(?:alert_title|CP2FA_DEVICE_\d+_NAME)" value=")([^"]*)(" -->)')
SSI = re.compile(r"<!--#.*?-->", re.S)
FIELD = re.compile(r"\{\{.*?\}\}")
# words of English that are none of Latvian, nor of a name
ENGLISH = re.compile(
    r"\b(the|is|are|was|were|be|been|you|yours?|of|and|or|in|on|it|its|not"
    r"|for|from|with|this|that|they|we|our|can|can't|isn't|don't|won't"
    r"|please|wait|log|logged|back|enter|type|page|error|password|recovery"
    r"|codes?|digits?|phone|app|apps|devices?|sessions?|seconds?|minutes?"
    r"|hours?|nothing|changed|again|account|token|address|used|left|more"
    r"|done|removed?|replace|cancel|submit|confirm|enable|disable)\b", re.I)


def read(name, language):
    return (HTDOCS / f"{name}.{language}").read_text()


class Skeleton(HTMLParser):
    """The tags of a template and their attributes, words taken out."""

    def __init__(self, html):
        super().__init__(convert_charrefs=False)
        self.tags = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, [(k, bare(k, v)) for k, v in attrs]))

    def handle_endtag(self, tag):
        self.tags.append(("/" + tag, []))


def bare(name, value):
    """The value of an attribute without its words, variables kept."""
    if name == "lang":
        return "LANGUAGE"
    if name in WORDS_IN or (value or "").startswith("data:"):
        return re.findall(r"@\d+@", value)
    return value


def neutral(text, language):
    """The template with its language's name and alert titles taken out."""
    text = TITLE.sub(r"\1\3", text)
    return re.sub(rf'(\.shtml)\.{language}"', r'\1"', text)


def directives(text, language):
    return SSI.findall(neutral(text, language))


def skeleton(text, language):
    """The tags. An SSI element is named by its text, not by its place:
    a language may put a variable elsewhere in its sentence."""
    numbers = {}

    def number(match):
        return f"@{numbers.setdefault(match[0], len(numbers))}@"

    for element in sorted(set(directives(text, language))):
        numbers[element] = len(numbers)
    return Skeleton(SSI.sub(number, neutral(text, language))).tags


def words(text):
    """What a reader gets to read: titles of alerts, attributes, text."""
    said = [title for _, title, _ in TITLE.findall(text)]
    text = SSI.sub(" ", text)
    said += [value for names, value in re.findall(
        r'\s(alt|aria-label|placeholder|title)="([^"]*)"', text)]
    said.append(re.sub(r"<[^>]*>", " ", text))
    return "\n".join(FIELD.sub(" ", piece) for piece in said)


def test_there_are_pages_and_mails_in_english_and_latvian():
    assert {"en", "lv"} <= set(LANGUAGES)
    assert "token.shtml" in NAMES and "mail/enabled.txt" in NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fragment_and_mail_is_in(language):
    missing = [name for name in NAMES
               if not (HTDOCS / f"{name}.{language}").exists()]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_configuration_serves(language):
    conf = (REPO / "conf/cp2fa.conf").read_text()
    assert re.search(rf"^\s*AddLanguage {language} \.{language}$", conf, re.M)
    priority = re.search(r"^\s*LanguagePriority (.*)$", conf, re.M)[1].split()
    assert priority[0] == FIRST and language in priority


@pytest.mark.parametrize("name, language", PAIRS)
def test_only_words_differ(name, language):
    ours, theirs = read(name, FIRST), read(name, language)
    if name.startswith("mail/"):
        assert sorted(FIELD.findall(ours)) == sorted(FIELD.findall(theirs))
        assert FIELD.findall(ours.split("\n")[0]) \
            == FIELD.findall(theirs.split("\n")[0])
        assert theirs.startswith("Subject: ")
        assert max(map(len, theirs.splitlines())) <= 78
    else:
        assert directives(ours, FIRST) == directives(theirs, language)
        assert skeleton(ours, FIRST) == skeleton(theirs, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_says_which_language_it_is_and_includes_no_other(language):
    for name in filter(lambda n: n.endswith(".shtml"), NAMES):
        text = read(name, language)
        said = re.findall(r'<html lang="([^"]*)">', text)
        assert said == ([language] if "<html" in text else []), name
        assert text.count("<html") == len(said), name
        included = re.findall(r'<!--#include \w+="([^"]*)"', text)
        for file in included:
            assert file.endswith(f".shtml.{language}"), f"{name}: {file}"
            assert (HTDOCS / file).exists(), f"{name}: {file}"


@pytest.mark.parametrize("name, language", PAIRS)
def test_no_english_is_left(name, language):
    text = words(read(name, language)).replace("Subject: ", "")
    # names of products and of a key
    text = re.sub(r"(Google|Microsoft) Authenticator|Caps Lock", "", text)
    assert ENGLISH.findall(text) == []


@pytest.mark.parametrize("name", ["_error.shtml", "mail/enabled.txt"])
def test_the_search_for_english_finds_it(name):
    assert len(ENGLISH.findall(words(read(name, FIRST)))) > 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_code_has_words_of_its_own(language):
    text = read("_error.shtml", language)
    branches = re.split(r"<!--#(?:if|elif|else)\b", text)
    codes = [b for b in branches if TITLE.search(b)]
    english = re.findall(r"'([a-z]+(?:-[a-z]+)*)'", read("_error.shtml",
                                                         FIRST))
    for code in english:
        assert f"'{code}'" in text, code
    assert len(codes) == len(TITLE.findall(read("_error.shtml", FIRST)))
    for branch in codes:
        assert TITLE.search(branch)[2].strip(), branch
        assert re.search(r"<p>|_clock", branch), branch


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_has_words(language):
    code = (REPO / "src/pages/render.c").read_text()
    table = re.search(r"notices\[\] = \{(.*?)\};", code, re.S)[1]
    notices = set(re.findall(r'"([a-z-]+)"', table))
    assert "enabled" in notices
    pages = "".join(read(name, language) for name in NAMES
                    if name.endswith(".shtml"))
    # few-codes: _few tells it, as long as there are few
    for notice in notices - {"few-codes"}:
        said = re.search(rf"""v\('CP2FA_NOTICE'\) = '{notice}'" -->\s*"""
                         r'<p class="notice" role="status">([^<]+)</p>',
                         pages)
        assert said and said[1].strip(), notice


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name, thing, count", [
    ("_devices.shtml", "DEVICE", 8), ("_sessions.shtml", "SESSION", 20),
    ("_programs.shtml", "PROGRAM", 20)])
def test_the_unrolled_fragments_are_as_the_tool_makes_them(
        name, thing, count, language):
    end = "\n<!--#endif -->\n"
    first = read(name, language)
    first = first[:first.index(end) + len(end)]
    assert f"{thing}_1_" in first
    more, many = (name.replace(".shtml", f"-{part}.shtml")
                  for part in ("more", "many"))
    for file, items, rest in ((name, [1], more), (more, range(2, 6), many),
                              (many, range(6, count + 1), None)):
        said = "".join(first.replace("_1_", f"_{i}_") for i in items)
        if rest:
            said += (f"<!--#if expr=\"v('CP2FA_{thing}_{items[-1] + 1}_ID')"
                     f" != ''\" --><!--#include file=\"{rest}.{language}\""
                     " --><!--#endif -->\n")
        assert read(file, language) == said
