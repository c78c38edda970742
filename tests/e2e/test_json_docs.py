"""Runs what docs/json.md says, and compares."""
import json
import os
import re
import subprocess

import pytest

from cp2fa.httpd import REPO, Httpd
from cp2fa import pageuser
from cp2fa.people import guard, serve

PAGE = REPO / "docs" / "json.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
CONSOLE_B = """
Alias "/b/2fa" "${CP2FA_HTDOCS}"
<Location "/b/2fa">
    TwoFactorPages on
    Options IncludesNoExec MultiViews
</Location>
""" + pageuser.guard('TwoFactorPath "/b/2fa"', where="/b", realm="Console B")
MARK = "== example {} =="


def examples():
    """Each sh block with what is printed below it: (script, text, [json])."""
    found = []
    for kind, body in BLOCK.findall(PAGE.read_text()):
        if kind == "sh":
            found.append((body, [], []))
        elif kind == "text":
            found[-1][1].extend(body.splitlines())
        else:
            found[-1][2].append(json.loads(body))
    return found


def is_json(line):
    return line.startswith("{")


@pytest.fixture(scope="module")
def said(workshop, certificate):
    """What each example printed, run one after the other in one shell."""
    root = workshop / "json-docs"
    httpd = Httpd(root, certificate, guard() + CONSOLE_B)
    httpd.set_password("alice", "secret")
    httpd.write("repo/page.html", "the content")
    folder = root / "client"
    folder.mkdir()
    script = "\n".join(
        f"echo '{MARK.format(n)}'\n{body}"
        for n, (body, _, _) in enumerate(examples()))
    script = script.replace("https://console.example", httpd.origin)
    serve(httpd)
    try:
        done = subprocess.run(
            ["bash", "-eu", "-c", script], cwd=folder, text=True,
            capture_output=True, timeout=60,
            env={**os.environ, "CURL_CA_BUNDLE": str(certificate.path)})
    finally:
        httpd.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert httpd.log.errors() == []
    text = done.stdout.replace(httpd.origin, "https://console.example")
    return re.split(r"== example \d+ ==\n", text)[1:]


def check_shape(said, documented, where):
    """The same names, in the same order of things, with the same types."""
    assert set(said) == set(documented), where
    for name, value in documented.items():
        assert type(said[name]) is type(value), (where, name)
        if value and isinstance(value, list) and isinstance(value[0], dict):
            check_shape(said[name][0], value[0], (where, name))
        elif name == "code":
            assert said[name] == value, where


@pytest.mark.parametrize("n", range(len(examples())))
def test_an_example_prints_what_it_says(said, n):
    body, text, documents = examples()[n]
    lines = said[n].splitlines()
    assert [line for line in lines if not is_json(line)] == text, body
    answers = [json.loads(line) for line in lines if is_json(line)]
    if documents:
        assert len(answers) == len(documents), body
    for answer, document in zip(answers, documents):
        check_shape(answer, document, body)


def test_there_is_an_example_for_every_page_and_action():
    routes = (REPO / "src/pages/routes.c").read_text()
    names = set(re.findall(r'^    \{"([\w./-]+)", \w+,', routes, re.M))
    done = " ".join(body for body, _, _ in examples())
    shown = set(re.findall(r"(?:ask|post) '?([\w./-]+)", done))
    # told in words: the log-in page would need another server
    told = {"login"}
    for name in told:
        assert f"`{name}`" in PAGE.read_text()
    assert names - told - {"style.css", "mark.svg", "error", "metrics", "signed-out",
                           "signed-out.svg"} <= shown


def test_every_code_is_in_the_table():
    table = PAGE.read_text().split("## Codes")[1]
    outcomes = (REPO / "src/gate/outcome.c").read_text()
    codes = set(re.findall(r'\{\d+, "([a-z-]+)"', outcomes))
    assert codes <= set(re.findall(r"`([a-z-]+)`", table))
