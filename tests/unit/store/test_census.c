/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/census.h"

#define ACCOUNT(id, locked)                                                    \
    "('" id "', 'realm', '" id "', 1, '', 0, " locked ", '', '', '', 0)"
#define SESSION(hash, ends)                                                    \
    "('" hash "', 'a', 'pwd otp', 1, 1, 1, " ends ", '', '')"
#define DEVICE(id, state)                                                      \
    "('" id "', 'a', 'totp', '', '" state "', '', 'SHA1', 6, 30, 0, 0, '',"    \
    " 1, 0, 0, -1)"
#define MAIL(id, state, created)                                               \
    "('" id "', 'a', '', '', '', '', '', '" state "', '', 0, " created ", 0, 0)"

static void what_there_is_is_counted(void **state)
{
    struct place *place = *state;
    struct cp2fa_census census;

    hand(place, "INSERT INTO cp2fa_account VALUES " ACCOUNT("a", "0")
         "," ACCOUNT("b", "77") "," ACCOUNT("c", "0"));
    hand(place, "INSERT INTO cp2fa_session VALUES " SESSION("h1", "99")
         "," SESSION("h2", "100") "," SESSION("h3", "101"));
    hand(place, "INSERT INTO cp2fa_device VALUES " DEVICE("d1", "active")
         "," DEVICE("d2", "pending") "," DEVICE("d3", "active"));
    hand(place, "INSERT INTO cp2fa_outbox VALUES " MAIL("m1", "queued", "8")
         "," MAIL("m2", "queued", "7") "," MAIL("m3", "dead", "1"));
    assert_int_equal(cp2fa_census_take(place->store, place->p, 100, &census),
                     CP2FA_DB_OK);
    assert_int_equal(census.accounts, 3);
    assert_int_equal(census.locked, 1);
    assert_int_equal(census.sessions, 1);
    assert_int_equal(census.devices, 2);
    assert_int_equal(census.queued, 2);
    assert_int_equal(census.dead, 1);
    assert_int_equal(census.oldest, 7);
}

static void an_empty_database_has_nothing(void **state)
{
    struct place *place = *state;
    struct cp2fa_census census;

    assert_int_equal(cp2fa_census_take(place->store, place->p, 100, &census),
                     CP2FA_DB_OK);
    assert_int_equal(census.accounts + census.locked + census.sessions
                         + census.devices + census.queued + census.dead
                         + census.oldest,
                     0);
}

static void without_a_table_nothing_is_said(void **state)
{
    struct place *place = *state;
    struct cp2fa_census census;

    hand(place, "DROP TABLE cp2fa_outbox");
    assert_int_equal(cp2fa_census_take(place->store, place->p, 100, &census),
                     CP2FA_DB_FAILED);
}

#define TEST(test) \
    cmocka_unit_test_setup_teardown(test, with_tables, without_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_there_is_is_counted),
        TEST(an_empty_database_has_nothing),
        TEST(without_a_table_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
