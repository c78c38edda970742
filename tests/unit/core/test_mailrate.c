/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/mailrate.h"

#define SECOND INT64_C(1000000)
#define NOW    (INT64_C(1800000000) * SECOND)

static char times[CP2FA_MAILRATE_TEXT + 1];

static int ask(int64_t now, unsigned *wait)
{
    char after[CP2FA_MAILRATE_TEXT + 1];
    int rv = cp2fa_mailrate_next(times, now, after, wait);

    if (rv == 0) {
        assert_int_equal(cp2fa_throttle_valid(after), 1);
        strcpy(times, after);
    }
    return rv;
}

/* MAIL-07 */
static void one_goes_out_in_a_minute(void **state)
{
    unsigned wait;

    (void)state;
    times[0] = '\0';
    assert_int_equal(ask(NOW, &wait), 0);
    assert_int_equal(ask(NOW, &wait), -1);
    assert_int_equal(wait, 60);
    assert_int_equal(ask(NOW + 59 * SECOND, &wait), -1);
    assert_int_equal(wait, 1);
    assert_int_equal(ask(NOW + 60 * SECOND, &wait), 0);
}

/* MAIL-07 */
static void five_go_out_in_a_day(void **state)
{
    unsigned wait;

    (void)state;
    times[0] = '\0';
    for (int i = 0; i < CP2FA_MAILRATE_DAILY; i++) {
        assert_int_equal(ask(NOW + i * 3600 * SECOND, &wait), 0);
    }
    assert_int_equal(ask(NOW + 5 * 3600 * SECOND, &wait), -1);
    assert_int_equal(wait, 86400 - 5 * 3600);
    assert_int_equal(ask(NOW + 86400 * SECOND - 1, &wait), -1);
    assert_int_equal(wait, 1);
    assert_int_equal(ask(NOW + 86400 * SECOND, &wait), 0);
    assert_int_equal(ask(NOW + (86400 + 60) * SECOND, &wait), -1);
    assert_int_equal(wait, 3600 - 60);
}

/* F10 */
static void a_clock_set_back_holds_nobody_up_for_days(void **state)
{
    unsigned wait;

    (void)state;
    times[0] = '\0';
    assert_int_equal(ask(NOW, &wait), 0);
    assert_int_equal(ask(NOW - 86400 * SECOND, &wait), 0);
    assert_int_equal(ask(NOW - (86400 + 30) * SECOND, &wait), -1);
    assert_in_range(wait, 1, 60);
}

static void a_spoilt_row_sends_nothing(void **state)
{
    char after[CP2FA_MAILRATE_TEXT + 1];
    unsigned wait;

    (void)state;
    assert_int_equal(cp2fa_mailrate_next("x", NOW, after, &wait), -1);
    assert_int_equal(cp2fa_mailrate_next("12 ", NOW, after, &wait), -1);
}

static void tries_come_after_30_seconds_to_an_hour(void **state)
{
    static const int64_t delays[] = {30,   60,   120,  240,  480,
                                     960,  1920, 3600, 3600, 3600};

    (void)state;
    for (size_t i = 0; i < COUNT(delays); i++) {
        assert_int_equal(cp2fa_mailrate_retry((int64_t)i + 1, 1000, 0, 2000),
                         2000 + delays[i]);
    }
    assert_int_equal(cp2fa_mailrate_retry(1000000, 1000, 0, 2000), 5600);
}

static void tries_end_after_a_day_or_when_it_is_too_late(void **state)
{
    (void)state;
    assert_int_equal(cp2fa_mailrate_retry(20, 1000, 0, 1000 + 86400 - 3600),
                     1000 + 86400);
    assert_int_equal(cp2fa_mailrate_retry(20, 1000, 0, 1001 + 86400 - 3600),
                     -1);
    assert_int_equal(cp2fa_mailrate_retry(1, 1000, 1600, 1569), 1599);
    assert_int_equal(cp2fa_mailrate_retry(1, 1000, 1600, 1570), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_goes_out_in_a_minute),
        cmocka_unit_test(five_go_out_in_a_day),
        cmocka_unit_test(a_clock_set_back_holds_nobody_up_for_days),
        cmocka_unit_test(a_spoilt_row_sends_nothing),
        cmocka_unit_test(tries_come_after_30_seconds_to_an_hour),
        cmocka_unit_test(tries_end_after_a_day_or_when_it_is_too_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
