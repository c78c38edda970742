/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/slowdown.h"

#define NOW INT64_C(1767225600) /* 2026-01-01 */

static const struct cp2fa_slowdown rule = {3, 5, 3600, 600};

/* THR-08 */
static void the_wait_begins_after_the_free_failures_and_doubles(void **state)
{
    static const unsigned waits[] = {0,   0,   0,   5,    10,   20,   40,  80,
                                     160, 320, 640, 1280, 2560, 3600, 3600};
    struct cp2fa_slowness origin = {0, 0};

    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        origin.failures = (int64_t)i + 1;
        origin.at = NOW;
        assert_int_equal(cp2fa_slowdown_wait(&rule, &origin, NOW), waits[i]);
        if (waits[i] > 0) {
            assert_int_equal(
                cp2fa_slowdown_wait(&rule, &origin, NOW + waits[i] - 1), 1);
        }
        assert_int_equal(cp2fa_slowdown_wait(&rule, &origin, NOW + waits[i]),
                         0);
    }
}

static void an_origin_without_a_failure_never_waits(void **state)
{
    const struct cp2fa_slowness none = {0, 0};

    (void)state;
    assert_int_equal(cp2fa_slowdown_wait(&rule, &none, NOW), 0);
    assert_int_equal(cp2fa_slowdown_level(&rule, &none, NOW), 0);
    assert_int_equal(cp2fa_slowdown_wait(&rule, &none, 0), 0);
}

/* However many there are, and whatever a database was made to hold */
static void the_wait_has_an_end(void **state)
{
    static const int64_t many[] = {100, 1000000, INT64_MAX / 2};

    (void)state;
    for (size_t i = 0; i < COUNT(many); i++) {
        const struct cp2fa_slowness origin = {many[i], NOW};

        assert_int_equal(cp2fa_slowdown_wait(&rule, &origin, NOW), 3600);
        assert_int_equal(cp2fa_slowdown_wait(&rule, &origin, NOW + 3600), 0);
    }
}

static void failures_are_forgotten_one_by_one(void **state)
{
    const struct cp2fa_slowness origin = {4, NOW};

    (void)state;
    assert_int_equal(cp2fa_slowdown_level(&rule, &origin, NOW + 599), 4);
    assert_int_equal(cp2fa_slowdown_level(&rule, &origin, NOW + 600), 3);
    assert_int_equal(cp2fa_slowdown_level(&rule, &origin, NOW + 2399), 1);
    assert_int_equal(cp2fa_slowdown_level(&rule, &origin, NOW + 2400), 0);
    assert_int_equal(cp2fa_slowdown_level(&rule, &origin, NOW + 99999), 0);
}

static void one_more_failure_is_added_to_what_still_counts(void **state)
{
    const struct cp2fa_slowness before = {4, NOW};
    struct cp2fa_slowness after;

    (void)state;
    cp2fa_slowdown_fail(&rule, &before, NOW + 1300, &after);
    assert_int_equal(after.failures, 3);
    assert_int_equal(after.at, NOW + 1300);
}

/* F10: a clock that goes back forgives nothing, and locks nobody out */
static void a_clock_set_back_is_as_if_no_time_had_passed(void **state)
{
    const struct cp2fa_slowness origin = {4, NOW};
    struct cp2fa_slowness after;

    (void)state;
    assert_int_equal(cp2fa_slowdown_wait(&rule, &origin, NOW - 86400), 5);
    assert_int_equal(cp2fa_slowdown_level(&rule, &origin, NOW - 86400), 4);
    cp2fa_slowdown_fail(&rule, &origin, NOW - 86400, &after);
    assert_int_equal(after.failures, 5);
    assert_int_equal(cp2fa_slowdown_wait(&rule, &after, NOW - 86390), 0);
}

/* THR-08: what one origin may guess in a day, tried as soon as it may */
static void a_guesser_without_rest_has_few_tries_a_day(void **state)
{
    static const struct cp2fa_slowdown pair = {3, 5, 3600, 3600};
    struct cp2fa_slowness origin = {0, 0};
    int64_t now = NOW;
    int tries = 0;

    (void)state;
    while (now < NOW + 86400) {
        cp2fa_slowdown_fail(&pair, &origin, now, &origin);
        tries++;
        now += cp2fa_slowdown_wait(&pair, &origin, now);
    }
    assert_in_range(tries, 30, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wait_begins_after_the_free_failures_and_doubles),
        cmocka_unit_test(an_origin_without_a_failure_never_waits),
        cmocka_unit_test(the_wait_has_an_end),
        cmocka_unit_test(failures_are_forgotten_one_by_one),
        cmocka_unit_test(one_more_failure_is_added_to_what_still_counts),
        cmocka_unit_test(a_clock_set_back_is_as_if_no_time_had_passed),
        cmocka_unit_test(a_guesser_without_rest_has_few_tries_a_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
