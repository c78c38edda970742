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
    struct cp2fa_totals totals;

    hand(place, "INSERT INTO cp2fa_account VALUES " ACCOUNT("a", "0")
         "," ACCOUNT("b", "77") "," ACCOUNT("c", "0"));
    hand(place, "INSERT INTO cp2fa_session VALUES " SESSION("h1", "99")
         "," SESSION("h2", "100") "," SESSION("h3", "101"));
    hand(place, "INSERT INTO cp2fa_device VALUES " DEVICE("d1", "active")
         "," DEVICE("d2", "pending") "," DEVICE("d3", "active"));
    hand(place, "INSERT INTO cp2fa_outbox VALUES " MAIL("m1", "queued", "8")
         "," MAIL("m2", "queued", "7") "," MAIL("m3", "dead", "1"));
    assert_int_equal(cp2fa_census_take(place->store, place->p, &census),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_census_count(place->store, place->p, 100, &totals),
                     CP2FA_DB_OK);
    assert_int_equal(totals.accounts, 3);
    assert_int_equal(totals.sessions, 1);
    assert_int_equal(totals.devices, 3);
    assert_int_equal(census.pending, 1);
    assert_int_equal(census.locked, 1);
    assert_int_equal(census.queued, 2);
    assert_int_equal(census.dead, 1);
    assert_int_equal(census.oldest, 7);
}

static void remembered_browsers_are_no_sessions(void **state)
{
    struct place *place = *state;
    struct cp2fa_totals totals;

    hand(place, "INSERT INTO cp2fa_account VALUES " ACCOUNT("a", "0"));
    hand(place, "INSERT INTO cp2fa_session VALUES " SESSION("h1", "101")
         "," SESSION("h2", "101") "," SESSION("h3", "102"));
    hand(place, "UPDATE cp2fa_session SET amr = 'browser' WHERE hash = 'h1'");
    assert_int_equal(cp2fa_census_count(place->store, place->p, 100, &totals),
                     CP2FA_DB_OK);
    assert_int_equal(totals.sessions, 2);
}

#define DIGITS(name)                                                           \
    "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"  \
    " UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL"      \
    " SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS " name

/* Of each 25,000, and all sessions end in one of a few seconds: steps meet in
 * the midst of one. */
static void more_than_a_step_holds_are_counted_once_each(void **state)
{
    struct place *place = *state;
    const char *number = "a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d";
    const char *key = strcmp(place->driver_name, "mysql") == 0
                          ? "LPAD(n, 8, '0')"
                          : "substr(CAST(100000000 + n AS VARCHAR(9)), 2)";
    const char *from = apr_psprintf(
        place->p, "(SELECT %s AS k, n FROM (SELECT %s AS n FROM " DIGITS("a")
        ", " DIGITS("b") ", " DIGITS("c") ", " DIGITS("e") ", " DIGITS("f")
        ") AS all_of_them WHERE n < 25000) AS them", key, number);
    struct cp2fa_totals totals;

    hand(place, apr_pstrcat(place->p, "INSERT INTO cp2fa_account SELECT k,"
                            " 'realm', k, 1, '', 0, 0, '', '', '', 0 FROM ",
                            from, NULL));
    hand(place, apr_pstrcat(place->p, "INSERT INTO cp2fa_session SELECT k, k,"
                            " 'pwd otp', 1, 1, 1, 101 + n % 7, '', '' FROM ",
                            from, NULL));
    hand(place, apr_pstrcat(place->p, "INSERT INTO cp2fa_device SELECT k, k,"
                            " 'totp', '', 'active', '', 'SHA1', 6, 30, 0, 0,"
                            " '', 1, 0, 0, -1 FROM ", from, NULL));
    assert_int_equal(cp2fa_census_count(place->store, place->p, 100, &totals),
                     CP2FA_DB_OK);
    assert_int_equal(totals.accounts, 25000);
    assert_int_equal(totals.sessions, 25000);
    assert_int_equal(totals.devices, 25000);
}

static void an_empty_database_has_nothing(void **state)
{
    struct place *place = *state;
    struct cp2fa_census census;
    struct cp2fa_totals totals;

    assert_int_equal(cp2fa_census_take(place->store, place->p, &census),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_census_count(place->store, place->p, 100, &totals),
                     CP2FA_DB_OK);
    assert_int_equal(totals.accounts + totals.sessions + totals.devices
                         + census.locked + census.pending + census.queued
                         + census.dead + census.oldest,
                     0);
}

static void without_a_table_nothing_is_said(void **state)
{
    struct place *place = *state;
    struct cp2fa_census census;
    struct cp2fa_totals totals;

    hand(place, "DROP TABLE cp2fa_outbox");
    assert_int_equal(cp2fa_census_take(place->store, place->p, &census),
                     CP2FA_DB_FAILED);
    hand(place, "DROP TABLE cp2fa_device");
    assert_int_equal(cp2fa_census_count(place->store, place->p, 100, &totals),
                     CP2FA_DB_FAILED);
}

#define TEST(test) \
    cmocka_unit_test_setup_teardown(test, with_tables, without_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_there_is_is_counted),
        TEST(remembered_browsers_are_no_sessions),
        TEST(more_than_a_step_holds_are_counted_once_each),
        TEST(an_empty_database_has_nothing),
        TEST(without_a_table_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
