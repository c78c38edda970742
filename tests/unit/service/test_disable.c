/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

static enum cp2fa_outcome disable(struct world *world,
                                  const struct cp2fa_who *who,
                                  struct cp2fa_rows *ended)
{
    ended->count = 4711;
    return cp2fa_disable_all(&world->service, world->p, who, NULL, CP2FA_NOTICE_DISABLED, T0, ended);
}

/* SES-05 */
static void devices_sessions_and_failures_go_and_only_this_account_s(void **s)
{
    const struct cp2fa_who elsewhere = {"other realm", "alice"};
    struct world *world = *s;
    struct cp2fa_rows ended;
    struct secret phone, tablet, his;
    const char *hash;

    enrolled(world, &bob, "phone", T0 - MINUTE, &his);
    enrolled(world, &alice, "phone", T0 - 2 * MINUTE, &phone);
    enrolled(world, &alice, "tablet", T0 - MINUTE, &tablet);
    started(world, &alice, "watch", browser(world, &alice), T0, &phone);
    assert_int_equal(outcome_of(world, &alice, code(world, &tablet, T0, 0),
                                T0), CP2FA_OUTCOME_DONE);
    hand(world->place, "UPDATE cp2fa_account SET"
                       " failures = '0000000000000001 ',"
                       " next_try = 9, locked_at = 1");

    assert_int_equal(disable(world, &elsewhere, &ended), CP2FA_OUTCOME_DONE);
    assert_int_equal(ended.count, 0);
    hash = seen(world->place, "SELECT s.hash FROM cp2fa_session s JOIN"
                              " cp2fa_account a ON a.id = s.account"
                              " WHERE a.name = 'alice' ORDER BY s.hash");
    assert_int_equal(disable(world, &alice, &ended), CP2FA_OUTCOME_DONE);
    assert_int_equal(ended.count, 2);
    assert_true(strcmp(ended.row[0][0], hash) == 0
                || strcmp(ended.row[1][0], hash) == 0);
    assert_int_equal(counted(world->place, "SELECT count(*)"
                                           " FROM cp2fa_device"), 1);
    assert_int_equal(sessions(world), 1);
    assert_int_equal(failures(world, &alice), 0);
    assert_int_equal(next_try(world), 0);
    assert_int_equal(counted(world->place, "SELECT sum(locked_at)"
                                           " FROM cp2fa_account"), 1);
    assert_int_equal(failures(world, &bob), 1);
    assert_int_equal(outcome_of(world, &alice, code(world, &tablet, T0, 1),
                                T0), CP2FA_OUTCOME_NOT_ENROLLED);
    /* and she can begin anew */
    enrolled(world, &alice, "phone", T0, &phone);
}

static void to_disable_nothing_is_done_at_once(void **state)
{
    struct world *world = *state;
    struct cp2fa_rows ended;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(disable(world, &alice, &ended), CP2FA_OUTCOME_DONE);
        assert_int_equal(ended.count, 0);
        hand(world->place, "INSERT OR IGNORE INTO cp2fa_account VALUES"
                           " ('a', 'realm', 'alice', 1, '', 0, 0, '', '', '', 0)");
    }
}

static void a_session_that_ended_or_never_passed_may_not_disable(void **state)
{
    static const char *const changes[] = {
        "UPDATE cp2fa_session SET amr = 'pwd'",
        "UPDATE cp2fa_session SET amr = 'pwd otp', account ="
        " (SELECT id FROM cp2fa_account WHERE name = 'bob')",
        "DELETE FROM cp2fa_session",
    };
    struct world *world = *state;
    struct cp2fa_rows ended;
    struct secret secret;
    const char *session;

    enrolled(world, &bob, "phone", T0 - MINUTE, &secret);
    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    session = browser(world, &alice);
    for (size_t i = 0; i < COUNT(changes); i++) {
        hand(world->place, changes[i]);
        assert_int_equal(cp2fa_disable_all(&world->service, world->p, &alice,
                                           session, CP2FA_NOTICE_DISABLED, T0, &ended),
                         CP2FA_OUTCOME_NOT_ALLOWED);
        assert_int_equal(counted(world->place, "SELECT count(*)"
                                               " FROM cp2fa_device"), 2);
    }
    assert_int_equal(outcome_of(world, &alice, code(world, &secret, T0, 0),
                                T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_disable_all(&world->service, world->p, &alice,
                                       browser(world, &alice), CP2FA_NOTICE_DISABLED, T0, &ended),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(ended.count, 1);
}

/* FAIL-01, F7 */
static void what_cannot_all_go_stays_whole(void **state)
{
    static const char *const faults[] = {"DELETE ON cp2fa_device",
                                         "DELETE ON cp2fa_session",
                                         "UPDATE ON cp2fa_account"};
    struct world *world = *state;
    struct cp2fa_rows ended;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    for (size_t i = 0; i < COUNT(faults); i++) {
        hand(world->place, apr_psprintf(world->p, "CREATE TRIGGER t BEFORE %s"
                                        " BEGIN SELECT RAISE(ABORT, 'no');"
                                        " END", faults[i]));
        /* a connection of before the trigger fails as well; the next won't */
        for (int turn = 0; turn < 2; turn++) {
            assert_int_equal(disable(world, &alice, &ended),
                             CP2FA_OUTCOME_UNAVAILABLE);
            assert_int_equal(counted(world->place, "SELECT count(*)"
                                                   " FROM cp2fa_device"), 1);
            assert_int_equal(sessions(world), 1);
        }
        hand(world->place, "DROP TRIGGER t");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(devices_sessions_and_failures_go_and_only_this_account_s),
        TEST_WORLD(to_disable_nothing_is_done_at_once),
        TEST_WORLD(a_session_that_ended_or_never_passed_may_not_disable),
        TEST_WORLD(what_cannot_all_go_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
