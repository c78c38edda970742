/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/window.h"

#define HERE 59000000 /* a time step of these years */

/* One that has been used before, long ago. */
static struct cp2fa_window window_with(unsigned alone, int64_t skew)
{
    return (struct cp2fa_window){.reach = 6, .skew = skew,
                                 .last_step = HERE - 3000, .half_step = -1,
                                 .alone = alone};
}

/* What the code of a step, so far off, is good for. */
static enum cp2fa_window_verdict judge(const struct cp2fa_window *window,
                                       int64_t off)
{
    uint64_t matches = (uint64_t)1 << (off + window->reach);
    int64_t step = 4711;
    enum cp2fa_window_verdict verdict =
        cp2fa_window_judge(window, HERE, matches, &step);

    assert_int_equal(step, HERE + off);
    return verdict;
}

/* OTP-07, of an account with one device, under the defaults */
static void two_attempts_are_wide_sixteen_narrow_and_then_it_takes_two(void **s)
{
    (void)s;
    for (unsigned failures = 0; failures <= 100; failures++) {
        assert_int_equal(cp2fa_window_alone(failures, 6, 1),
                         failures < 2 ? 13 : failures < 18 ? 3 : 0);
    }
}

static void a_limit_is_shared_by_all_devices_of_an_account(void **state)
{
    static const struct {
        unsigned devices, wide, narrow;
    } rows[] = {{1, 2, 16}, {2, 2, 4}, {3, 0, 8}, {4, 0, 6}, {5, 0, 5},
                {6, 0, 4},  {7, 0, 3}, {8, 0, 3}, {9, 0, 0}, {1000, 0, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned wide = rows[i].wide, both = wide + rows[i].narrow;

        for (unsigned failures = 0; failures <= 100; failures++) {
            assert_int_equal(
                cp2fa_window_alone(failures, 6, rows[i].devices),
                failures < wide ? 13 : failures < both ? 3 : 0);
        }
    }
}

/* Whatever one can set, and however many phones one has. */
static void the_codes_of_a_window_are_never_more_than_they_may_be(void **state)
{
    (void)state;
    for (int64_t reach = 0; reach <= 30; reach++) {
        for (unsigned devices = 1; devices < 100; devices++) {
            unsigned sum = 0, last = 1000;

            for (unsigned failures = 0; failures <= 100; failures++) {
                unsigned alone = cp2fa_window_alone(failures, reach, devices);

                assert_true(alone <= last);
                assert_true(alone <= 2 * reach + 1);
                last = alone;
                sum += alone * devices;
            }
            assert_true(sum <= CP2FA_WINDOW_CODES);
            assert_true(sum > 0 || devices > CP2FA_WINDOW_DEVICES);
        }
    }
}

static void a_wide_window_takes_any_code_of_it(void **state)
{
    const struct cp2fa_window wide = window_with(13, 6);

    (void)state;
    for (int64_t off = -6; off <= 6; off++) {
        assert_int_equal(judge(&wide, off), CP2FA_WINDOW_YES);
    }
}

static void a_narrow_window_takes_three_around_the_skew_and_halves(void **s)
{
    (void)s;
    /* a skew learned under a wider limit is taken for the limit */
    for (int64_t skew = -9; skew <= 9; skew++) {
        const struct cp2fa_window narrow = window_with(3, skew);
        int64_t middle = skew > 6 ? 6 : skew < -6 ? -6 : skew;

        for (int64_t off = -6; off <= 6; off++) {
            int near = off >= middle - 1 && off <= middle + 1;

            assert_int_equal(judge(&narrow, off),
                             near ? CP2FA_WINDOW_YES : CP2FA_WINDOW_HALF);
        }
    }
}

static void a_window_that_is_shut_takes_halves_alone(void **state)
{
    const struct cp2fa_window shut = window_with(0, 0);

    (void)state;
    for (int64_t off = -6; off <= 6; off++) {
        assert_int_equal(judge(&shut, off), CP2FA_WINDOW_HALF);
    }
}

static void after_a_half_the_very_next_code_lets_in_and_no_other(void **state)
{
    static const unsigned alone[] = {0, 3};

    (void)state;
    for (size_t i = 0; i < COUNT(alone); i++) {
        struct cp2fa_window window = window_with(alone[i], 0);

        window.half_step = HERE + 3;
        /* the same again, or an older one, is no second code */
        assert_int_equal(judge(&window, 2), CP2FA_WINDOW_USED);
        assert_int_equal(judge(&window, 3), CP2FA_WINDOW_USED);
        assert_int_equal(judge(&window, 4), CP2FA_WINDOW_YES);
        assert_int_equal(judge(&window, 5), CP2FA_WINDOW_HALF);
        assert_int_equal(judge(&window, 6), CP2FA_WINDOW_HALF);
        assert_int_equal(judge(&window, 1), alone[i] ? CP2FA_WINDOW_YES
                                                     : CP2FA_WINDOW_USED);
    }
}

/* OTP-02, OTP-03 */
static void what_was_used_is_over_whatever_the_window(void **state)
{
    static const unsigned alone[] = {0, 3, 13};

    (void)state;
    for (size_t i = 0; i < COUNT(alone); i++) {
        struct cp2fa_window window = window_with(alone[i], 0);

        window.last_step = HERE + 6;
        window.half_step = HERE - 1;
        for (int64_t off = -6; off <= 6; off++) {
            assert_int_equal(judge(&window, off), CP2FA_WINDOW_USED);
        }
    }
}

/* Two steps can have one code: what is best for its owner counts. */
static void of_two_steps_with_one_code_the_better_counts(void **state)
{
    struct cp2fa_window window = window_with(3, 0);
    int64_t step;

    (void)state;
    assert_int_equal(cp2fa_window_judge(&window, HERE, 0, &step),
                     CP2FA_WINDOW_NO);
    assert_int_equal(cp2fa_window_judge(&window, HERE, 1 | 1 << 6, &step),
                     CP2FA_WINDOW_YES);
    assert_int_equal(step, HERE);
    window.last_step = HERE;
    assert_int_equal(cp2fa_window_judge(&window, HERE, 1 | 1 << 12, &step),
                     CP2FA_WINDOW_HALF);
    assert_int_equal(step, HERE + 6);
}

/* OTP-07: the first code sets it, then a step a log-in, within bounds */
static void the_skew_is_learned_and_can_not_be_walked_away(void **state)
{
    struct cp2fa_window window = window_with(13, 0);

    (void)state;
    for (int64_t skew = -6; skew <= 6; skew++) {
        for (int64_t off = -40; off <= 40; off++) {
            int64_t learned;

            window.skew = skew;
            learned = cp2fa_window_learn(&window, off);
            assert_true(learned >= -6 && learned <= 6);
            assert_true(learned - skew <= 1 && skew - learned <= 1);
            assert_true(off < skew ? learned <= skew : learned >= skew);
        }
    }
    window.last_step = -1;
    assert_int_equal(cp2fa_window_learn(&window, -5), -5);
    assert_int_equal(cp2fa_window_learn(&window, 7), 6);
    assert_int_equal(cp2fa_window_learn(&window, -7), -6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            two_attempts_are_wide_sixteen_narrow_and_then_it_takes_two),
        cmocka_unit_test(a_limit_is_shared_by_all_devices_of_an_account),
        cmocka_unit_test(
            the_codes_of_a_window_are_never_more_than_they_may_be),
        cmocka_unit_test(a_wide_window_takes_any_code_of_it),
        cmocka_unit_test(
            a_narrow_window_takes_three_around_the_skew_and_halves),
        cmocka_unit_test(a_window_that_is_shut_takes_halves_alone),
        cmocka_unit_test(
            after_a_half_the_very_next_code_lets_in_and_no_other),
        cmocka_unit_test(what_was_used_is_over_whatever_the_window),
        cmocka_unit_test(of_two_steps_with_one_code_the_better_counts),
        cmocka_unit_test(the_skew_is_learned_and_can_not_be_walked_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
