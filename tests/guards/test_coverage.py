# SPDX-License-Identifier: Apache-2.0
"""The tools that look closer notice what they are there to notice."""
import importlib.machinery
import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def coverage():
    loader = importlib.machinery.SourceFileLoader(
        "coverage_tool", str(REPO / "tools/coverage"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def lines(hit, missed, taken=0, untaken=0):
    """As gcovr tells them."""
    branches = [{"count": 1}] * taken + [{"count": 0}] * untaken
    return ([{"line_number": 1, "count": 3, "branches": branches}]
            + [{"line_number": 2, "count": 1, "branches": []}] * (hit - 1)
            + [{"line_number": 3, "count": 0, "branches": []}] * missed)


def test_coverage_below_a_floor_is_noticed_by_line_and_by_branch(coverage):
    floors = {"core": (95, 85), "store": (95, 85)}
    files = {"src/core/a.c": lines(95, 5, 85, 15),
             "src/store/a.c": lines(95, 5, 85, 15)}
    assert coverage.check(files, floors) == []
    files["src/core/b.c"] = lines(1, 1)
    assert coverage.check(files, floors) == ["core"]
    files["src/store/a.c"] = lines(95, 5, 84, 16)
    assert coverage.check(files, floors) == ["core", "store"]


def test_a_folder_of_which_nothing_was_counted_is_no_success(coverage):
    with pytest.raises(SystemExit):
        coverage.check({"src/core/a.c": lines(1, 0, 1)}, coverage.UNIT_FLOORS)


def test_every_folder_of_the_sources_has_a_floor(coverage):
    folders = {path.parent.name for path in REPO.glob("src/*/*.c")}
    assert set(coverage.FLOORS) == folders | {"mod_cp2fa.c"}
    assert all(floor[0] >= 90 for floor in coverage.FLOORS.values())


def test_the_coverage_tool_names_end_to_end_tests_there_are(coverage):
    assert coverage.SELECTION
    for name in coverage.SELECTION:
        assert (REPO / "tests/e2e" / name).exists(), name


def test_make_test_runs_what_looks_closer():
    """F24: memcheck, ThreadSanitizer; and the floors of coverage."""
    script = (REPO / "tools/test").read_text()
    for tool in ("coverage", "memcheck", "tsan"):
        assert re.search(rf"^    run_closer {tool} tools/{tool}\b", script,
                         re.M), tool
    programs = re.findall(r"\b((?:core|store)/test_\w+)", script)
    assert "core/test_taint" in programs and "core/test_threads" in programs
    for program in programs:
        assert (REPO / f"tests/unit/{program}.c").exists(), program


def test_memcheck_runs_every_test_of_core_and_store_but_those_it_names():
    script = (REPO / "tools/memcheck").read_text()
    skipped = re.search(r'skipped="(.*)"', script)[1].split()
    assert len(skipped) <= 3
    for name in skipped:
        assert (REPO / f"tests/unit/{name}.c").exists(), name


def test_what_valgrind_reports_is_no_success(tmp_path):
    """F24: a read behind the end of a block."""
    for folder in ("tools", "build/unit/core"):
        (tmp_path / folder).mkdir(parents=True)
    tool = tmp_path / "tools/memcheck"
    tool.write_text((REPO / "tools/memcheck").read_text())
    for name, size in (("good", 8), ("bad", 7)):
        source = tmp_path / f"{name}.c"
        source.write_text("#include <stdlib.h>\nint main(void) { char *p ="
                          f" calloc({size}, 1); int c = p[7]; free(p);"
                          " return c; }\n")
        subprocess.run(["gcc", "-O0", "-w", "-o",
                        tmp_path / "build/unit/core" / name, source],
                       check=True)
    good = subprocess.run(["sh", tool, "core/good"], capture_output=True,
                          text=True)
    assert (good.returncode, good.stdout) == (0, "1 clean, 0 not\n")
    bad = subprocess.run(["sh", tool, "core/good", "core/bad"],
                         capture_output=True, text=True)
    assert bad.returncode != 0 and "Invalid read of size 1" in bad.stdout
    assert bad.stdout.endswith("1 clean, 1 not\n")
