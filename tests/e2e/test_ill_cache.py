"""A session cache on a machine that has gone bad."""
import pytest

from cp2fa import memcached
from cp2fa.client import location
from cp2fa.people import another, enrolled, guard, is_in, serve

MODULE = ("LoadModule socache_memcache_module "
          "/usr/lib/apache2/modules/mod_socache_memcache.so\n")


class TestACacheThatSpoilsWhatItKeeps:

    @pytest.fixture(scope="class")
    def cache(self):
        cache = memcached.Memcached()
        yield cache
        cache.stop()

    @pytest.fixture(scope="class")
    def httpd(self, httpd_of, cache):
        return serve(httpd_of(
            guard(), server=MODULE +
            f"TwoFactorSessionCache memcache:127.0.0.1:{cache.port}"))

    @pytest.mark.parametrize("spoil", [
        memcached.whole, memcached.flipped, memcached.cut, memcached.junk,
        memcached.swapped, None],
        ids=lambda spoil: spoil.__name__ if spoil else "hangs_up")
    def test_lets_in_whom_the_database_does_and_nobody_else(
            self, httpd, cache, spoil):
        """F15, SES-05."""
        cache.spoil = memcached.whole
        alice, bob = enrolled(httpd), enrolled(httpd)
        for person in (alice, bob):     # now it has their sessions
            assert is_in(person)
        stranger = another(alice)
        if spoil is None or spoil is memcached.junk:    # its own module's
            httpd.log.expect("AH00790", "AH00791", "AH00792", "AH00793",
                             "AH00794", "AH00795")
        cache.spoil, before = spoil, cache.answers
        for _ in range(20):
            assert is_in(alice) and is_in(bob)
            assert not is_in(stranger)
        assert spoil is None or cache.answers - before >= 40
        location(alice.post_form("/2fa/logout", {}, on="/2fa/profile"))
        assert not is_in(alice) and is_in(bob)
