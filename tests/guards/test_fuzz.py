# SPDX-License-Identifier: Apache-2.0
"""Every parser of foreign bytes has a fuzz target, every target a corpus."""
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
FUZZ = REPO / "tests/fuzz"
TARGETS = {path.stem.removeprefix("fuzz_") for path in FUZZ.glob("fuzz_*.c")}
# what takes no foreign bytes, or has them from a target of another name
NOT_FUZZED = {
    "crypto": "hashes whatever it is given",
    "mailrate": "throttle",
    "odds": "reckons with numbers of the configuration",
    "policy": "decides by enums",
    "slowdown": "counts",
    "totp": "token",
    "window": "decides by numbers",
}


def test_every_file_of_the_core_has_a_fuzz_target_or_a_reason():
    files = {path.stem for path in REPO.glob("src/core/*.c")}
    assert files - set(NOT_FUZZED) == TARGETS
    assert set(NOT_FUZZED) <= files


def test_every_fuzz_target_has_a_small_corpus():
    folders = {path.name for path in (FUZZ / "corpus").iterdir()}
    assert folders == TARGETS
    total = 0
    for name in folders:
        seeds = list((FUZZ / "corpus" / name).iterdir())
        assert len(seeds) >= 3, name
        total += sum(seed.stat().st_size for seed in seeds)
    assert total < 100_000


def test_every_source_of_the_fuzzers_names_its_licence():
    for path in FUZZ.glob("*.[ch]"):
        head = path.read_text().splitlines()[0]
        assert head == "/* SPDX-License-Identifier: Apache-2.0 */", path.name
