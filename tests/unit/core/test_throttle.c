/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "core/throttle.h"

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)
#define NOW    (INT64_C(1767225600) * SECOND) /* 2026-01-01 */

/* TwoFactorFailureLimit 20 30d */
static const struct cp2fa_throttle usual = {20, 30 * DAY};

static void reserve(const struct cp2fa_throttle *throttle,
                    struct cp2fa_attempts *account, int64_t now)
{
    const struct cp2fa_attempts before = *account;
    char entry[CP2FA_FAILURE_LEN + 1] = "";
    size_t len;

    cp2fa_throttle_reserve(throttle, &before, now, account, entry);
    len = strlen(account->failures);
    assert_int_equal(cp2fa_throttle_valid(account->failures), 1);
    assert_int_equal(strlen(entry), CP2FA_FAILURE_LEN);
    assert_true(len >= CP2FA_FAILURE_LEN);
    assert_string_equal(account->failures + len - CP2FA_FAILURE_LEN, entry);
    /* Strictly rising, so sorted, and every entry is unique. */
    for (size_t i = CP2FA_FAILURE_LEN; i < len; i += CP2FA_FAILURE_LEN) {
        assert_true(memcmp(account->failures + i - CP2FA_FAILURE_LEN,
                           account->failures + i, CP2FA_FAILURE_LEN)
                    < 0);
    }
}

static void answers(const struct cp2fa_attempts *account, int64_t now,
                    enum cp2fa_throttle_answer expected, unsigned seconds)
{
    unsigned wait = 4711;

    assert_int_equal(cp2fa_throttle_ask(account, now, &wait), expected);
    if (expected == CP2FA_THROTTLE_WAIT) {
        assert_int_equal(wait, seconds);
    }
}

/* Fails as soon as it may, so often; returns when the last one was. */
static int64_t fail_times(const struct cp2fa_throttle *throttle,
                          struct cp2fa_attempts *account, int64_t now,
                          unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        now = account->next_try > now ? account->next_try : now + 1;
        reserve(throttle, account, now);
    }
    return now;
}

static void a_string_of_failures_is_16_digits_and_a_blank_a_time(void **state)
{
    static const struct {
        const char *text;
        int valid;
    } rows[] = {
        {"", 1},
        {"1767225600000000 ", 1},
        {"0000000000000000 ", 1},
        {"1767225600000000 1767225600000001 ", 1},
        {" ", 0},
        {"1767225600000000", 0},
        {"176722560000000 ", 0},
        {"17672256000000000 ", 0},
        {"1767225600000000  ", 0},
        {" 1767225600000000", 0},
        {"1767225600000000\t", 0},
        {"1767225600000000\n", 0},
        {"1767225600000000,", 0},
        {"1767225600000000 1", 0},
        {"1767225600000000 1767225600000001", 0},
        {"1767225600000000 176722560000000x ", 0},
        {"1767225600000000x1767225600000001 ", 0},
        {"176722560000000x ", 0},
        {"-767225600000000 ", 0},
        {"+767225600000000 ", 0},
        {" 767225600000000 ", 0},
        {"17672256000000\331\246 ", 0},
    };
    char text[CP2FA_FAILURES_TEXT + CP2FA_FAILURE_LEN + 1] = "";

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (cp2fa_throttle_valid(rows[i].text) != rows[i].valid) {
            fail_msg("row %zu '%s'", i, rows[i].text);
        }
    }
    for (int i = 0; i <= CP2FA_FAILURES_MAX; i++) {
        assert_int_equal(cp2fa_throttle_valid(text), 1);
        sprintf(text + strlen(text), "%016d ", i);
    }
    assert_int_equal(cp2fa_throttle_valid(text), 0);
}

/* "The oldest first", as the header describes it */
static void an_unsorted_string_is_not_valid(void **state)
{
    (void)state;
    assert_int_equal(cp2fa_throttle_valid("1767225600000001 "
                                          "1767225600000000 "), 0);
    assert_int_equal(cp2fa_throttle_valid("0000000000000001 "
                                          "0000000000000003 "
                                          "0000000000000002 "), 0);
}

static void a_fresh_account_may_try(void **state)
{
    const struct cp2fa_attempts fresh = {"", 0, 0};

    (void)state;
    answers(&fresh, NOW, CP2FA_THROTTLE_GO, 0);
    assert_int_equal(cp2fa_throttle_count(&usual, &fresh, NOW), 0);
}

/* THR-03, THR-04: one account from its first failure to its last */
static void the_delay_grows_from_30_s_to_1_h_until_the_factor_locks(void **s)
{
    static const unsigned delays[] = {
        0,    0,    30,   60,   120,  240,  480,  960,  1920, 3600,
        3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600,
    };
    struct cp2fa_attempts account = {"", 0, 0};
    int64_t now = NOW;

    (void)s;
    for (unsigned i = 0; i < COUNT(delays); i++) {
        unsigned delay = delays[i];

        answers(&account, now, CP2FA_THROTTLE_GO, 0);
        reserve(&usual, &account, now);
        assert_int_equal(account.locked_at, 0);
        assert_int_equal(account.next_try, now + delay * SECOND);
        assert_int_equal(cp2fa_throttle_count(&usual, &account, now), i + 1);
        if (delay > 0) {
            answers(&account, now, CP2FA_THROTTLE_WAIT, delay);
            answers(&account, account.next_try - 1, CP2FA_THROTTLE_WAIT, 1);
        }
        now += delay * SECOND + 1;
    }
    reserve(&usual, &account, now);
    assert_int_equal(account.locked_at, now);
    answers(&account, now, CP2FA_THROTTLE_LOCKED, 0);
    answers(&account, now + 2 * DAY, CP2FA_THROTTLE_LOCKED, 0);
    answers(&account, now + 36500 * DAY, CP2FA_THROTTLE_LOCKED, 0);
    answers(&account, now - 36500 * DAY, CP2FA_THROTTLE_LOCKED, 0);
}

/* THR-03: Retry-After in whole seconds; who honours it gets through */
static void a_wait_is_rounded_up_so_that_honouring_it_works(void **state)
{
    static const int64_t lefts[] = {
        1, 2, 999999, 1000000, 1000001, 1999999, 29999999, 30000000,
        3599000001, 3600000000,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lefts); i++) {
        struct cp2fa_attempts account = {"", NOW + lefts[i], 0};
        unsigned wait = 0;

        assert_int_equal(cp2fa_throttle_ask(&account, NOW, &wait),
                         CP2FA_THROTTLE_WAIT);
        assert_true(wait * SECOND >= lefts[i]);
        assert_true((wait - 1) * SECOND < lefts[i]);
        answers(&account, NOW + wait * SECOND, CP2FA_THROTTLE_GO, 0);
        answers(&account, account.next_try, CP2FA_THROTTLE_GO, 0);
        answers(&account, account.next_try + 1, CP2FA_THROTTLE_GO, 0);
    }
}

/* THR-04: whatever one can set, it locks there and not before */
static void the_factor_locks_exactly_at_the_limit(void **state)
{
    (void)state;
    for (unsigned limit = 1; limit <= CP2FA_FAILURES_MAX; limit++) {
        const struct cp2fa_throttle throttle = {limit, 3650 * DAY};
        struct cp2fa_attempts account = {"", 0, 0};

        fail_times(&throttle, &account, NOW, limit - 1);
        assert_int_equal(account.locked_at, 0);
        fail_times(&throttle, &account, NOW, 1);
        assert_int_not_equal(account.locked_at, 0);
        answers(&account, account.next_try + 3650 * DAY,
                CP2FA_THROTTLE_LOCKED, 0);
        assert_int_equal(strlen(account.failures),
                         limit * CP2FA_FAILURE_LEN);
    }
}

/* THR-05: failures leave the window one by one, and only by its end */
static void a_failure_counts_until_its_window_is_over(void **state)
{
    struct cp2fa_attempts account = {"", 0, 0};
    const int64_t end = usual.window;

    (void)state;
    for (int i = 0; i < 3; i++) {
        reserve(&usual, &account, NOW + i * DAY);
    }
    assert_int_equal(cp2fa_throttle_count(&usual, &account, NOW + 2 * DAY), 3);
    for (int i = 0; i < 3; i++) {
        int64_t over = NOW + i * DAY + end;

        assert_int_equal(cp2fa_throttle_count(&usual, &account, over - 1),
                         (unsigned)(3 - i));
        assert_int_equal(cp2fa_throttle_count(&usual, &account, over + 1),
                         (unsigned)(2 - i));
    }
}

static void what_left_the_window_is_forgotten_and_the_delay_with_it(void **s)
{
    struct cp2fa_attempts account = {"", 0, 0};
    int64_t now = fail_times(&usual, &account, NOW, 19);

    (void)s;
    assert_int_equal(cp2fa_throttle_count(&usual, &account, now), 19);
    now += usual.window + 1;
    answers(&account, now, CP2FA_THROTTLE_GO, 0);
    reserve(&usual, &account, now);
    assert_int_equal(strlen(account.failures), CP2FA_FAILURE_LEN);
    assert_int_equal(account.next_try, now);
    assert_int_equal(account.locked_at, 0);
}

/* THR-05: 19 and 19 a window apart lock nothing, 10 and 10 within it do */
static void only_failures_within_one_window_lock(void **state)
{
    struct cp2fa_attempts account = {"", 0, 0};
    int64_t now = fail_times(&usual, &account, NOW, 10);

    (void)state;
    now = fail_times(&usual, &account, NOW + usual.window - DAY, 9);
    assert_int_equal(account.locked_at, 0);
    fail_times(&usual, &account, now, 1);
    assert_int_not_equal(account.locked_at, 0);

    account = (struct cp2fa_attempts){"", 0, 0};
    now = fail_times(&usual, &account, NOW, 19);
    fail_times(&usual, &account, now + usual.window + 1, 19);
    assert_int_equal(account.locked_at, 0);
}

/* THR-01: parallel attempts, all of them in one microsecond */
static void attempts_in_one_microsecond_have_entries_of_their_own(void **s)
{
    struct cp2fa_attempts account = {"", 0, 0};

    (void)s;
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(account.locked_at, 0);
        reserve(&usual, &account, NOW);
        assert_int_equal(cp2fa_throttle_count(&usual, &account, NOW), i + 1);
    }
    answers(&account, NOW + DAY, CP2FA_THROTTLE_LOCKED, 0);
}

/* F10: no failure is lost, none is noted twice, the count goes on */
static void a_clock_set_back_keeps_entries_unique_and_counted(void **state)
{
    static const int64_t clocks[] = {
        NOW, NOW + 5, NOW - 1, NOW - 2 * DAY, NOW - 2 * DAY, NOW + 5, NOW + 6,
        NOW - 40 * DAY, NOW + 7, NOW + DAY, NOW,
    };
    struct cp2fa_attempts account = {"", 0, 0};

    (void)state;
    for (size_t i = 0; i < COUNT(clocks); i++) {
        reserve(&usual, &account, clocks[i]);
        /* The delay is that of the clock that is, not of the one that was. */
        assert_in_range(account.next_try - clocks[i], i < 2 ? 0 : SECOND,
                        i < 2 ? 0 : 3600 * SECOND);
        assert_int_equal(cp2fa_throttle_count(&usual, &account, clocks[i]),
                         i + 1);
    }
    fail_times(&usual, &account, NOW - DAY, 8);
    assert_int_equal(account.locked_at, 0);
    reserve(&usual, &account, NOW - DAY);
    assert_int_not_equal(account.locked_at, 0);
}

static void after_a_clock_set_back_no_wait_is_told_over_an_hour(void **state)
{
    struct cp2fa_attempts account = {"", 0, 0};

    (void)state;
    fail_times(&usual, &account, NOW, 12);
    answers(&account, account.next_try - 3600 * SECOND, CP2FA_THROTTLE_WAIT,
            3600);
    answers(&account, account.next_try - 36500 * DAY, CP2FA_THROTTLE_WAIT,
            3600);
}

/* THR-04: "only recovery unlocks", so no attempt does, however late */
static void a_locked_factor_stays_locked_by_one_more_attempt(void **state)
{
    static const int64_t later[] = {1, 29 * DAY, 31 * DAY, 3650 * DAY};

    (void)state;
    for (size_t i = 0; i < COUNT(later); i++) {
        struct cp2fa_attempts account = {"", 0, 0};
        int64_t now = fail_times(&usual, &account, NOW, 20) + later[i];

        answers(&account, now, CP2FA_THROTTLE_LOCKED, 0);
        reserve(&usual, &account, now);
        answers(&account, now, CP2FA_THROTTLE_LOCKED, 0);
    }
}

static void a_full_string_makes_room_by_its_oldest_entry(void **state)
{
    const struct cp2fa_throttle throttle = {CP2FA_FAILURES_MAX, 3650 * DAY};
    struct cp2fa_attempts account = {"", 0, 0};
    char second[CP2FA_FAILURE_LEN + 1];

    (void)state;
    for (int i = 0; i < CP2FA_FAILURES_MAX; i++) {
        reserve(&throttle, &account, NOW + i);
    }
    assert_int_equal(strlen(account.failures), CP2FA_FAILURES_TEXT);
    memcpy(second, account.failures + CP2FA_FAILURE_LEN, CP2FA_FAILURE_LEN);
    reserve(&throttle, &account, NOW + CP2FA_FAILURES_MAX);
    assert_int_equal(strlen(account.failures), CP2FA_FAILURES_TEXT);
    assert_memory_equal(account.failures, second, CP2FA_FAILURE_LEN);
    answers(&account, NOW + DAY, CP2FA_THROTTLE_LOCKED, 0);
}

/* F10 has a clock of 1970 as well: the times still have 16 digits. */
static void a_clock_near_zero_still_gives_valid_entries(void **state)
{
    struct cp2fa_attempts account = {"", 0, 0};

    (void)state;
    reserve(&usual, &account, 1);
    assert_string_equal(account.failures, "0000000000000001 ");
    reserve(&usual, &account, NOW);
    assert_string_equal(account.failures, "1767225600000000 ");
}

/* Whether the last of these failures tells, in minutes from the first. */
static int tells(const int *minutes, size_t count)
{
    char failures[CP2FA_FAILURES_TEXT + 1] = "";

    for (size_t i = 0; i < count; i++) {
        snprintf(failures + i * CP2FA_FAILURE_LEN, CP2FA_FAILURE_LEN + 1,
                 "%016llu ", (NOW + minutes[i] * 60000000ULL) % 10000000000000000ULL);
    }
    return cp2fa_throttle_tells(failures);
}

/* THR-06 */
static void the_owner_hears_of_the_third_failure_and_then_hourly(void **state)
{
    static const int minutes[] = {0, 1, 2, 3, 60, 61, 62, 121, 122, 500, 501};
    static const int told[] = {0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0};

    (void)state;
    assert_int_equal(cp2fa_throttle_tells(""), 0);
    for (size_t i = 0; i < COUNT(minutes); i++) {
        assert_int_equal(tells(minutes, i + 1), told[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_string_of_failures_is_16_digits_and_a_blank_a_time),
        cmocka_unit_test(an_unsorted_string_is_not_valid),
        cmocka_unit_test(a_fresh_account_may_try),
        cmocka_unit_test(
            the_delay_grows_from_30_s_to_1_h_until_the_factor_locks),
        cmocka_unit_test(a_wait_is_rounded_up_so_that_honouring_it_works),
        cmocka_unit_test(the_factor_locks_exactly_at_the_limit),
        cmocka_unit_test(a_failure_counts_until_its_window_is_over),
        cmocka_unit_test(
            what_left_the_window_is_forgotten_and_the_delay_with_it),
        cmocka_unit_test(only_failures_within_one_window_lock),
        cmocka_unit_test(
            attempts_in_one_microsecond_have_entries_of_their_own),
        cmocka_unit_test(a_clock_set_back_keeps_entries_unique_and_counted),
        cmocka_unit_test(after_a_clock_set_back_no_wait_is_told_over_an_hour),
        cmocka_unit_test(a_locked_factor_stays_locked_by_one_more_attempt),
        cmocka_unit_test(a_full_string_makes_room_by_its_oldest_entry),
        cmocka_unit_test(the_owner_hears_of_the_third_failure_and_then_hourly),
        cmocka_unit_test(a_clock_near_zero_still_gives_valid_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
