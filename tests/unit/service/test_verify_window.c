/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

/* An account with so many failures, all of them yesterday. */
static void failed(struct world *world, unsigned times)
{
    const char *failures = "";

    for (unsigned i = 0; i < times; i++) {
        failures = apr_psprintf(world->p, "%s%016" APR_INT64_T_FMT " ", failures,
                                T0 - DAY + i * SECOND);
    }
    hand(world->place,
         apr_psprintf(world->p, "UPDATE cp2fa_account SET failures = '%s',"
                                " next_try = 0, locked_at = 0", failures));
}

/* A device that was used days ago, with this skew, in an account with so many
 * failures. */
static void given(struct world *world, unsigned times, int64_t skew)
{
    hand(world->place,
         apr_psprintf(world->p, "UPDATE cp2fa_device SET last_step = 1,"
                                " half_step = -1, skew = %d", (int)skew));
    hand(world->place, "DELETE FROM cp2fa_session");
    failed(world, times);
}

static void answers(struct world *world, const struct secret *secret,
                    int64_t now, int64_t off, enum cp2fa_outcome expected)
{
    enum cp2fa_outcome outcome =
        outcome_of(world, &alice, code(world, secret, now, off), now);

    if (outcome != expected) {
        fail_msg("%d steps off: %s", (int)off,
                 cp2fa_service_outcome_name(outcome));
    }
}

static int64_t in_device(struct world *world, const char *column)
{
    return counted(world->place, apr_psprintf(world->p, "SELECT %s FROM"
                                              " cp2fa_device", column));
}

/* OTP-06: who mistypes once is not taken for an attacker */
static void with_fewer_than_two_failures_a_clock_may_be_off(void **state)
{
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    for (unsigned times = 0; times < 2; times++) {
        for (int64_t off = -6; off <= 6; off++) {
            given(world, times, 0);
            answers(world, &secret, T0, off, CP2FA_OUTCOME_DONE);
            assert_int_equal(failures(world, &alice), times);
        }
    }
}

/* OTP-07: P(150) -> "enter the next code"; P(180) -> ok */
static void after_two_failures_a_code_far_off_wants_the_next_one_too(void **s)
{
    struct world *world = *s;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    for (int64_t skew = -6; skew <= 6; skew += 3) {
        for (int64_t off = -6; off <= 6; off++) {
            int near = off >= skew - 1 && off <= skew + 1;

            given(world, 2, skew);
            answers(world, &secret, T0, off,
                    near ? CP2FA_OUTCOME_DONE : CP2FA_OUTCOME_HALF);
            assert_int_equal(failures(world, &alice), 2);
            assert_int_equal(sessions(world), near);
            if (near) {
                continue;
            }
            /* the phone goes on, and so does the server */
            answers(world, &secret, T0 + STEP, off, CP2FA_OUTCOME_DONE);
            assert_int_equal(sessions(world), 1);
            assert_int_equal(failures(world, &alice), 2);
            assert_int_equal(in_device(world, "half_step"), -1);
            assert_int_equal(in_device(world, "skew"),
                             off > skew ? skew + 1 : skew - 1);
        }
        given(world, 2, skew);
        answers(world, &secret, T0, skew < 0 ? -7 : 7, CP2FA_OUTCOME_INVALID);
        assert_int_equal(failures(world, &alice), 3);
    }
}

static void a_half_works_once_and_only_with_the_very_next_code(void **state)
{
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    given(world, 2, 0);
    answers(world, &secret, T0, 3, CP2FA_OUTCOME_HALF);
    answers(world, &secret, T0, 3, CP2FA_OUTCOME_USED);
    assert_int_equal(failures(world, &alice), 3);
    failed(world, 2);
    answers(world, &secret, T0, 5, CP2FA_OUTCOME_HALF);
    answers(world, &secret, T0, 4, CP2FA_OUTCOME_USED);
    failed(world, 2);
    answers(world, &secret, T0, 6, CP2FA_OUTCOME_DONE);
    answers(world, &secret, T0, 6, CP2FA_OUTCOME_USED);
}

/* The one that was right must not cost its owner a wait. */
static void a_half_leaves_neither_failure_nor_wait_nor_lock(void **state)
{
    struct world *world = *state;
    struct secret secret;

    world->rules.throttle.limit = 5;
    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    given(world, 4, 0);
    answers(world, &secret, T0, 5, CP2FA_OUTCOME_HALF);
    assert_int_equal(next_try(world), 0);
    assert_int_equal(failures(world, &alice), 4);
    answers(world, &secret, T0 + STEP, 5, CP2FA_OUTCOME_DONE);
    assert_int_equal(counted(world->place, "SELECT locked_at"
                                           " FROM cp2fa_account"), 0);
}

static void after_eighteen_failures_even_a_good_clock_takes_two(void **state)
{
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    given(world, 17, 0);
    answers(world, &secret, T0, 0, CP2FA_OUTCOME_DONE);
    given(world, 18, 0);
    answers(world, &secret, T0, 0, CP2FA_OUTCOME_HALF);
    answers(world, &secret, T0 + STEP, 0, CP2FA_OUTCOME_DONE);
}

static void of_more_devices_each_has_a_smaller_share(void **state)
{
    struct world *world = *state;
    struct secret phone, tablet, third;

    enrolled(world, &alice, "phone", T0 - 3 * DAY, &phone);
    enrolled(world, &alice, "tablet", T0 - 3 * DAY + MINUTE, &tablet);
    given(world, 1, 0);
    answers(world, &tablet, T0, -6, CP2FA_OUTCOME_DONE);
    given(world, 5, 0);
    answers(world, &phone, T0, 1, CP2FA_OUTCOME_DONE);
    given(world, 6, 0);
    answers(world, &phone, T0, 0, CP2FA_OUTCOME_HALF);
    /* the next one of the other is no pair */
    answers(world, &tablet, T0 + STEP, 0, CP2FA_OUTCOME_HALF);
    answers(world, &phone, T0 + STEP, 0, CP2FA_OUTCOME_DONE);
    enrolled(world, &alice, "third", T0 - DAY, &third);
    given(world, 0, 0);
    answers(world, &third, T0, 1, CP2FA_OUTCOME_DONE);
    answers(world, &third, T0, 3, CP2FA_OUTCOME_HALF);
    answers(world, &third, T0, 4, CP2FA_OUTCOME_DONE);
}

/* The pages of an enrolment show the secret to who confirms it. */
static void an_enrolment_takes_any_code_of_the_window_at_once(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grant;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    for (int64_t off = -6; off <= 6; off += 12) {
        const char *session = browser(world, &alice);

        failed(world, 10);
        started(world, &alice, "tablet", session, T0, &secret);
        assert_int_equal(confirm(world, &alice, session,
                                 code(world, &secret, T0, off), T0, &grant),
                         CP2FA_OUTCOME_DONE);
        assert_int_equal(counted(world->place, "SELECT skew FROM cp2fa_device"
                                               " WHERE name = 'tablet'"), off);
    }
}

/* FAIL-01 */
static void a_half_that_can_not_be_noted_is_unavailable(void **state)
{
    struct world *world = *state;
    struct secret secret;

    SQLITE_ONLY(world->place);
    enrolled(world, &alice, "phone", T0 - 3 * DAY, &secret);
    given(world, 2, 0);
    hand(world->place, "CREATE TRIGGER fault BEFORE UPDATE OF half_step ON"
                       " cp2fa_device BEGIN SELECT raise(ABORT, 'x'); END");
    answers(world, &secret, T0, 4, CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(failures(world, &alice), 2);
    hand(world->place, "DROP TRIGGER fault");
    answers(world, &secret, T0, 4, CP2FA_OUTCOME_HALF);
    answers(world, &secret, T0, 5, CP2FA_OUTCOME_DONE);
}

/* F9: what a log should say, and nothing while clocks are well */
static void a_refusal_tells_how_far_its_device_is_ahead_of_the_clock(void **s)
{
    static const struct {
        int64_t last, ahead; /* steps from now, seconds */
    } rows[] = {{-9, 0}, {0, 0}, {6, 0}, {7, 30}, {8, 60}, {5766, 172800}};
    struct world *world = *s;
    struct secret secret;
    struct cp2fa_grant grant;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (size_t i = 0; i < COUNT(rows); i++) {
        given(world, 0, 0);
        hand(world->place,
             apr_psprintf(world->p, "UPDATE cp2fa_device SET last_step = %d",
                          (int)(T0 / SECOND / 30 + rows[i].last)));
        assert_int_equal(verify(world, &alice, wrong(world, &secret, T0), T0,
                                &grant), CP2FA_OUTCOME_INVALID);
        assert_int_equal(grant.ahead, rows[i].ahead);
    }
    assert_int_equal(verify(world, &alice, code(world, &secret, T0, 0), T0,
                            &grant), CP2FA_OUTCOME_USED);
    assert_int_equal(grant.ahead, 172800);
    failed(world, 0);
    assert_int_equal(verify(world, &alice, code(world, &secret, T0 + 2 * DAY,
                            7), T0 + 2 * DAY + 30 * SECOND, &grant),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(grant.ahead, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(with_fewer_than_two_failures_a_clock_may_be_off),
        TEST_WORLD(after_two_failures_a_code_far_off_wants_the_next_one_too),
        TEST_WORLD(a_half_works_once_and_only_with_the_very_next_code),
        TEST_WORLD(a_half_leaves_neither_failure_nor_wait_nor_lock),
        TEST_WORLD(after_eighteen_failures_even_a_good_clock_takes_two),
        TEST_WORLD(of_more_devices_each_has_a_smaller_share),
        TEST_WORLD(an_enrolment_takes_any_code_of_the_window_at_once),
        TEST_WORLD(a_refusal_tells_how_far_its_device_is_ahead_of_the_clock),
        TEST_WORLD(a_half_that_can_not_be_noted_is_unavailable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
