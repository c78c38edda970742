/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/throttle.h"

/* What guessing is worth under the documented defaults: the arithmetic of
 * docs/threat-model.md, played against the policy itself. */

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)
#define NOW    (INT64_C(1767225600) * SECOND) /* 2026-01-01 */

/* TwoFactorFailureLimit 20 30d; TwoFactorClockSkew 180 of steps of 30 s */
static const struct cp2fa_throttle usual = {20, 30 * DAY};
#define CODES  (2 * (180 / 30) + 1)
#define DIGITS 1000000.0

static int64_t oldest(const struct cp2fa_attempts *account)
{
    return strtoll(account->failures, NULL, 10);
}

/* Guesses as soon as it may, but never so often that there are more than
 * `most` in a window. Returns the number of guesses; *until is when it ends:
 * at that time, or when the factor locked. */
static unsigned guesses(unsigned most, int64_t *until)
{
    struct cp2fa_attempts account = {"", 0, 0};
    char entry[CP2FA_FAILURE_LEN + 1];
    int64_t now = NOW;
    unsigned count = 0;

    for (;;) {
        unsigned wait;

        if (account.next_try > now) {
            now = account.next_try;
        }
        if (cp2fa_throttle_count(&usual, &account, now) >= most) {
            now = oldest(&account) + usual.window;
        }
        if (now >= *until) {
            return count;
        }
        if (cp2fa_throttle_ask(&account, now, &wait)
            == CP2FA_THROTTLE_LOCKED) {
            *until = now;
            return count;
        }
        const struct cp2fa_attempts before = account;

        cp2fa_throttle_reserve(&usual, &before, now, &account, entry);
        count++;
        if (account.locked_at != 0) {
            *until = now;
        }
    }
}

static double odds(unsigned count)
{
    double missed = 1;

    while (count-- > 0) {
        missed *= 1 - CODES / DIGITS;
    }
    return 1 - missed;
}

/* THR-05 */
static void who_guesses_for_a_year_without_a_lock_has_one_in_312(void **state)
{
    int64_t until = NOW + 365 * DAY;
    unsigned count = guesses(usual.limit - 1, &until);

    (void)state;
    assert_int_equal(CODES, 13);
    assert_int_equal(count, 13 * 19);
    assert_int_equal((int)(1 / odds(count) + 0.5), 312);
}

/* THR-04 */
static void who_guesses_without_rest_has_twenty_in_eleven_hours(void **state)
{
    int64_t until = NOW + 365 * DAY;
    unsigned count = guesses(usual.limit, &until);

    (void)state;
    assert_int_equal(count, 20);
    assert_int_equal((until - NOW) / SECOND, 39810);
    assert_int_equal((int)(1 / odds(count) + 0.5), 3847);
}

/* THR-06 */
static void who_guesses_unheard_for_a_year_has_one_in_2959(void **state)
{
    int64_t until = NOW + 365 * DAY;
    unsigned count = guesses(2, &until);

    (void)state;
    assert_int_equal(count, 13 * 2);
    assert_int_equal((int)(1 / odds(count) + 0.5), 2959);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_guesses_for_a_year_without_a_lock_has_one_in_312),
        cmocka_unit_test(
            who_guesses_without_rest_has_twenty_in_eleven_hours),
        cmocka_unit_test(who_guesses_unheard_for_a_year_has_one_in_2959),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
