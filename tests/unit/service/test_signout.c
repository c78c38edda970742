/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/signout.h"

/* Alice's phone, and three browsers she has logged in with. */
static void logged_in(struct world *world, struct cp2fa_grant grants[3])
{
    struct secret phone;

    enrolled(world, &alice, "phone", T0 - MINUTE, &phone);
    hand(world->place, "DELETE FROM cp2fa_session");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(verify(world, &alice,
                                code(world, &phone, T0 + i * MINUTE, 0),
                                T0 + i * MINUTE, &grants[i]),
                         CP2FA_OUTCOME_DONE);
    }
}

static int list(struct world *world, const struct cp2fa_who *who, int64_t now,
                struct cp2fa_session **sessions)
{
    int count;

    assert_int_equal(cp2fa_signout_list(&world->service, world->p,
                                        &world->rules, who, now, sessions,
                                        &count), CP2FA_OUTCOME_DONE);
    return count;
}

static void the_list_begins_with_the_last_seen(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grants[3];
    struct cp2fa_session *sessions;

    logged_in(world, grants);
    assert_int_equal(list(world, &alice, T0 + 3 * MINUTE, &sessions), 3);
    assert_string_equal(sessions[0].hash, grants[2].session.hash);
    assert_string_equal(sessions[2].hash, grants[0].session.hash);
    assert_string_equal(sessions[2].amr, "pwd otp");
}

static void the_list_leaves_out_what_went_idle(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grants[3];
    struct cp2fa_session *sessions;

    logged_in(world, grants);
    assert_int_equal(list(world, &alice, T0 + 31 * MINUTE, &sessions), 1);
    assert_string_equal(sessions[0].hash, grants[2].session.hash);
    assert_int_equal(list(world, &bob, T0, &sessions), 0);
}

/* SES-08 */
static void one_session_ends_and_only_by_its_own_account(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grants[3];

    logged_in(world, grants);
    assert_int_equal(cp2fa_signout_one(&world->service, world->p, &bob,
                                       grants[0].session.hash),
                     CP2FA_OUTCOME_NO_SESSION);
    assert_int_equal(cp2fa_signout_one(&world->service, world->p, &alice,
                                       "no such hash"),
                     CP2FA_OUTCOME_NO_SESSION);
    assert_int_equal(sessions(world), 3);
    assert_int_equal(cp2fa_signout_one(&world->service, world->p, &alice,
                                       grants[0].session.hash),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(sessions(world), 2);
    assert_int_equal(cp2fa_signout_one(&world->service, world->p, &alice,
                                       grants[0].session.hash),
                     CP2FA_OUTCOME_NO_SESSION);
}

static void all_others_end_and_are_listed(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grants[3];
    struct cp2fa_rows ended;

    logged_in(world, grants);
    assert_int_equal(cp2fa_signout_others(&world->service, world->p, &alice,
                                          grants[1].session.hash, &ended),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(ended.count, 2);
    assert_string_equal(seen(world->place, "SELECT hash FROM cp2fa_session"),
                        grants[1].session.hash);
    assert_int_equal(cp2fa_signout_others(&world->service, world->p, &bob, "",
                                          &ended), CP2FA_OUTCOME_DONE);
    assert_int_equal(ended.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(the_list_begins_with_the_last_seen),
        TEST_WORLD(the_list_leaves_out_what_went_idle),
        TEST_WORLD(one_session_ends_and_only_by_its_own_account),
        TEST_WORLD(all_others_end_and_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
