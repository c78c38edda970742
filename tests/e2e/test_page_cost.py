"""What pages cost, so that it can't creep: by callgrind."""
import sys

import pytest

from cp2fa.build import REPO

sys.path.insert(0, str(REPO / "tools" / "bench"))
from pages import (BCRYPT, CHALLENGED, SIGNED_IN,  # noqa: E402
                   TEMPLATES, instructions, lay_out)
from server import Site  # noqa: E402
from signin import sign_in  # noqa: E402

TIMES = 1.1         # of what mod_include takes for it, without this module
MOST = 540000
PROFILE = 1750000   # My Profile of one device, session and browser
HASH = 249390720    # bcrypt of cost 10


class TestAPage:

    @pytest.fixture(scope="class")
    def counted(self):
        site = Site()
        try:
            session = sign_in(site)
            assert 1000 < lay_out(site) < 8192
            yield {setup: instructions(site, setup, session=session)
                   for setup in (CHALLENGED, TEMPLATES, SIGNED_IN, BCRYPT)}
        finally:
            site.remove()

    def test_costs_little_more_than_mod_include_alone(self, counted):
        assert counted[CHALLENGED] <= TIMES * counted[TEMPLATES]

    def test_has_no_words_parsed_that_are_not_needed(self, counted):
        """_error is longer than any page, and for errors alone; most lists
        are short."""
        assert counted[CHALLENGED] <= MOST
        assert counted[SIGNED_IN] <= PROFILE

    def test_has_the_password_verified_once(self, counted):
        """Whatever the number of its files."""
        assert counted[BCRYPT] <= 1.1 * HASH
