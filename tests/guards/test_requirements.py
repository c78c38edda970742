# SPDX-License-Identifier: Apache-2.0
"""docs/requirements.md says which tests each requirement has."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def check(tree):
    return subprocess.run(
        [sys.executable, "-B", tree / "tools/requirements", "--check"],
        capture_output=True, text=True)


def test_the_table_of_requirements_is_as_the_tool_makes_it():
    done = check(REPO)
    assert done.returncode == 0, done.stderr + "run tools/requirements"


def test_a_test_that_was_renamed_or_lost_its_row_is_noticed(tmp_path):
    for name in ("tools", "tests", "docs"):
        shutil.copytree(REPO / name, tmp_path / name)
    assert check(tmp_path).returncode == 0
    table = tmp_path / "docs/requirements.md"
    whole = table.read_text()
    table.write_text("".join(line for line in whole.splitlines(True)
                             if not line.startswith("| OTP-03 |")))
    assert "OTP-03 has no row" in check(tmp_path).stderr
    table.write_text(whole)
    tests = tmp_path / "tests/e2e/test_token.py"
    tests.write_text(tests.read_text().replace("def test_", "def test_new_"))
    done = check(tmp_path)
    assert done.returncode == 1
    assert "+| OTP-03 " in done.stderr and "::test_new_" in done.stderr


def test_the_tests_that_the_threat_model_names_are_there():
    text = (REPO / "docs/threat-model.md").read_text()
    named = re.findall(r"`([\w/]+\.(?:py|c))((?:::\w+)+)`", text)
    assert len(named) > 50 and text.count("::") >= len(named)
    for file, names in named:
        (path,) = [p for p in (REPO / "tests").glob(f"*/{file}")]
        for name in names.split("::")[1:]:
            assert re.search(rf"\b(class|def|void)\s{name}\(?[:(]?",
                             path.read_text()), f"{file}{names}"
