# SPDX-License-Identifier: Apache-2.0
"""cp2factl's help, manual and completion name the same things."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
MANUAL = REPO / "docs/man/cp2factl.8"
COMPLETION = REPO / "conf/completion/cp2factl"


def help_of():
    """Commands and options that --help lists."""
    text = subprocess.run([REPO / "build/cp2factl", "--help"], text=True,
                          capture_output=True, check=True).stdout
    commands, options = text.split("\nOptions:\n")
    names = {re.split(r"  +| [\[A-Z]", line.strip())[0] for line in
             commands.split("Commands:\n")[1].strip().splitlines()}
    return names, set(re.findall(r"^  --([a-z-]+)", options, re.M))


def test_the_manual_names_every_command_and_option_and_no_other():
    text = MANUAL.read_text()
    commands, options = help_of()
    assert "user show" in commands and "log" in commands
    tags = re.findall(r"^\.It Cm ([a-z -]+?)(?: (?:Op )?Ar .*)?$", text, re.M)
    assert set(tags) == commands and len(tags) == len(set(tags))
    tags = re.findall(r"^\.It Fl -([a-z-]+)", text, re.M)
    assert set(tags) == options and len(tags) == len(set(tags))
    assert set(re.findall(r"\bFl -([a-z-]+)", text)) == options


def test_the_manual_has_every_exit_status_that_the_program_has():
    code = "".join(path.read_text() for path in REPO.glob("src/ctl/*.c"))
    used = set(re.findall(r"\bEX_[A-Z]+\b", code))
    listed = set(re.findall(r"^\.It Dv (EX_[A-Z]+)", MANUAL.read_text(), re.M))
    # what only a broken machine brings about
    assert used - {"EX_SOFTWARE", "EX_OSERR"} == listed


def test_the_manual_has_every_member_of_a_listing():
    text = MANUAL.read_text()
    words = set(re.findall(r"[a-z_]+", " ".join(
        line for line in text.splitlines()
        if line.startswith(".Li"))))
    code = "".join(path.read_text() for path in REPO.glob("src/ctl/*.c"))
    names = set(re.findall(r'"([a-z_]+)"', " ".join(
        "".join(call) for call in
        re.findall(r"json_pack\(\s*(\"[^;]*?)\);", code, re.S))))
    names -= {"user show"}
    assert "locked_at" in names and names - {"dead", "operator"} <= words


def test_the_manual_is_well_formed():
    if not shutil.which("mandoc"):
        pytest.skip("mandoc is not installed")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", MANUAL],
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stdout


def complete(*words):
    """What bash offers behind these words."""
    done = subprocess.run(
        ["bash", "-c", f'. "{COMPLETION}"; COMP_WORDS=("$@");'
         " COMP_CWORD=$(($# - 1)); _cp2factl; printf '%s\\n'"
         ' "${COMPREPLY[@]}"', "bash", "cp2factl", *words],
        text=True, capture_output=True, check=True)
    return set(done.stdout.split())


def test_completion_offers_every_command_and_option_and_no_other():
    commands, options = help_of()
    firsts = {name.split()[0] for name in commands}
    offered = complete("")
    assert offered == firsts | {"--" + name for name in options}
    for first in firsts:
        seconds = {name.split()[1] for name in commands
                   if name.startswith(first + " ")}
        if seconds:
            assert complete(first, "") == seconds, first
    assert complete("user", "sh") == {"show"}
