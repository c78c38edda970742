"""What the token page costs, so that it can't creep: by callgrind."""
import sys

import pytest

from cp2fa.build import REPO

sys.path.insert(0, str(REPO / "tools" / "bench"))
from pages import CHALLENGED, TEMPLATES, instructions, lay_out  # noqa: E402
from server import Site  # noqa: E402
from signin import sign_in  # noqa: E402

TIMES = 1.5         # of what mod_include takes for it, without this module
MOST = 1000000


class TestTheTokenPage:

    @pytest.fixture(scope="class")
    def counted(self):
        site = Site()
        try:
            sign_in(site)
            assert 1000 < lay_out(site) < 8192
            yield {setup: instructions(site, setup)
                   for setup in (CHALLENGED, TEMPLATES)}
        finally:
            site.remove()

    def test_costs_little_more_than_mod_include_alone(self, counted):
        assert counted[CHALLENGED] <= TIMES * counted[TEMPLATES]

    def test_has_no_words_parsed_that_are_not_needed(self, counted):
        """_error is longer than any page, and for errors alone."""
        assert counted[CHALLENGED] <= MOST
