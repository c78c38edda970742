"""What the guard costs a signed-in request, and a log-in, so that neither can
creep.

Counted in instructions by callgrind, not timed: a busy machine changes
nothing. `tools/instructions` says where they go.
"""
import subprocess
import sys

import pytest

from cp2fa.build import REPO

sys.path.insert(0, str(REPO / "tools" / "bench"))
from count import Counter, count, total  # noqa: E402
from post import count_log_in  # noqa: E402
from server import Site  # noqa: E402
from setups import BARE, LOADED, OURS  # noqa: E402
from signin import sign_in, write_sessions  # noqa: E402

ADDED = 5500        # to the same httpd without it, sent a cookie
IN_TURN = 18000     # the same, of another session than the one before
TIMES_BARE = 1.25   # of one that loads and is sent nothing of the kind
NOISE = 0.01        # of two counts of one thing
A_LOG_IN = 450000   # with SQLite, which takes a third of it


def in_turn(site):
    """A request on a connection that ten browsers share."""
    cookies = write_sessions(site, 10)
    with Counter(site, OURS, cookies[0]) as counter:
        return counter.per_request(cookies)[0]


class TestASignedInRequest:

    @pytest.fixture(scope="class")
    def counted(self):
        site = Site()
        try:
            session = sign_in(site)
            yield {setup: count(site, setup, session)
                   for setup in (BARE, LOADED, OURS)} | {
                       "again": count(site, LOADED, session),
                       "in turn": in_turn(site)}
        finally:
            site.remove()

    def test_is_counted_the_same_twice(self, counted):
        assert counted[LOADED] > 10000
        assert abs(counted[LOADED] / counted["again"] - 1) < NOISE

    def test_adds_few_instructions(self, counted):
        """AuthType TwoFactor, and nothing else of the guard in its way."""
        added = counted[OURS] - counted[LOADED]
        assert 1000 < added <= ADDED + NOISE * counted[LOADED]

    def test_of_another_session_than_the_one_before(self, counted):
        """As it is over HTTP/2, for each stream, and behind a proxy."""
        added = counted["in turn"] - counted[LOADED]
        assert added <= IN_TURN + NOISE * counted[LOADED]

    def test_costs_little_more_than_httpd_alone(self, counted):
        assert counted[OURS] <= TIMES_BARE * counted[BARE] * (1 + NOISE)


def test_a_log_in_takes_less_than_half_a_million():
    """The POST of a right token, whole."""
    site = Site()
    try:
        assert 200000 < count_log_in(site)[0] <= A_LOG_IN
    finally:
        site.remove()


def test_a_token_is_checked_in_a_hundred_thousand(tmp_path):
    """All of the 13 steps of ±180 s, always: ten times in this program."""
    out = tmp_path / "out"
    subprocess.run(
        ["valgrind", "-q", "--tool=callgrind",
         "--toggle-collect=cp2fa_totp_match", f"--callgrind-out-file={out}",
         REPO / "build" / "unit" / "core" / "test_totp_cost"],
        check=True, capture_output=True)
    assert 60000 < total(out) / 10 <= 100000
