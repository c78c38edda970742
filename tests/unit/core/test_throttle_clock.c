/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/throttle.h"

/* Waits that a clock wrote down which was ahead. */

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define NOW    (INT64_C(1767225600) * SECOND) /* 2026-01-01 */

static const struct cp2fa_throttle usual = {20, 30 * DAY};

static struct cp2fa_attempts failed(unsigned times, int64_t at)
{
    struct cp2fa_attempts account = {"", 0, 0};

    while (times-- > 0) {
        struct cp2fa_attempts after;
        char entry[CP2FA_FAILURE_LEN + 1];

        cp2fa_throttle_reserve(&usual, &account, at, &after, entry);
        account = after;
    }
    return account;
}

/* F9, F10: neither two days, nor nothing */
static void a_wait_of_days_is_begun_anew_as_long_as_it_was(void **state)
{
    static const struct {
        unsigned failures;
        int64_t wait;
    } rows[] = {{3, 30}, {4, 60}, {9, 1920}, {10, 3600}, {20, 3600}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp2fa_attempts before = failed(rows[i].failures, NOW + 2 * DAY);
        struct cp2fa_attempts after;

        assert_int_equal(cp2fa_throttle_ahead(&before, NOW, &after), 1);
        assert_int_equal(after.next_try, NOW + rows[i].wait * SECOND);
        assert_string_equal(after.failures, before.failures);
        assert_int_equal(after.locked_at, before.locked_at);
        assert_int_equal(cp2fa_throttle_ahead(&after, NOW, &before), 0);
    }
}

/* F11: else each of two nodes would take back the other's wait */
static void a_wait_that_this_clock_can_have_set_is_left_alone(void **state)
{
    static const int64_t behind[] = {0, SECOND, 90 * SECOND, HOUR - 31 * SECOND,
                                     -DAY};
    struct cp2fa_attempts before = failed(3, NOW);
    struct cp2fa_attempts after;

    (void)state;
    for (size_t i = 0; i < COUNT(behind); i++) {
        assert_int_equal(cp2fa_throttle_ahead(&before, NOW - behind[i], &after),
                         0);
    }
    assert_int_equal(cp2fa_throttle_ahead(&before, before.next_try - HOUR,
                                          &after), 0);
    assert_int_equal(cp2fa_throttle_ahead(&before, before.next_try - HOUR - 1,
                                          &after), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_of_days_is_begun_anew_as_long_as_it_was),
        cmocka_unit_test(a_wait_that_this_clock_can_have_set_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
