/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

/* What happens to a log-in when something else fails, or comes between: it
 * is refused, grants nothing, and the next one works. */

static const char *const tables[] = {"account", "device", "session"};
static const char *const verbs[] = {"INSERT", "UPDATE", "DELETE"};

/* A world whose changes fail where the table `fault` says so. */
static int with_faults(void **state)
{
    struct world *world;

    if (with_world(state) != 0) {
        return -1;
    }
    world = *state;
    hand(world->place, "CREATE TABLE fault (at TEXT)");
    for (size_t i = 0; i < COUNT(tables) * COUNT(verbs); i++) {
        const char *table = tables[i / 3];
        const char *verb = verbs[i % 3];

        hand(world->place,
             apr_psprintf(world->p, "CREATE TRIGGER fault_%s_%s BEFORE %s ON"
                          " cp2fa_%s WHEN EXISTS (SELECT 1 FROM fault WHERE"
                          " at = '%s %s') BEGIN SELECT RAISE(ABORT, 'fault');"
                          " END", verb, table, verb, table, verb, table));
    }
    return 0;
}

#define TEST_FAULTS(test) \
    cmocka_unit_test_setup_teardown(test, with_faults, without_world)

static const char *fault; /* the one to come in the midst of a use case */

static void break_it(struct world *world)
{
    hand(world->place, apr_psprintf(world->p, "INSERT INTO fault VALUES"
                                              " ('%s')", fault));
}

static void mend_it(struct world *world)
{
    hand(world->place, "DELETE FROM fault");
}

static int64_t last_step(struct world *world)
{
    return counted(world->place, "SELECT max(last_step) FROM cp2fa_device");
}

/* FAIL-01, F7: each kind of change fails, from the start on or from after the
 * match on. */
static void whatever_change_fails_no_session_without_a_used_step(void **state)
{
    struct world *world = *state;
    struct secret secret;
    int unavailable = 0;
    int64_t now = T0;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    for (size_t i = 0; i < 2 * COUNT(tables) * COUNT(verbs); i++) {
        int64_t before = sessions(world);
        int64_t step = last_step(world);
        enum cp2fa_outcome outcome;

        now += MINUTE;
        fault = apr_pstrcat(world->p, verbs[i % 3], " ", tables[i / 3 % 3],
                            NULL);
        if (i < COUNT(tables) * COUNT(verbs)) {
            break_it(world);
        }
        else {
            dice.happen = break_it;
        }
        outcome = outcome_of(world, &alice, code(world, &secret, now, 0), now);
        mend_it(world);
        if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
            unavailable++;
            assert_int_equal(sessions(world), before);
            assert_int_equal(last_step(world), step);
            /* given back, unless that is what failed */
            assert_int_equal(failures(world, &alice),
                             i >= 9 && strcmp(fault, "UPDATE account") == 0);
            hand(world->place, "UPDATE cp2fa_account SET failures = ''");
            assert_int_equal(outcome_of(world, &alice,
                                        code(world, &secret, now, 0), now),
                             CP2FA_OUTCOME_DONE);
        }
        else {
            assert_int_equal(outcome, CP2FA_OUTCOME_DONE);
        }
        assert_int_equal(sessions(world), before + 1);
        assert_int_equal(failures(world, &alice), 0);
        assert_true(last_step(world) > step);
    }
    /* INSERT session, UPDATE device, UPDATE account: both times */
    assert_int_equal(unavailable, 6);
}

/* FAIL-01, F7: the same of a confirmation. */
static void whatever_change_fails_a_device_is_confirmed_whole_or_not(void **s)
{
    struct world *world = *s;
    struct cp2fa_grant grant;
    struct secret secret;
    int unavailable = 0;
    int64_t now = T0;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    for (size_t i = 0; i < 2 * COUNT(tables) * COUNT(verbs); i++) {
        enum cp2fa_outcome outcome;
        const char *before = seen(world->place, "SELECT group_concat(hash)"
                                                " FROM cp2fa_session");

        now += MINUTE;
        started(world, &alice, "phone", browser(world, &alice), now, &secret);
        fault = apr_pstrcat(world->p, verbs[i % 3], " ", tables[i / 3 % 3],
                            NULL);
        if (i < COUNT(tables) * COUNT(verbs)) {
            break_it(world);
        }
        else {
            dice.happen = break_it;
        }
        outcome = confirm(world, &alice, browser(world, &alice),
                          code(world, &secret, now, 0), now, &grant);
        mend_it(world);
        if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
            unavailable++;
            assert_string_equal(seen(world->place,
                                     "SELECT group_concat(hash)"
                                     " FROM cp2fa_session"), before);
            assert_string_equal(seen(world->place,
                                     "SELECT group_concat(state) FROM (SELECT"
                                     " state FROM cp2fa_device"
                                     " ORDER BY state)"), "active,pending");
            hand(world->place, "UPDATE cp2fa_account SET failures = ''");
            outcome = confirm(world, &alice, browser(world, &alice),
                              code(world, &secret, now, 0), now, &grant);
        }
        assert_int_equal(outcome, CP2FA_OUTCOME_DONE);
        assert_int_equal(sessions(world), 1);
        assert_int_equal(failures(world, &alice), 0);
        assert_string_equal(seen(world->place, "SELECT group_concat(state)"
                                               " FROM cp2fa_device"),
                            "active");
    }
    /* the same three, and DELETE session and DELETE device */
    assert_int_equal(unavailable, 10);
}

static void lock_it(struct world *world)
{
    hand(world->place, "BEGIN IMMEDIATE");
}

/* F4: neither the session nor the attempt's return can be written. */
static void a_lock_before_the_end_denies_and_stays_counted(void **state)
{
    struct world *world = *state;
    struct secret secret;
    const char *right;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    right = code(world, &secret, T0, 0);
    dice.happen = lock_it;
    assert_int_equal(outcome_of(world, &alice, right, T0),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_non_null(strstr(world->place->said, "stays counted"));
    hand(world->place, "ROLLBACK");
    assert_int_equal(sessions(world), 1);
    assert_int_equal(failures(world, &alice), 1);
    assert_int_equal(outcome_of(world, &alice, right, T0), CP2FA_OUTCOME_DONE);
}

/* F20 */
static void without_random_bytes_nothing_is_granted_and_nothing_lost(void **s)
{
    struct world *world = *s;
    struct cp2fa_grant grant;
    struct secret secret;
    const char *right;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    right = code(world, &secret, T0, 0);
    for (int i = 0; i < 5; i++) {
        dice.fail_at = 1;
        assert_int_equal(verify(world, &alice, right, T0, &grant),
                         CP2FA_OUTCOME_UNAVAILABLE);
        assert_string_equal(grant.id, "");
        assert_int_equal(failures(world, &alice), 0);
        assert_int_equal(sessions(world), 1);
    }
    assert_int_equal(outcome_of(world, &alice, right, T0), CP2FA_OUTCOME_DONE);

    started(world, &alice, "tablet", browser(world, &alice), T0, &secret);
    dice.fail_at = 1;
    assert_int_equal(confirm(world, &alice, browser(world, &alice),
                             code(world, &secret, T0, 0), T0, &grant),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_string_equal(grant.id, "");
    assert_int_equal(failures(world, &alice), 0);
    assert_int_equal(confirm(world, &alice, browser(world, &alice),
                             code(world, &secret, T0, 0), T0, &grant),
                     CP2FA_OUTCOME_DONE);
}

/* F20 */
static void without_random_bytes_no_enrolment_begins(void **state)
{
    struct world *world = *state;
    int failed = 0;

    for (int k = 1;; k++) {
        enum cp2fa_outcome outcome;

        dice.fail_at = k;
        outcome = cp2fa_enrol_start(&world->service, world->p, &world->rules,
                                    &alice, "phone", "browser", T0);
        if (dice.fail_at > 0) {
            dice.fail_at = 0;
            assert_int_equal(outcome, CP2FA_OUTCOME_DONE);
            break;
        }
        failed++;
        assert_int_equal(outcome, CP2FA_OUTCOME_UNAVAILABLE);
        assert_int_equal(counted(world->place, "SELECT count(*)"
                                               " FROM cp2fa_device"), 0);
    }
    assert_true(failed >= 3); /* ids, secret, nonce */
}

static const char *right_code; /* of alice's phone */

static void disable_it(struct world *world)
{
    struct cp2fa_rows ended;

    assert_int_equal(cp2fa_disable_all(&world->service, world->p, &alice,
                                       NULL, CP2FA_NOTICE_DISABLED, T0, &ended), CP2FA_OUTCOME_DONE);
}

static void replace_it(struct world *world)
{
    struct secret secret;

    enrolled(world, &alice, "phone", T0, &secret);
}

static void use_it(struct world *world)
{
    assert_int_equal(outcome_of(world, &alice, right_code, T0),
                     CP2FA_OUTCOME_DONE);
}

static void delete_it(struct world *world)
{
    hand(world->place, "DELETE FROM cp2fa_device");
    hand(world->place, "DELETE FROM cp2fa_session");
    hand(world->place, "DELETE FROM cp2fa_account");
}

static void what_comes_between_match_and_grant_wins(void **state)
{
    static const struct {
        void (*happen)(struct world *world);
        int64_t sessions;
    } rows[] = {{disable_it, 0}, {replace_it, 1}, {use_it, 2}, {delete_it, 0}};
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct secret secret;
        enum cp2fa_outcome outcome;

        delete_it(world);
        enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
        right_code = code(world, &secret, T0, 0);
        dice.happen = rows[i].happen;
        outcome = outcome_of(world, &alice, right_code, T0);
        if (outcome != CP2FA_OUTCOME_USED
            || sessions(world) != rows[i].sessions) {
            fail_msg("row %zu: %s, %d sessions", i,
                     cp2fa_service_outcome_name(outcome),
                     (int)sessions(world));
        }
    }
}

static void without_a_store_nothing_can_be_told(void **state)
{
    struct world *world = *state;
    struct cp2fa_pending pending;
    struct cp2fa_grant grant;
    struct cp2fa_rows ended;
    const struct cp2fa_service none = service_of(world, NULL);

    world->service = none;
    assert_int_equal(verify(world, &alice, "123456", T0, &grant),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(confirm(world, &alice, "browser", "123456", T0, &grant),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(cp2fa_enrol_start(&none, world->p, &world->rules, &alice,
                                       "phone", "browser", T0),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(cp2fa_enrol_show(&none, world->p, &alice, "browser", T0,
                                      &pending), CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(cp2fa_enrol_cancel(&none, world->p, &alice, "browser",
                                        T0), CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(cp2fa_disable_all(&none, world->p, &alice, NULL, CP2FA_NOTICE_DISABLED, T0,
                                       &ended),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(ended.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_FAULTS(whatever_change_fails_no_session_without_a_used_step),
        TEST_FAULTS(whatever_change_fails_a_device_is_confirmed_whole_or_not),
        TEST_WORLD(a_lock_before_the_end_denies_and_stays_counted),
        TEST_WORLD(without_random_bytes_nothing_is_granted_and_nothing_lost),
        TEST_WORLD(without_random_bytes_no_enrolment_begins),
        TEST_WORLD(what_comes_between_match_and_grant_wins),
        TEST_WORLD(without_a_store_nothing_can_be_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
