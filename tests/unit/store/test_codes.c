/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "store/codes.h"
#include "store/mailtokens.h"

#define DAY 86400

static void with_alice(struct place *place)
{
    hand(place, "INSERT INTO cp2fa_account VALUES ('a1', 'realm', 'alice', 0,"
                " '', 0, 0, '', '', '', 0)");
}

static void codes_are_added_found_counted_and_used_up_once(void **state)
{
    struct place *place = *state;
    struct cp2fa_tx *tx;
    int count = -1;

    with_alice(place);
    assert_int_equal(cp2fa_codes_count(place->store, place->p, "a1", &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 0);
    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_codes_add(tx, place->p, "a1", "k1:aa", NOW),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_codes_add(tx, place->p, "a1", "k1:bb", NOW),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);

    assert_int_equal(cp2fa_codes_count(place->store, place->p, "a1", &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 2);
    assert_int_equal(cp2fa_codes_find(place->store, place->p, "a1", "k1:aa"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_codes_find(place->store, place->p, "a2", "k1:aa"),
                     CP2FA_DB_NONE);
    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_codes_use(tx, "a1", "k1:aa"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_codes_use(tx, "a1", "k1:aa"), CP2FA_DB_NONE);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    assert_int_equal(cp2fa_codes_count(place->store, place->p, "a1", &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 1);
}

/* FAIL-01: that none is left is not said where it could not be told. */
static void a_count_that_cannot_be_told_is_an_error(void **state)
{
    struct place *place = *state;
    int count = -1;

    hand(place, "DROP TABLE cp2fa_code");
    assert_int_equal(cp2fa_codes_count(place->store, place->p, "a1", &count),
                     CP2FA_DB_FAILED);
    assert_int_equal(count, 0);
    assert_int_equal(cp2fa_codes_find(place->store, place->p, "a1", "k1:aa"),
                     CP2FA_DB_FAILED);
}

static enum cp2fa_db_result add_token(struct place *place, const char *mac)
{
    const struct cp2fa_mailtoken token = {mac, "a1", "bypass", "s1", "", NOW,
                                          NOW + 600};
    enum cp2fa_db_result result;
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    result = cp2fa_mailtokens_add(tx, place->p, &token);
    return cp2fa_tx_end(tx, result);
}

/* MAIL-05, FAIL-01: the older token goes with the same commit, or stays. */
static void a_mail_token_takes_the_place_of_the_older_whole_or_not(void **s)
{
    struct place *place = *s;

    SQLITE_ONLY(place);
    with_alice(place);
    assert_int_equal(add_token(place, "k1:aa"), CP2FA_DB_OK);
    assert_int_equal(add_token(place, "k1:bb"), CP2FA_DB_OK);
    assert_string_equal(seen(place, "SELECT group_concat(mac) FROM"
                                    " cp2fa_mail_token"), "k1:bb");
    hand(place, "CREATE TRIGGER fault BEFORE INSERT ON cp2fa_mail_token BEGIN"
                " SELECT RAISE(ABORT, 'fault'); END");
    assert_int_equal(add_token(place, "k1:cc"), CP2FA_DB_FAILED);
    assert_string_equal(seen(place, "SELECT group_concat(mac) FROM"
                                    " cp2fa_mail_token"), "k1:bb");
    hand(place, "DROP TRIGGER fault");
    hand(place, "CREATE TRIGGER fault BEFORE DELETE ON cp2fa_mail_token BEGIN"
                " SELECT RAISE(ABORT, 'fault'); END");
    assert_int_equal(add_token(place, "k1:cc"), CP2FA_DB_FAILED);
    assert_string_equal(seen(place, "SELECT group_concat(mac) FROM"
                                    " cp2fa_mail_token"), "k1:bb");
}

static void fill(struct place *place)
{
    static const char *const rows =
        "INSERT INTO cp2fa_session VALUES ('%s', 'a1', 'pwd', 0, 0, 0, %d, '',"
        " '');"
        "INSERT INTO cp2fa_device VALUES ('%s', 'a1', 'totp', 'x', 'pending',"
        " '', 'SHA1', 6, 30, -1, 0, 's', 0, %d, 0, -1);"
        "INSERT INTO cp2fa_mail_token VALUES ('%s', 'a1', 'email', 's', '', 0,"
        " %d)";

    with_alice(place);
    for (int i = 0; i < 2; i++) {
        const char *id = i ? "over" : "lives";
        int ends = (int)NOW + (i ? 0 : 1);

        hand(place, apr_psprintf(place->p, rows, id, ends, id, ends, id,
                                 ends));
    }
    hand(place, apr_psprintf(place->p,
        "INSERT INTO cp2fa_device SELECT 'phone', account, type, name,"
        " 'active', secret, algorithm, digits, period, last_step, skew,"
        " session, created, expires, last_used, half_step FROM cp2fa_device"
        " WHERE id = 'over'"));
    for (int days = 29; days <= 30; days++) {
        hand(place, apr_psprintf(place->p,
            "INSERT INTO cp2fa_outbox VALUES ('dead%d', 'a1', '', '', '', '',"
            " '', 'dead', '', 1, %d, 0, 0), ('queued%d', 'a1', '', '', '', '',"
            " '', 'queued', '', 1, %d, 0, 0)", days,
            (int)NOW - days * DAY, days, (int)NOW - days * DAY));
    }
    hand(place, apr_psprintf(place->p,
        "INSERT INTO cp2fa_login_failure VALUES ('recent', 1, %d),"
        " ('old', 1, %d)", (int)NOW - DAY, (int)NOW - DAY - 1));
}

static void a_purge_takes_what_is_over_and_nothing_else(void **state)
{
    static const char *const left[][2] = {
        {"SELECT group_concat(hash) FROM cp2fa_session", "lives"},
        {"SELECT group_concat(id) FROM (SELECT id FROM cp2fa_device ORDER BY"
         " id)", "lives,phone"},
        {"SELECT group_concat(mac) FROM cp2fa_mail_token", "lives"},
        {"SELECT group_concat(id) FROM (SELECT id FROM cp2fa_outbox ORDER BY"
         " id)", "dead29,queued29,queued30"},
        {"SELECT group_concat(origin) FROM cp2fa_login_failure", "recent"},
    };
    struct place *place = *state;

    SQLITE_ONLY(place);
    fill(place);
    assert_int_equal(purged(place, NOW), CP2FA_DB_OK);
    for (size_t i = 0; i < COUNT(left); i++) {
        assert_string_equal(seen(place, left[i][0]), left[i][1]);
    }
    assert_int_equal(purged(place, NOW), CP2FA_DB_OK); /* with nothing to do, it is no error */
}

/* Of what anybody can add to, as well: wrong names, log-outs. */
static void a_purge_takes_a_hundred_rows_of_a_kind_at_a_time(void **state)
{
    static const char *const tables[][2] = {
        {"cp2fa_session", "i, 'a1', 'pwd', 0, 0, 0, 1, '', ''"},
        {"cp2fa_mail_token", "i, 'a1', 'email', 's', '', 0, 1"},
        {"cp2fa_login_failure", "i, 1, 1"},
        {"cp2fa_ended", "i, 1"},
        {"cp2fa_app_token", "i, '', 'a1', '', '/', '', 1, 1, 9999999999, 0,"
                            " ''"},
        {"cp2fa_device", "i, 'a1', 'totp', 'x', 'pending', '', 'SHA1', 6, 30,"
                         " -1, 0, 's', 0, 1, 0, -1"},
    };
    struct place *place = *state;
    int more = 0;

    with_alice(place);
    for (size_t i = 0; i < COUNT(tables); i++) {
        hand(place, apr_psprintf(place->p,
            "INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
            " i + 1 FROM n WHERE i < 150) SELECT %s FROM n", tables[i][0],
            tables[i][1]));
    }
    for (int left = 50; left >= 0; left -= 50) {
        assert_int_equal(cp2fa_purge_run(place->store, place->p, NOW, &more),
                         CP2FA_DB_OK);
        assert_int_equal(more, left > 0);
        for (size_t i = 0; i < COUNT(tables); i++) {
            assert_int_equal(counted(place, apr_pstrcat(place->p,
                "SELECT count(*) FROM ", tables[i][0], NULL)), left);
        }
    }
}

/* FAIL-01 */
static void a_purge_that_fails_says_so(void **state)
{
    struct place *place = *state;

    hand(place, "DROP TABLE cp2fa_login_failure");
    assert_int_equal(purged(place, NOW), CP2FA_DB_FAILED);
    assert_true(place->complaints > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TABLES(codes_are_added_found_counted_and_used_up_once),
        TEST_TABLES(a_count_that_cannot_be_told_is_an_error),
        TEST_TABLES(a_mail_token_takes_the_place_of_the_older_whole_or_not),
        TEST_TABLES(a_purge_takes_what_is_over_and_nothing_else),
        TEST_TABLES(a_purge_takes_a_hundred_rows_of_a_kind_at_a_time),
        TEST_TABLES(a_purge_that_fails_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
