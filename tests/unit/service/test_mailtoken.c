/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/crockford.h"
#include "service/bypass.h"
#include "service/letter.h"
#include "service/mailtoken.h"

#define MINUTE (INT64_C(60) * CP2FA_SECOND)

static unsigned wait_for;

static enum cp2fa_outcome ask(const char *session, int64_t now)
{
    const struct cp2fa_mailtoken_wish wish = {
        .purpose = CP2FA_MAILTOKEN_BYPASS,
        .kind = "bypass-token",
        .session = session,
        .recipient = "alice@example.org",
        .lifetime = 600,
    };

    return cp2fa_mailtoken_ask(&world.service, world.p, &world.who, alice(),
                               &wish, now, &wait_for);
}

/* The token in the newest mail. */
static const char *mailed(int64_t now)
{
    struct cp2fa_value values[CP2FA_LETTER_VALUES];
    struct cp2fa_mail *mails;
    char *secret;
    int count;

    assert_int_equal(cp2fa_outbox_due(world.service.store, world.p,
                                      now / CP2FA_SECOND, &mails, &count),
                     CP2FA_DB_OK);
    assert_true(count > 0);
    assert_true(cp2fa_letter_values(&world.service, world.p, &mails[count - 1],
                                    values, &secret)
                > 0);
    return secret;
}

static struct cp2fa_mailtoken_found found;

static enum cp2fa_outcome check(const char *session, const char *typed,
                                int64_t now)
{
    alice();
    return cp2fa_mailtoken_check(&world.service, world.p, &world.rules,
                                 CP2FA_MAILTOKEN_BYPASS, session, typed, now,
                                 &world.alice, &found);
}

static enum cp2fa_db_result use(int64_t now)
{
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(world.service.store, world.p, &tx),
                     CP2FA_DB_OK);
    return cp2fa_tx_end(tx, cp2fa_mailtoken_use(tx, world.p, &found, now));
}

/* MAIL-03, MAIL-04, MAIL-05 */
static void a_token_works_once_in_its_session_until_it_expires(void **state)
{
    const char *token;

    (void)state;
    assert_int_equal(ask("one", NOW), CP2FA_OUTCOME_DONE);
    token = mailed(NOW);
    assert_int_equal(check("two", token, NOW), CP2FA_OUTCOME_INVALID);
    assert_int_equal(check("one", token, NOW + 10 * MINUTE),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(check("one", token, NOW + 10 * MINUTE - CP2FA_SECOND),
                     CP2FA_OUTCOME_DONE);
    assert_string_equal(found.token.email, "alice@example.org");
    assert_int_equal(use(NOW), CP2FA_DB_OK);
    assert_int_equal(use(NOW), CP2FA_DB_NONE);
    assert_string_equal(alice()->attempts.failures, "");
}

/* THR-02: one budget over every door */
static void a_wrong_one_counts_where_there_is_one_to_guess(void **state)
{
    (void)state;
    assert_int_equal(check("one", "0000000000000000000000000" "0", NOW),
                     CP2FA_OUTCOME_INVALID);
    assert_string_equal(alice()->attempts.failures, "");
    assert_int_equal(ask("one", NOW), CP2FA_OUTCOME_DONE);
    assert_int_equal(check("one", "no token", NOW), CP2FA_OUTCOME_MALFORMED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(check("one", "00000-00000-00000-00000-00000-0", NOW),
                         CP2FA_OUTCOME_INVALID);
    }
    assert_int_equal(check("one", mailed(NOW), NOW), CP2FA_OUTCOME_WAIT);
    assert_int_equal(found.attempt.wait, 30);
    assert_int_equal(check("one", mailed(NOW), NOW + MINUTE / 2),
                     CP2FA_OUTCOME_DONE);
}

/* THR-09 */
static void a_lock_does_not_refuse_it_but_still_counts(void **state)
{
    (void)state;
    world.rules.throttle.limit = 1;
    assert_int_equal(ask("one", NOW), CP2FA_OUTCOME_DONE);
    assert_int_equal(check("one", "00000-00000-00000-00000-00000-0", NOW),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(found.attempt.locks, 1);
    assert_int_not_equal(alice()->attempts.locked_at, 0);
    assert_int_equal(check("one", "00000-00000-00000-00000-00000-0", NOW + 9),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(found.attempt.locks, 0);
    assert_int_equal(check("one", mailed(NOW), NOW + MINUTE),
                     CP2FA_OUTCOME_DONE);
}

/* MAIL-05, MAIL-07 */
static void a_new_one_voids_the_old(void **state)
{
    const char *old;

    (void)state;
    assert_int_equal(ask("one", NOW), CP2FA_OUTCOME_DONE);
    old = mailed(NOW);
    assert_int_equal(ask("one", NOW + MINUTE - 1), CP2FA_OUTCOME_WAIT);
    assert_int_equal(wait_for, 1);
    assert_int_equal(ask("one", NOW + MINUTE), CP2FA_OUTCOME_DONE);
    assert_int_equal(check("one", old, NOW + MINUTE), CP2FA_OUTCOME_INVALID);
    assert_int_equal(check("one", mailed(NOW + MINUTE), NOW + MINUTE),
                     CP2FA_OUTCOME_DONE);
}

/* CRY-04 */
static void a_key_that_was_active_still_finds_its_tokens(void **state)
{
    struct cp2fa_keyring *rotated;

    (void)state;
    assert_int_equal(ask("one", NOW), CP2FA_OUTCOME_DONE);
    rotated = ring_of(world.service.crypto,
                      "k2:" KEY_B ":active\nk1:" KEY_A "\n");
    world.service.keys = rotated;
    assert_int_equal(check("one", mailed(NOW), NOW), CP2FA_OUTCOME_DONE);
    world.service.keys = world.ring;
    cp2fa_keyring_free(rotated);
}

static void an_account_without_a_device_has_nothing_to_bypass(void **state)
{
    struct cp2fa_mail *mails;
    int count;

    (void)state;
    assert_int_equal(cp2fa_bypass_ask(&world.service, world.p, &world.who,
                                      "one", 600, NOW),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_outbox_due(world.service.store, world.p, INT32_MAX,
                                      &mails, &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 0);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_token_works_once_in_its_session_until_it_expires),
        TEST(a_wrong_one_counts_where_there_is_one_to_guess),
        TEST(a_lock_does_not_refuse_it_but_still_counts),
        TEST(a_new_one_voids_the_old),
        TEST(a_key_that_was_active_still_finds_its_tokens),
        TEST(an_account_without_a_device_has_nothing_to_bypass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
