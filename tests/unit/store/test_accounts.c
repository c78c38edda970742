/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/accounts.h"

#define SECOND INT64_C(1000000)
#define T0     (NOW * SECOND) /* of attempts, in microseconds */

/* TwoFactorFailureLimit 20 30d */
static const struct cp2fa_throttle usual = {20, 30 * INT64_C(86400) * SECOND};

static int with_alice(void **state)
{
    struct place *place;

    if (with_tables(state) != 0) {
        return -1;
    }
    place = *state;
    return cp2fa_accounts_ensure(place->store, place->p, "a", "realm", "alice",
                                 NOW)
                   == CP2FA_DB_OK
               ? 0
               : -1;
}

#define TEST_ALICE(test) \
    cmocka_unit_test_setup_teardown(test, with_alice, without_place)

static struct cp2fa_account *alice(struct place *place)
{
    struct cp2fa_account *account = NULL;

    assert_int_equal(cp2fa_accounts_find(place->store, place->p, "realm",
                                         "alice", &account), CP2FA_DB_OK);
    return account;
}

static void an_account_is_found_by_realm_and_name_exactly(void **state)
{
    static const struct {
        const char *realm, *name;
        enum cp2fa_db_result result;
    } rows[] = {
        {"realm", "alice", CP2FA_DB_OK}, {"realm", "Alice", CP2FA_DB_NONE},
        {"Realm", "alice", CP2FA_DB_NONE}, {"realm", "alice ", CP2FA_DB_NONE},
        {"realm", "alic_", CP2FA_DB_NONE}, {"realm", "%", CP2FA_DB_NONE},
        {"alice", "realm", CP2FA_DB_NONE}, {"", "", CP2FA_DB_NONE},
    };
    struct place *place = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp2fa_account *account = (void *)&rows;

        assert_int_equal(cp2fa_accounts_find(place->store, place->p,
                                             rows[i].realm, rows[i].name,
                                             &account), rows[i].result);
        if (rows[i].result != CP2FA_DB_OK) {
            assert_null(account);
            continue;
        }
        assert_string_equal(account->id, "a");
        assert_string_equal(account->realm, "realm");
        assert_string_equal(account->name, "alice");
        assert_string_equal(account->attempts.failures, "");
        assert_int_equal(account->attempts.next_try, 0);
        assert_int_equal(account->attempts.locked_at, 0);
        assert_int_equal(account->device_count, 0);
    }
}

static void one_name_in_two_realms_is_two_accounts(void **state)
{
    struct place *place = *state;
    struct cp2fa_account *other;

    assert_int_equal(cp2fa_accounts_ensure(place->store, place->p, "b",
                                           "other", "alice", NOW),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_accounts_find(place->store, place->p, "other",
                                         "alice", &other), CP2FA_DB_OK);
    assert_string_equal(other->id, "b");
    assert_string_equal(alice(place)->id, "a");
}

static void an_account_that_is_there_stays_as_it_is(void **state)
{
    struct place *place = *state;

    hand(place, "UPDATE cp2fa_account SET failures = '0000000000000001 ',"
                " next_try = 5");
    assert_int_equal(cp2fa_accounts_ensure(place->store, place->p, "b",
                                           "realm", "alice", NOW + 9),
                     CP2FA_DB_OK);
    assert_string_equal(alice(place)->id, "a");
    assert_int_equal(alice(place)->attempts.next_try, 5);
    assert_int_equal(counted(place, "SELECT created FROM cp2fa_account"), NOW);
}

struct race {
    struct place *place;
    int results[64];
    int step;
};

static void ensure_one(int number, apr_pool_t *p, void *with)
{
    struct race *race = with;

    race->results[number] =
        cp2fa_accounts_ensure(race->place->store, p,
                              apr_psprintf(p, "id%d", number), "realm", "bob",
                              NOW);
}

static void of_many_that_make_an_account_one_does(void **state)
{
    struct race all = {.place = *state};

    race(16, ensure_one, &all);
    assert_int_equal(how_many(all.results, 16, CP2FA_DB_OK), 16);
    assert_int_equal(counted(all.place, "SELECT count(*) FROM cp2fa_account"
                                        " WHERE name = 'bob'"), 1);
}

#define DEVICE(id, state, created, tail) \
    "INSERT INTO cp2fa_device VALUES ('" id "', 'a', 'totp', 'name " id "'," \
    " '" state "', 'sealed " id "', " tail ", '', " created ", 0, 44," \
    " -1)"

static void devices_come_with_the_account_active_ones_oldest_first(void **s)
{
    static const char *const ids[] = {"d3", "d1", "d2"};
    struct place *place = *s;
    struct cp2fa_account *account;

    hand(place, DEVICE("d1", "active", "20", "'SHA1', 6, 30, 5, -2"));
    hand(place, DEVICE("d2", "active", "20", "'SHA512', 8, 60, -1, 3"));
    hand(place, DEVICE("d3", "active", "3", "'SHA256', 7, 20, 9, 0"));
    hand(place, DEVICE("d4", "pending", "1", "'SHA1', 6, 30, -1, 0"));
    account = alice(place);
    assert_int_equal(account->device_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(account->devices[i].id, ids[i]);
    }
    assert_string_equal(account->devices[2].type, "totp");
    assert_string_equal(account->devices[2].name, "name d2");
    assert_string_equal(account->devices[2].secret, "sealed d2");
    assert_int_equal(account->devices[2].totp.alg, CP2FA_TOTP_SHA512);
    assert_int_equal(account->devices[2].totp.digits, 8);
    assert_int_equal(account->devices[2].totp.period, 60);
    assert_int_equal(account->devices[2].skew, 3);
    assert_int_equal(account->devices[2].created, 20);
    assert_int_equal(account->devices[2].last_used, 44);
    assert_int_equal(account->devices[1].skew, -2);
}

/* Neither "no device" nor "no failures": what is not understood fails. */
static void a_row_that_this_version_does_not_know_fails(void **state)
{
    static const char *const changes[] = {
        "cp2fa_device SET type = 'hotp'",
        "cp2fa_device SET algorithm = 'MD5'",
        "cp2fa_device SET algorithm = ''",
        "cp2fa_device SET digits = 5",
        "cp2fa_device SET digits = 9",
        "cp2fa_device SET digits = 0",
        "cp2fa_device SET period = 0",
        "cp2fa_device SET period = -30",
        "cp2fa_device SET period = 301",
        "cp2fa_account SET failures = 'none'",
        "cp2fa_account SET failures = '17672256000000 '",
        "cp2fa_account SET failures = '0000000000000002 0000000000000001 '",
    };
    struct place *place = *state;
    struct cp2fa_account *account;

    hand(place, DEVICE("d1", "active", "20", "'SHA1', 6, 30, 5, -2"));
    for (size_t i = 0; i < COUNT(changes); i++) {
        hand(place, apr_pstrcat(place->p, "UPDATE ", changes[i], NULL));
        if (cp2fa_accounts_find(place->store, place->p, "realm", "alice",
                                &account) != CP2FA_DB_FAILED) {
            fail_msg("%s", changes[i]);
        }
        assert_null(account);
        hand(place, "UPDATE cp2fa_device SET type = 'totp',"
                    " algorithm = 'SHA1', digits = 6, period = 30");
        hand(place, "UPDATE cp2fa_account SET failures = ''");
        assert_int_equal(alice(place)->device_count, 1);
    }
}

static void a_reservation_swaps_the_state_that_was_read(void **state)
{
    struct place *place = *state;
    struct cp2fa_account *first = alice(place);
    struct cp2fa_account *second = alice(place);
    struct cp2fa_attempts after;
    char entry[CP2FA_FAILURE_LEN + 1];

    cp2fa_throttle_reserve(&usual, &first->attempts, T0, &after, entry);
    assert_int_equal(cp2fa_accounts_reserve(place->store, place->p, first,
                                            &after), CP2FA_DB_OK);
    assert_string_equal(alice(place)->attempts.failures, entry);
    assert_int_equal(alice(place)->attempts.next_try, after.next_try);
    cp2fa_throttle_reserve(&usual, &second->attempts, T0 + 1, &after, entry);
    assert_int_equal(cp2fa_accounts_reserve(place->store, place->p, second,
                                            &after), CP2FA_DB_NONE);
    assert_int_equal(strlen(alice(place)->attempts.failures),
                     CP2FA_FAILURE_LEN);
}

static void a_reservation_needs_every_part_of_the_state_as_it_was(void **state)
{
    static const char *const changes[] = {
        "UPDATE cp2fa_account SET failures = '0000000000000001 '",
        "UPDATE cp2fa_account SET next_try = 1",
        "UPDATE cp2fa_account SET locked_at = 1",
        "DELETE FROM cp2fa_account",
    };
    struct place *place = *state;
    struct cp2fa_account *before = alice(place);
    struct cp2fa_attempts after = {"0000000000000009 ", 2, 0};

    for (size_t i = 0; i < COUNT(changes); i++) {
        hand(place, "UPDATE cp2fa_account SET failures = '', next_try = 0,"
                    " locked_at = 0");
        hand(place, changes[i]);
        assert_int_equal(cp2fa_accounts_reserve(place->store, place->p, before,
                                                &after), CP2FA_DB_NONE);
    }
}

static void try_until_told_to_wait(int number, apr_pool_t *p, void *with)
{
    struct race *race = with;
    int64_t now = T0 + (int64_t)number * race->step;
    struct cp2fa_account *account;
    unsigned wait;

    while (race->results[number] >= 0) {
        struct cp2fa_attempts after;
        char entry[CP2FA_FAILURE_LEN + 1];
        enum cp2fa_db_result result = cp2fa_accounts_find(
            race->place->store, p, "realm", "alice", &account);

        if (result == CP2FA_DB_OK
            && cp2fa_throttle_ask(&account->attempts, now, &wait)
                   != CP2FA_THROTTLE_GO) {
            return;
        }
        if (result == CP2FA_DB_OK) {
            cp2fa_throttle_reserve(&usual, &account->attempts, now, &after,
                                   entry);
            result = cp2fa_accounts_reserve(race->place->store, p, account,
                                            &after);
        }
        race->results[number] += result == CP2FA_DB_OK       ? 1
                                 : result == CP2FA_DB_FAILED ? -1000
                                                             : 0;
    }
}

static int sum(const int *results)
{
    int total = 0;

    for (int i = 0; i < 50; i++) {
        total += results[i];
    }
    return total;
}

/* THR-01: at one moment there are three attempts, however many ask. */
static void of_50_that_race_no_more_get_through_than_may(void **state)
{
    struct race all = {.place = *state, .step = 0};

    race(50, try_until_told_to_wait, &all);
    assert_int_equal(sum(all.results), 3);
    assert_int_equal(strlen(alice(all.place)->attempts.failures),
                     3 * CP2FA_FAILURE_LEN);
    assert_int_equal(alice(all.place)->attempts.next_try, T0 + 30 * SECOND);
}

/* THR-04: and if each waits for its turn, twenty in all. */
static void of_50_that_race_for_hours_each_one_is_counted(void **state)
{
    struct race all = {.place = *state, .step = 4000 * SECOND};
    size_t noted;

    race(50, try_until_told_to_wait, &all);
    noted = strlen(alice(all.place)->attempts.failures) / CP2FA_FAILURE_LEN;
    assert_int_equal(sum(all.results), noted);
    assert_in_range(noted, 3, 20);
    assert_int_equal(alice(all.place)->attempts.locked_at != 0, noted == 20);
}

#define E1 "0000000000000001 "
#define E2 "0000000000000002 "
#define E3 "0000000000000003 "

static void giving_back_takes_out_exactly_its_entry(void **state)
{
    static const struct {
        const char *entry, *left;
        int64_t locked_at; /* it was locked by the third */
    } rows[] = {
        {E1, E2 E3, 3},
        {E2, E1 E3, 3},
        {E3, E1 E2, 0},
        {"0000000000000004 ", E1 E2 E3, 3},
        {"0000000000000000 ", E1 E2 E3, 3},
    };
    struct place *place = *state;

    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        struct cp2fa_tx *tx = NULL;
        enum cp2fa_db_result result;

        hand(place, "UPDATE cp2fa_account SET failures = '" E1 E2 E3 "',"
                    " next_try = 99, locked_at = 3");
        if (i % 2) {
            assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx),
                             CP2FA_DB_OK);
        }
        result = cp2fa_accounts_give_back(place->store, tx, place->p, "a",
                                          rows[i / 2].entry);
        assert_int_equal(tx ? cp2fa_tx_end(tx, result) : result, CP2FA_DB_OK);
        assert_string_equal(alice(place)->attempts.failures,
                            rows[i / 2].left);
        assert_int_equal(alice(place)->attempts.next_try, 0);
        assert_int_equal(alice(place)->attempts.locked_at,
                         rows[i / 2].locked_at);
    }
    assert_int_equal(cp2fa_accounts_give_back(place->store, NULL, place->p,
                                              "nobody", E1),
                     CP2FA_DB_NONE);
}

static void forgiving_forgets_this_account_s_failures_and_lock(void **state)
{
    struct place *place = *state;
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_accounts_ensure(place->store, place->p, "b",
                                           "realm", "bob", NOW), CP2FA_DB_OK);
    hand(place, "UPDATE cp2fa_account SET failures = '" E1 E2 "',"
                " next_try = 99, locked_at = 2");
    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_accounts_forgive(tx, "a"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_accounts_forgive(tx, "nobody"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    assert_string_equal(alice(place)->attempts.failures, "");
    assert_int_equal(alice(place)->attempts.next_try, 0);
    assert_int_equal(alice(place)->attempts.locked_at, 0);
    assert_int_equal(counted(place, "SELECT locked_at FROM cp2fa_account"
                                    " WHERE id = 'b'"), 2);
}

static void without_a_store_everything_fails(void **state)
{
    struct place *place = *state;
    struct cp2fa_account *found = alice(place);
    struct cp2fa_account *account = found;

    assert_int_equal(cp2fa_accounts_find(NULL, place->p, "realm", "alice",
                                         &account), CP2FA_DB_FAILED);
    assert_null(account);
    assert_int_equal(cp2fa_accounts_ensure(NULL, place->p, "b", "r", "n", 1),
                     CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_accounts_reserve(NULL, place->p, found,
                                            &found->attempts),
                     CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_accounts_give_back(NULL, NULL, place->p, "a", E1),
                     CP2FA_DB_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_ALICE(an_account_is_found_by_realm_and_name_exactly),
        TEST_ALICE(one_name_in_two_realms_is_two_accounts),
        TEST_ALICE(an_account_that_is_there_stays_as_it_is),
        TEST_ALICE(of_many_that_make_an_account_one_does),
        TEST_ALICE(devices_come_with_the_account_active_ones_oldest_first),
        TEST_ALICE(a_row_that_this_version_does_not_know_fails),
        TEST_ALICE(a_reservation_swaps_the_state_that_was_read),
        TEST_ALICE(a_reservation_needs_every_part_of_the_state_as_it_was),
        TEST_ALICE(of_50_that_race_no_more_get_through_than_may),
        TEST_ALICE(of_50_that_race_for_hours_each_one_is_counted),
        TEST_ALICE(giving_back_takes_out_exactly_its_entry),
        TEST_ALICE(forgiving_forgets_this_account_s_failures_and_lock),
        TEST_ALICE(without_a_store_everything_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
