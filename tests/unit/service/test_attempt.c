/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/attempt.h"

static struct cp2fa_account *account_of(struct world *world)
{
    struct cp2fa_account *account;

    assert_int_equal(cp2fa_accounts_find(world->service.store, world->p,
                                         "realm", "alice", &account),
                     CP2FA_DB_OK);
    return account;
}

static int with_alice(void **state)
{
    struct world *world;

    if (with_world(state) != 0) {
        return -1;
    }
    world = *state;
    hand(world->place, "INSERT INTO cp2fa_account VALUES"
                       " ('a', 'realm', 'alice', 1, '', 0, 0, '', '', '', 0)");
    return 0;
}

#define TEST_ALICE(test) \
    cmocka_unit_test_setup_teardown(test, with_alice, without_world)

static enum cp2fa_outcome reserve(struct world *world, int64_t now,
                                  struct cp2fa_account **account,
                                  struct cp2fa_attempt *attempt)
{
    return cp2fa_attempt_reserve(&world->service, world->p, &world->rules, now,
                                 account, attempt);
}

/* A crash right after it makes no guess for free. */
static void an_attempt_is_counted_as_failed_from_the_start(void **state)
{
    struct world *world = *state;
    struct cp2fa_account *account = account_of(world);
    struct cp2fa_attempt attempt;

    assert_int_equal(reserve(world, T0, &account, &attempt),
                     CP2FA_OUTCOME_DONE);
    assert_string_equal(attempt.account, "a");
    assert_string_equal(attempt.entry,
                        apr_psprintf(world->p, "%016" APR_INT64_T_FMT " ",
                                     (apr_int64_t)T0));
    assert_string_equal(seen(world->place, "SELECT failures"
                                           " FROM cp2fa_account"),
                        attempt.entry);
}

static void an_attempt_that_came_between_is_taken_into_account(void **state)
{
    struct world *world = *state;
    struct cp2fa_account *account = account_of(world);
    struct cp2fa_account *stale = account;
    struct cp2fa_attempt attempt;

    for (int i = 0; i < 3; i++) {
        struct cp2fa_account *fresh = account_of(world);

        assert_int_equal(reserve(world, T0, &fresh, &attempt),
                         CP2FA_OUTCOME_DONE);
    }
    assert_int_equal(reserve(world, T0 + SECOND, &account, &attempt),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(attempt.wait, 29);
    assert_ptr_not_equal(account, stale);
    hand(world->place, "UPDATE cp2fa_account SET locked_at = 1, next_try = 0");
    account = stale;
    assert_int_equal(reserve(world, T0, &account, &attempt),
                     CP2FA_OUTCOME_LOCKED);
    hand(world->place, "DELETE FROM cp2fa_account");
    account = stale;
    assert_int_equal(reserve(world, T0, &account, &attempt),
                     CP2FA_OUTCOME_NOT_ENROLLED);
    hand(world->place, "DROP TABLE cp2fa_account");
    account = stale;
    assert_int_equal(reserve(world, T0, &account, &attempt),
                     CP2FA_OUTCOME_UNAVAILABLE);
}

static void success_gives_back_its_own_attempt_only(void **state)
{
    struct world *world = *state;
    struct cp2fa_account *account = account_of(world);
    struct cp2fa_attempt wrong_one, right_one;
    struct cp2fa_tx *tx;

    assert_int_equal(reserve(world, T0, &account, &wrong_one), 0);
    assert_int_equal(reserve(world, T0, &account, &right_one), 0);
    assert_string_not_equal(wrong_one.entry, right_one.entry);
    assert_int_equal(cp2fa_db_begin(world->service.store, world->p, &tx), 0);
    assert_int_equal(cp2fa_attempt_succeed(tx, world->p, &right_one),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    assert_string_equal(account_of(world)->attempts.failures,
                        wrong_one.entry);
}

static void a_void_attempt_is_given_back_or_complained_of(void **state)
{
    struct world *world = *state;
    struct cp2fa_account *account = account_of(world);
    struct cp2fa_attempt attempt;

    world->rules.throttle.limit = 1;
    assert_int_equal(reserve(world, T0, &account, &attempt), 0);
    assert_int_not_equal(account_of(world)->attempts.locked_at, 0);
    cp2fa_attempt_void(&world->service, world->p, &attempt);
    assert_string_equal(account_of(world)->attempts.failures, "");
    assert_int_equal(account_of(world)->attempts.locked_at, 0);
    assert_int_equal(world->place->complaints, 0);
    hand(world->place, "DROP TABLE cp2fa_account");
    cp2fa_attempt_void(&world->service, world->p, &attempt);
    assert_non_null(strstr(world->place->said, "stays counted"));
}

struct rush {
    struct world *world;
    const char *typed;
    int outcomes[64];
};

static void type_it(int number, apr_pool_t *p, void *with)
{
    struct rush *rush = with;
    struct cp2fa_grant grant = {.wait = 0};

    rush->outcomes[number] = cp2fa_verify_token(
        &rush->world->service, p, &rush->world->rules, &alice, rush->typed,
        NULL, T0, &grant);
}

/* THR-01: at one moment three are looked at, the others wait. */
static void of_50_wrong_tokens_at_once_three_are_looked_at(void **state)
{
    struct rush rush = {.world = *state};
    struct secret secret;

    enrolled(rush.world, &alice, "phone", T0 - MINUTE, &secret);
    rush.typed = wrong(rush.world, &secret, T0);
    race(50, type_it, &rush);
    assert_int_equal(how_many(rush.outcomes, 50, CP2FA_OUTCOME_INVALID),
                     failures(rush.world, &alice));
    assert_int_equal(failures(rush.world, &alice), 3);
    assert_int_equal(how_many(rush.outcomes, 50, CP2FA_OUTCOME_WAIT), 47);
    assert_int_equal(sessions(rush.world), 1);
}

/* OTP-05, F17 */
static void of_32_right_tokens_at_once_one_gets_a_session(void **state)
{
    struct rush rush = {.world = *state};
    struct secret secret;

    enrolled(rush.world, &alice, "phone", T0 - MINUTE, &secret);
    rush.typed = code(rush.world, &secret, T0, 0);
    race(32, type_it, &rush);
    assert_int_equal(how_many(rush.outcomes, 32, CP2FA_OUTCOME_DONE), 1);
    assert_int_equal(how_many(rush.outcomes, 32, CP2FA_OUTCOME_DONE)
                         + how_many(rush.outcomes, 32, CP2FA_OUTCOME_USED)
                         + how_many(rush.outcomes, 32, CP2FA_OUTCOME_WAIT),
                     32);
    assert_int_equal(sessions(rush.world), 2);
}

/* F9: else a clock that was ahead shuts out for days, from every door */
static void a_wait_of_a_clock_that_was_ahead_is_begun_anew(void **state)
{
    struct world *world = *state;
    struct cp2fa_account *account = account_of(world);
    struct cp2fa_attempt attempt;

    for (int i = 0; i < 3; i++) {
        account = account_of(world);
        assert_int_equal(reserve(world, T0 + 2 * DAY + i, &account, &attempt),
                         CP2FA_OUTCOME_DONE);
    }
    account = account_of(world);
    assert_int_equal(reserve(world, T0, &account, &attempt),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(attempt.wait, 30);
    assert_int_equal(next_try(world), T0 + 30 * SECOND);
    assert_int_equal(failures(world, &alice), 3);
    assert_int_equal(reserve(world, T0 + 29 * SECOND, &account, &attempt),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(cp2fa_attempt_reserve_recovery(
                         &world->service, world->p, &world->rules,
                         T0 + 30 * SECOND, &account, &attempt),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(failures(world, &alice), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_ALICE(an_attempt_is_counted_as_failed_from_the_start),
        TEST_ALICE(an_attempt_that_came_between_is_taken_into_account),
        TEST_ALICE(success_gives_back_its_own_attempt_only),
        TEST_ALICE(a_void_attempt_is_given_back_or_complained_of),
        TEST_ALICE(a_wait_of_a_clock_that_was_ahead_is_begun_anew),
        TEST_WORLD(of_50_wrong_tokens_at_once_three_are_looked_at),
        TEST_WORLD(of_32_right_tokens_at_once_one_gets_a_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
