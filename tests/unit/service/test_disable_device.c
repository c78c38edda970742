/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

static enum cp2fa_outcome drop(struct world *world, const struct cp2fa_who *who,
                               const char *id, struct cp2fa_rows *ended)
{
    return cp2fa_disable_device(&world->service, world->p, who, id, "mine", T0,
                                ended);
}

static const char *id_of(struct world *world, const char *name)
{
    return seen(world->place,
                apr_psprintf(world->p, "SELECT id FROM cp2fa_device"
                                       " WHERE name = '%s'", name));
}

/* ENR-10, SES-05 */
static void one_of_two_goes_with_all_other_sessions(void **state)
{
    struct world *world = *state;
    struct secret phone, tablet;
    struct cp2fa_rows ended;

    enrolled(world, &alice, "phone", T0 - 2 * MINUTE, &phone);
    enrolled(world, &alice, "tablet", T0 - MINUTE, &tablet);
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 0), T0),
                     CP2FA_OUTCOME_DONE);
    hand(world->place, "UPDATE cp2fa_session SET hash = 'mine' WHERE rowid ="
                       " (SELECT max(rowid) FROM cp2fa_session)");
    assert_int_equal(drop(world, &alice, id_of(world, "phone"), &ended),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(ended.count, 1);
    assert_string_equal(seen(world->place, "SELECT hash FROM cp2fa_session"),
                        "mine");
    assert_string_equal(seen(world->place, "SELECT detail FROM cp2fa_event"
                                           " WHERE kind = 'device-removed'"),
                        "phone");
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 1), T0),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(outcome_of(world, &alice, code(world, &tablet, T0, 1),
                                T0), CP2FA_OUTCOME_DONE);
}

static void the_last_one_stays(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_rows ended;

    enrolled(world, &alice, "phone", T0 - MINUTE, &phone);
    started(world, &alice, "tablet", browser(world, &alice), T0, &phone);
    assert_int_equal(drop(world, &alice, id_of(world, "phone"), &ended),
                     CP2FA_OUTCOME_LAST_DEVICE);
    assert_int_equal(sessions(world), 1);
    /* one that is pending is no device yet */
    assert_int_equal(drop(world, &alice, id_of(world, "tablet"), &ended),
                     CP2FA_OUTCOME_NO_DEVICE);
}

static void another_account_s_is_unknown(void **state)
{
    struct world *world = *state;
    struct secret phone, his, other;
    struct cp2fa_rows ended;

    enrolled(world, &alice, "phone", T0 - MINUTE, &phone);
    enrolled(world, &bob, "his", T0 - 2 * MINUTE, &his);
    enrolled(world, &bob, "other", T0 - MINUTE, &other);
    assert_int_equal(drop(world, &alice, id_of(world, "his"), &ended),
                     CP2FA_OUTCOME_NO_DEVICE);
    assert_int_equal(drop(world, &alice, "", &ended),
                     CP2FA_OUTCOME_NO_DEVICE);
    assert_int_equal(counted(world->place, "SELECT count(*)"
                                           " FROM cp2fa_device"), 3);
}

/* SES-05 */
static void a_session_that_ended_meanwhile_removes_nothing(void **state)
{
    struct world *world = *state;
    struct secret phone, tablet;
    struct cp2fa_rows ended;

    enrolled(world, &alice, "phone", T0 - 2 * MINUTE, &phone);
    enrolled(world, &alice, "tablet", T0 - MINUTE, &tablet);
    assert_int_equal(drop(world, &alice, id_of(world, "phone"), &ended),
                     CP2FA_OUTCOME_NOT_ALLOWED);
    assert_int_equal(ended.count, 0);
    assert_int_equal(sessions(world), 1);
    assert_int_equal(counted(world->place, "SELECT count(*)"
                                           " FROM cp2fa_device"), 2);
}

struct contest {
    struct world *world;
    const char *ids[2];
};

static void contend(int number, apr_pool_t *p, void *with)
{
    struct contest *contest = with;
    struct cp2fa_rows ended;
    enum cp2fa_outcome outcome = cp2fa_disable_device(
        &contest->world->service, p, &alice, contest->ids[number % 2], "mine",
        T0, &ended);

    (void)outcome; /* what counts is what is left */
}

static void of_two_removed_at_once_one_stays(void **state)
{
    struct world *world = *state;

    for (int round = 0; round < 5; round++) {
        struct contest contest = {.world = world};
        struct secret phone, tablet;

        enrolled(world, &alice, "phone", T0 + round * 10 * MINUTE, &phone);
        enrolled(world, &alice, "tablet", T0 + (round * 10 + 5) * MINUTE,
                 &tablet);
        hand(world->place, "UPDATE cp2fa_session SET hash = 'mine'");
        contest.ids[0] = id_of(world, "phone");
        contest.ids[1] = id_of(world, "tablet");
        race(4, contend, &contest);
        assert_int_equal(counted(world->place, "SELECT count(*)"
                                               " FROM cp2fa_device"), 1);
        hand(world->place, "DELETE FROM cp2fa_device");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(one_of_two_goes_with_all_other_sessions),
        TEST_WORLD(the_last_one_stays),
        TEST_WORLD(another_account_s_is_unknown),
        TEST_WORLD(a_session_that_ended_meanwhile_removes_nothing),
        TEST_WORLD(of_two_removed_at_once_one_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
