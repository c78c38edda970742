/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

static void start_over(struct world *world)
{
    hand(world->place, "UPDATE cp2fa_device SET last_step = 0, skew = 0");
    hand(world->place, "UPDATE cp2fa_account SET failures = '', next_try = 0,"
                       " locked_at = 0");
}

/* OTP-06 */
static void a_token_is_taken_within_the_clock_skew_both_ways(void **state)
{
    static const struct {
        int64_t clock_skew;
        int64_t reach;
    } rows[] = {{180, 6}, {179, 5}, {30, 1}, {29, 0}, {0, 0}, {300, 10}};
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (size_t i = 0; i < COUNT(rows); i++) {
        world->rules.clock_skew = rows[i].clock_skew;
        for (int64_t off = -12; off <= 12; off++) {
            enum cp2fa_outcome expected =
                off >= -rows[i].reach && off <= rows[i].reach
                    ? CP2FA_OUTCOME_DONE
                    : CP2FA_OUTCOME_INVALID;

            start_over(world);
            if (outcome_of(world, &alice, code(world, &secret, T0, off), T0)
                != expected) {
                fail_msg("skew %d, %d steps off", (int)rows[i].clock_skew,
                         (int)off);
            }
            assert_int_equal(failures(world, &alice),
                             expected == CP2FA_OUTCOME_INVALID);
        }
    }
}

/* Each device keeps what it was enrolled with. */
static void a_device_counts_in_steps_of_its_own(void **state)
{
    struct world *world = *state;
    struct secret secret;

    world->rules.totp = (struct cp2fa_totp){CP2FA_TOTP_SHA512, 8, 60};
    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (int64_t off = -5; off <= 5; off++) {
        start_over(world);
        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &secret, T0, off), T0),
                         off >= -3 && off <= 3 ? CP2FA_OUTCOME_DONE
                                               : CP2FA_OUTCOME_INVALID);
    }
}

/* OTP-02, OTP-03, OTP-04 */
static void a_used_step_and_every_older_one_are_refused_and_counted(void **s)
{
    static const char *const spellings[] = {"%s", "%.3s %s", " %s", "%s\t",
                                            "%.3s-%s"};
    struct world *world = *s;
    struct secret secret;
    const char *used;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    used = code(world, &secret, T0, 0);
    assert_int_equal(outcome_of(world, &alice, used, T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(sessions(world), 1);
    for (size_t i = 0; i < COUNT(spellings); i++) {
        const char *typed =
            strstr(spellings[i], "%.3s")
                ? apr_psprintf(world->p, spellings[i], used, used + 3)
                : apr_psprintf(world->p, spellings[i], used);

        start_over(world);
        hand(world->place, apr_psprintf(world->p, "UPDATE cp2fa_device SET"
                                        " last_step = %d", (int)(NOW / 30)));
        assert_int_equal(outcome_of(world, &alice, typed, T0),
                         CP2FA_OUTCOME_USED);
        assert_int_equal(failures(world, &alice), 1);
        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &secret, T0, -1 - (int)i), T0),
                         CP2FA_OUTCOME_USED);
        assert_int_equal(failures(world, &alice), 2);
    }
    assert_int_equal(sessions(world), 1);
    start_over(world);
    assert_int_equal(outcome_of(world, &alice, code(world, &secret, T0, 1),
                                T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(outcome_of(world, &alice, used, T0), CP2FA_OUTCOME_USED);
}

/* OTP-08 */
static void what_is_no_token_costs_no_attempt(void **state)
{
    static const char *const typed[] = {
        "", " ", "12345", "1234567", "12345a", "+12345", "-", "0x1234",
        "1234.6", "123456\n", "\357\274\221\357\274\222\357\274\223\357\274"
        "\224\357\274\225\357\274\226", "%s%s%s", "123456123456",
    };
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < COUNT(typed); i++) {
            assert_int_equal(outcome_of(world, &alice, typed[i], T0),
                             CP2FA_OUTCOME_MALFORMED);
        }
    }
    assert_int_equal(failures(world, &alice), 0);
    assert_int_equal(outcome_of(world, &alice, code(world, &secret, T0, 0),
                                T0), CP2FA_OUTCOME_DONE);
}

/* THR-03: and what is told to wait is not looked at. */
static void from_the_third_failure_on_even_the_right_token_waits(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grant;
    struct secret secret;
    const char *right;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    right = code(world, &secret, T0, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(outcome_of(world, &alice, wrong(world, &secret, T0),
                                    T0 + i), CP2FA_OUTCOME_INVALID);
    }
    for (int i = 0; i < 30; i++) {
        assert_int_equal(verify(world, &alice, right, T0 + 2 + i * SECOND,
                                &grant), CP2FA_OUTCOME_WAIT);
        assert_int_equal(grant.wait, 30 - i);
        assert_string_equal(grant.id, "");
    }
    assert_int_equal(failures(world, &alice), 3);
    assert_int_equal(outcome_of(world, &alice, right, T0 + 2 + 30 * SECOND),
                     CP2FA_OUTCOME_DONE);
    /* the delay is over, the failures are not */
    assert_int_equal(failures(world, &alice), 3);
    assert_int_equal(next_try(world), 0);
}

/* THR-04 */
static void at_20_failures_the_factor_locks_for_good(void **state)
{
    struct world *world = *state;
    struct secret secret;
    int64_t now = T0;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (int i = 0; i < 20; i++) {
        now = next_try(world) > now ? next_try(world) : now + 1;
        assert_int_equal(outcome_of(world, &alice, wrong(world, &secret, now),
                                    now), CP2FA_OUTCOME_INVALID);
    }
    for (int i = 0; i < 50; i++) {
        now += DAY;
        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &secret, now, 0), now),
                         CP2FA_OUTCOME_LOCKED);
    }
    assert_int_equal(failures(world, &alice), 20);
    assert_int_equal(sessions(world), 1);
}

/* THR-05: five times four wrong ones and a right one */
static void success_in_between_does_not_reset_the_failures(void **state)
{
    struct world *world = *state;
    struct secret secret;
    int64_t now = T0;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (int i = 1; i <= 20; i++) {
        now = next_try(world) > now ? next_try(world) : now + STEP;
        assert_int_equal(outcome_of(world, &alice, wrong(world, &secret, now),
                                    now), CP2FA_OUTCOME_INVALID);
        assert_int_equal(failures(world, &alice), i);
        if (i % 4 == 0) {
            now = next_try(world) > now ? next_try(world) : now + STEP;
            assert_int_equal(outcome_of(world, &alice,
                                        code(world, &secret, now, 0), now),
                             i < 20 ? CP2FA_OUTCOME_DONE
                                    : CP2FA_OUTCOME_LOCKED);
        }
    }
}

static void success_after_success_costs_nothing(void **state)
{
    struct world *world = *state;
    struct secret secret;

    world->rules.throttle.limit = 2;
    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (int i = 0; i < 30; i++) {
        int64_t now = T0 + i * STEP;

        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &secret, now, 0), now),
                         CP2FA_OUTCOME_DONE);
        assert_int_equal(failures(world, &alice), 0);
    }
    /* the attempt that locks is undone like any other */
    world->rules.throttle.limit = 1;
    assert_int_equal(outcome_of(world, &alice,
                                code(world, &secret, T0 + DAY, 0), T0 + DAY),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(outcome_of(world, &alice,
                                code(world, &secret, T0 + DAY, 1), T0 + DAY),
                     CP2FA_OUTCOME_DONE);
}

static void either_of_two_devices_will_do_each_with_its_own_steps(void **state)
{
    struct world *world = *state;
    struct secret phone, tablet;

    enrolled(world, &alice, "phone", T0 - DAY, &phone);
    enrolled(world, &alice, "tablet", T0 - DAY + MINUTE, &tablet);
    for (int i = 0; i < 2; i++) {
        const struct secret *secret = i ? &tablet : &phone;
        const char *right = code(world, secret, T0, 0);

        assert_int_equal(outcome_of(world, &alice, right, T0),
                         CP2FA_OUTCOME_DONE);
        assert_int_equal(outcome_of(world, &alice, right, T0),
                         CP2FA_OUTCOME_USED);
    }
    assert_int_equal(counted(world->place, "SELECT count(DISTINCT last_step)"
                                           " FROM cp2fa_device"), 1);
}

/* OTP-07 */
static void the_skew_moves_a_step_a_log_in_and_stays_within_bounds(void **s)
{
    static const struct {
        int64_t off, skew;
    } rows[] = {{4, 1}, {4, 2}, {4, 3}, {4, 4},  {4, 4},  {6, 5},  {6, 6},
                {6, 6}, {0, 5}, {5, 5}, {-6, 4}, {-6, 3}, {-6, 2}, {2, 2}};
    struct world *world = *s;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t now = T0 + (int64_t)i * DAY;

        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &secret, now, rows[i].off),
                                    now), CP2FA_OUTCOME_DONE);
        assert_int_equal(counted(world->place, "SELECT skew"
                                               " FROM cp2fa_device"),
                         rows[i].skew);
        /* never a ratchet: 7 steps off stay 7 too many */
        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &secret, now, 7), now),
                         CP2FA_OUTCOME_INVALID);
        start_over(world);
        hand(world->place, apr_psprintf(world->p, "UPDATE cp2fa_device SET"
                                        " skew = %d", (int)rows[i].skew));
    }
}

/* SES-01, SES-02 */
static void a_grant_is_a_session_under_the_hash_of_its_id(void **state)
{
    struct world *world = *state;
    struct cp2fa_session *session;
    uint8_t token[CP2FA_TOKEN_LEN];
    char hash[CP2FA_HASH_TEXT + 1];
    struct cp2fa_grant first, second;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    hand(world->place, "DELETE FROM cp2fa_session");
    assert_int_equal(verify(world, &alice, code(world, &secret, T0, 0), T0,
                            &first), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_token_parse(first.id, strlen(first.id), token), 0);
    assert_int_equal(cp2fa_token_hash(world->crypto, token, hash), 0);
    assert_string_equal(first.session.hash, hash);
    assert_int_equal(cp2fa_sessions_find(world->service.store, world->p, hash,
                                         &session), CP2FA_DB_OK);
    assert_string_equal(session->realm, "realm");
    assert_string_equal(session->name, "alice");
    assert_string_equal(session->amr, "pwd otp");
    assert_int_equal(session->created, T0 / SECOND);
    assert_int_equal(session->auth_time, T0 / SECOND);
    assert_int_equal(session->last_seen, T0 / SECOND);
    assert_int_equal(session->ends, T0 / SECOND + 12 * 3600);

    /* the one that it replaces is over */
    memset(&second, 0, sizeof(second));
    assert_int_equal(cp2fa_verify_token(&world->service, world->p,
                                        &world->rules, &alice,
                                        code(world, &secret, T0, 1), hash, T0,
                                        &second), CP2FA_OUTCOME_DONE);
    assert_string_not_equal(second.id, first.id);
    assert_string_equal(seen(world->place, "SELECT group_concat(hash)"
                                           " FROM cp2fa_session"),
                        second.session.hash);
    /* and one that is over already is no obstacle */
    assert_int_equal(cp2fa_verify_token(&world->service, world->p,
                                        &world->rules, &alice,
                                        code(world, &secret, T0, 2), hash, T0,
                                        &second), CP2FA_OUTCOME_DONE);
}

/* SES-02: for the caches, which would keep it alive */
static void the_session_that_a_grant_replaces_is_listed_as_ended(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant first, second;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    assert_int_equal(verify(world, &alice, code(world, &secret, T0, 0), T0,
                            &first), CP2FA_OUTCOME_DONE);
    assert_int_equal(first.ended.count, 0);
    memset(&second, 0, sizeof(second));
    assert_int_equal(cp2fa_verify_token(&world->service, world->p,
                                        &world->rules, &alice,
                                        code(world, &secret, T0, 1),
                                        first.session.hash, T0, &second),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(second.ended.count, 1);
    assert_string_equal(second.ended.row[0][0], first.session.hash);
}

static struct cp2fa_session foretold;

static void take_note(void *baton, const struct cp2fa_session *session)
{
    struct world *world = baton;

    assert_int_equal(sessions(world), 0);
    foretold = *session;
}

/* SES-02: a cache that learned of it later could bring back what somebody has
 * ended meanwhile */
static void a_session_is_foretold_before_anybody_can_end_it(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grant = {.foretell = take_note, .baton = world};
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    hand(world->place, "DELETE FROM cp2fa_session");
    assert_int_equal(cp2fa_verify_token(&world->service, world->p,
                                        &world->rules, &alice,
                                        code(world, &secret, T0, 0), NULL, T0,
                                        &grant), CP2FA_OUTCOME_DONE);
    assert_memory_equal(&foretold, &grant.session, sizeof(foretold));
    assert_int_equal(sessions(world), 1);
}

static void who_has_no_active_device_is_not_enrolled(void **state)
{
    const struct cp2fa_who elsewhere = {"other realm", "alice"};
    struct world *world = *state;
    struct secret secret;

    assert_int_equal(outcome_of(world, &alice, "123456", T0),
                     CP2FA_OUTCOME_NOT_ENROLLED);
    started(world, &alice, "phone", "browser", T0, &secret);
    assert_int_equal(outcome_of(world, &alice, code(world, &secret, T0, 0),
                                T0), CP2FA_OUTCOME_NOT_ENROLLED);
    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    assert_int_equal(outcome_of(world, &bob, code(world, &secret, T0, 0), T0),
                     CP2FA_OUTCOME_NOT_ENROLLED);
    assert_int_equal(outcome_of(world, &elsewhere,
                                code(world, &secret, T0, 0), T0),
                     CP2FA_OUTCOME_NOT_ENROLLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_token_is_taken_within_the_clock_skew_both_ways),
        TEST_WORLD(a_device_counts_in_steps_of_its_own),
        TEST_WORLD(a_used_step_and_every_older_one_are_refused_and_counted),
        TEST_WORLD(what_is_no_token_costs_no_attempt),
        TEST_WORLD(from_the_third_failure_on_even_the_right_token_waits),
        TEST_WORLD(at_20_failures_the_factor_locks_for_good),
        TEST_WORLD(success_in_between_does_not_reset_the_failures),
        TEST_WORLD(success_after_success_costs_nothing),
        TEST_WORLD(either_of_two_devices_will_do_each_with_its_own_steps),
        TEST_WORLD(the_skew_moves_a_step_a_log_in_and_stays_within_bounds),
        TEST_WORLD(a_grant_is_a_session_under_the_hash_of_its_id),
        TEST_WORLD(the_session_that_a_grant_replaces_is_listed_as_ended),
        TEST_WORLD(a_session_is_foretold_before_anybody_can_end_it),
        TEST_WORLD(who_has_no_active_device_is_not_enrolled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
