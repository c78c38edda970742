/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/operator.h"
#include "service/reseal.h"

static const struct cp2fa_who by_operator = {
    .realm = "realm", .user = "alice", .address = CP2FA_OPERATOR};

static struct cp2fa_account *account_of(struct world *world)
{
    struct cp2fa_account *account;

    assert_int_equal(cp2fa_accounts_find(world->service.store, world->p,
                                         "realm", "alice", &account),
                     CP2FA_DB_OK);
    return account;
}

/* How many events of a kind an operator has left. */
static int64_t events(struct world *world, const char *kind)
{
    return counted(world->place,
                   apr_psprintf(world->p, "SELECT count(*) FROM cp2fa_event"
                                " WHERE kind = '%s' AND address = 'operator'",
                                kind));
}

static void unlocking_forgets_and_leaves_an_event(void **state)
{
    struct world *world = *state;
    struct secret phone;

    enrolled(world, &alice, "phone", T0, &phone);
    hand(world->place, "UPDATE cp2fa_account SET locked_at = 1, next_try = 2");
    assert_int_equal(cp2fa_operator_unlock(&world->service, world->p,
                                           &by_operator, account_of(world),
                                           T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(counted(world->place, "SELECT locked_at + next_try FROM"
                                           " cp2fa_account"), 0);
    assert_int_equal(events(world, "unlocked"), 1);
}

/* ENR-10, FAIL-01: no change without its event, no event without it. */
static void what_leaves_no_event_changes_nothing(void **state)
{
    struct world *world = *state;
    struct secret phone;
    int ended;

    enrolled(world, &alice, "phone", T0, &phone);
    hand(world->place, "UPDATE cp2fa_account SET locked_at = 1");
    hand(world->place, "ALTER TABLE cp2fa_event RENAME TO gone");
    assert_int_equal(cp2fa_operator_unlock(&world->service, world->p,
                                           &by_operator, account_of(world),
                                           T0), CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(cp2fa_operator_set_email(&world->service, world->p,
                                              &by_operator, account_of(world),
                                              "a@b", T0),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(cp2fa_operator_end_sessions(
                         &world->service, world->p, &by_operator,
                         account_of(world), NULL, T0, &ended),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(ended, 0);
    assert_int_equal(cp2fa_operator_revoke(&world->service, world->p,
                                           &by_operator, account_of(world),
                                           NOW + 60, 180, T0 + MINUTE),
                     CP2FA_OUTCOME_UNAVAILABLE);
    hand(world->place, "ALTER TABLE gone RENAME TO cp2fa_event");
    assert_int_equal(counted(world->place, "SELECT locked_at FROM"
                                           " cp2fa_account"), 1);
    assert_string_equal(account_of(world)->email, "");
    assert_int_equal(sessions(world), 1);
    assert_int_equal(account_of(world)->devices[0].last_step, NOW / 30);
}

/* MAIL-10: who reads the old address's mail must have no token left. */
static void another_address_voids_the_tokens_of_the_last(void **state)
{
    struct world *world = *state;
    struct secret phone;

    enrolled(world, &alice, "phone", T0, &phone);
    hand(world->place, "INSERT INTO cp2fa_mail_token SELECT 'k:m', id,"
                       " 'bypass', 'h', 'old@x', 1, 99999999999 FROM"
                       " cp2fa_account");
    assert_int_equal(cp2fa_operator_set_email(&world->service, world->p,
                                              &by_operator, account_of(world),
                                              "new@example.org", T0),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(counted(world->place, "SELECT count(*) FROM"
                                           " cp2fa_mail_token"), 0);
}

/* F25: what was used since the backup is good in it, and must not be. */
static void revoking_voids_what_was_there_before(void **state)
{
    struct world *world = *state;
    struct secret phone;

    enrolled(world, &alice, "phone", T0, &phone);
    hand(world->place, "INSERT INTO cp2fa_code SELECT 'k1:old', id, 1 FROM"
                       " cp2fa_account");
    hand(world->place, "INSERT INTO cp2fa_code SELECT 'k1:new', id,"
                       " 9999999999 FROM cp2fa_account");
    assert_int_equal(cp2fa_operator_revoke(&world->service, world->p,
                                           &by_operator, account_of(world),
                                           NOW + 60, 180, T0 + MINUTE),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(sessions(world), 0);
    assert_string_equal(seen(world->place, "SELECT mac FROM cp2fa_code"),
                        "k1:new");
    for (int i = -6; i <= 6; i++) {
        assert_int_equal(outcome_of(world, &alice,
                                    code(world, &phone, T0 + MINUTE, i),
                                    T0 + MINUTE + i), CP2FA_OUTCOME_USED);
        hand(world->place, "UPDATE cp2fa_account SET failures = '', next_try"
                           " = 0");
    }
    assert_int_equal(outcome_of(world, &alice,
                                code(world, &phone, T0 + 5 * MINUTE, 0),
                                T0 + 5 * MINUTE), CP2FA_OUTCOME_DONE);
    assert_int_equal(events(world, "codes-voided"), 1);
}

static void revoking_leaves_what_was_made_since(void **state)
{
    struct world *world = *state;
    struct secret phone;

    enrolled(world, &alice, "phone", T0, &phone);
    assert_int_equal(cp2fa_operator_revoke(&world->service, world->p,
                                           &by_operator, account_of(world),
                                           NOW - 60, 180, T0 + MINUTE),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(sessions(world), 1);
    assert_int_equal(outcome_of(world, &alice,
                                code(world, &phone, T0 + MINUTE, 0),
                                T0 + MINUTE), CP2FA_OUTCOME_DONE);
}

static const struct cp2fa_brought brought = {
    .totp = {CP2FA_TOTP_SHA1, 6, 30},
    .secret = (const uint8_t *)"12345678901234567890",
    .len = 20,
    .last_step = NOW / 30 - 7,
};

static enum cp2fa_outcome bring(struct world *world,
                                const struct cp2fa_brought *what, int *added)
{
    return cp2fa_operator_bring(&world->service, world->p, &by_operator, what,
                                T0, added);
}

/* ENR-10 */
static void a_device_brought_along_lets_in_and_ends_sessions(void **state)
{
    struct world *world = *state;
    struct secret secret = {.len = 20};
    struct secret phone;
    int added;

    memcpy(secret.bytes, brought.secret, 20);
    enrolled(world, &alice, "Authenticator", T0 - MINUTE, &phone);
    assert_int_equal(bring(world, &brought, &added), CP2FA_OUTCOME_DONE);
    assert_int_equal(added, 1);
    assert_int_equal(sessions(world), 0);
    assert_string_equal(account_of(world)->devices[1].name, "Authenticator 2");
    assert_int_equal(outcome_of(world, &alice, code(world, &secret, T0, 0),
                                T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 0), T0),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(events(world, "device-added"), 1);
}

static void the_same_secret_twice_is_one_device(void **state)
{
    struct world *world = *state;
    int added;

    assert_int_equal(bring(world, &brought, &added), CP2FA_OUTCOME_DONE);
    assert_int_equal(added, 1);
    assert_int_equal(bring(world, &brought, &added), CP2FA_OUTCOME_DONE);
    assert_int_equal(added, 0);
    assert_int_equal(account_of(world)->device_count, 1);
    assert_int_equal(events(world, "enabled"), 1);
}

static void a_secret_that_is_too_short_is_refused(void **state)
{
    struct world *world = *state;
    struct cp2fa_brought other = brought;
    int added;

    other.len = 9;
    assert_int_equal(bring(world, &other, &added), CP2FA_OUTCOME_MALFORMED);
    other = brought;
    other.totp.digits = 5;
    assert_int_equal(bring(world, &other, &added), CP2FA_OUTCOME_MALFORMED);
    other = brought;
    other.name = "a\nb";
    assert_int_equal(bring(world, &other, &added), CP2FA_OUTCOME_BAD_NAME);
    assert_int_equal(counted(world->place, "SELECT count(*) FROM"
                                           " cp2fa_account"), 0);
}

/* The world's keys with the other one active. */
static void rotate(struct world *world)
{
    cp2fa_keyring_free(world->ring);
    world->ring =
        ring_of(world->crypto, "k1:" KEY_A "\nk2:" KEY_B ":active\n");
    world->service.keys = world->ring;
}

static enum cp2fa_db_result reseal_all(struct world *world,
                                       struct cp2fa_reseal *walk)
{
    enum cp2fa_db_result result;

    memset(walk, 0, sizeof(*walk));
    walk->after = "";
    do {
        result = cp2fa_reseal_some(&world->service, world->p, walk);
    } while (result == CP2FA_DB_OK);
    return result;
}

/* CRY-04 */
static void resealed_secrets_open_without_the_old_key(void **state)
{
    struct world *world = *state;
    struct cp2fa_key_use uses[CP2FA_KEY_USES];
    struct cp2fa_reseal walk;
    struct secret phone;
    int count;

    enrolled(world, &alice, "phone", T0 - MINUTE, &phone);
    rotate(world);
    assert_int_equal(reseal_all(world, &walk), CP2FA_DB_NONE);
    assert_int_equal(walk.resealed, 1);
    assert_int_equal(cp2fa_reseal_count(&world->service, world->p, uses,
                                        &count), CP2FA_DB_OK);
    assert_int_equal(count, 2);
    assert_int_equal(uses[0].secrets, 0);
    assert_int_equal(uses[1].secrets, 1);
    assert_int_equal(reseal_all(world, &walk), CP2FA_DB_NONE);
    assert_int_equal(walk.resealed, 0);
    cp2fa_keyring_free(world->ring);
    world->ring = ring_of(world->crypto, "k2:" KEY_B "\n");
    world->service.keys = world->ring;
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 0), T0),
                     CP2FA_OUTCOME_DONE);
}

static void a_secret_that_does_not_open_stops_no_other(void **state)
{
    struct world *world = *state;
    struct cp2fa_reseal walk;
    struct secret phone;

    enrolled(world, &alice, "phone", T0, &phone);
    enrolled(world, &bob, "phone", T0, &phone);
    hand(world->place, "UPDATE cp2fa_device SET period = 60 WHERE account ="
                       " (SELECT id FROM cp2fa_account WHERE name = 'alice')");
    rotate(world);
    assert_int_equal(reseal_all(world, &walk), CP2FA_DB_NONE);
    assert_int_equal(walk.seen, 2);
    assert_int_equal(walk.resealed, 1);
    assert_int_equal(walk.unopened, 1);
}

static void take_away(struct world *world)
{
    hand(world->place, "UPDATE cp2fa_device SET secret = 'another'");
}

/* A secret that changed while it was sealed anew is not overwritten. */
static void a_secret_that_changes_meanwhile_stays_changed(void **state)
{
    struct world *world = *state;
    struct cp2fa_reseal walk;
    struct secret phone;

    enrolled(world, &alice, "phone", T0, &phone);
    rotate(world);
    dice.happen = take_away;
    assert_int_equal(reseal_all(world, &walk), CP2FA_DB_NONE);
    assert_int_equal(walk.resealed, 0);
    assert_string_equal(seen(world->place, "SELECT secret FROM cp2fa_device"),
                        "another");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(another_address_voids_the_tokens_of_the_last),
        TEST_WORLD(unlocking_forgets_and_leaves_an_event),
        TEST_WORLD(what_leaves_no_event_changes_nothing),
        TEST_WORLD(revoking_voids_what_was_there_before),
        TEST_WORLD(revoking_leaves_what_was_made_since),
        TEST_WORLD(a_device_brought_along_lets_in_and_ends_sessions),
        TEST_WORLD(the_same_secret_twice_is_one_device),
        TEST_WORLD(a_secret_that_is_too_short_is_refused),
        TEST_WORLD(resealed_secrets_open_without_the_old_key),
        TEST_WORLD(a_secret_that_does_not_open_stops_no_other),
        TEST_WORLD(a_secret_that_changes_meanwhile_stays_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
