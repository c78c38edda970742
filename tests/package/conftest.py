"""Slow tests of the package, for `make deb-test`, on the same harness."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
