/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/apptokens.h"

#define DAY 86400

static void account_with_a_session(struct place *place)
{
    hand(place, "INSERT INTO cp2fa_account (id, realm, name, created,"
                " failures, next_try, locked_at, email, mail_times,"
                " codes_session, codes_until) VALUES ('a', 'r', 'alice', 0,"
                " '', 0, 0, '', '', '', 0)");
    hand(place, "INSERT INTO cp2fa_session (hash, account, amr, created,"
                " auth_time, last_seen, ends, address, agent) VALUES ('s',"
                " 'a', 'pwd otp', 0, 0, 0, 9999999999, '', '')");
}

static enum cp2fa_db_result offer(struct place *place, const char *id,
                                  int64_t expires)
{
    const struct cp2fa_app_token token = {
        .id = id,
        .account = "a",
        .name = "git",
        .path = "/",
        .created = NOW,
        .expires = expires,
    };
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    return cp2fa_tx_end(tx, cp2fa_apptokens_offer(tx, place->p, &token, "s",
                                                  NOW + 600));
}

static enum cp2fa_db_result take(struct place *place, const char *id,
                                 const char *session, int64_t now)
{
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    return cp2fa_tx_end(tx, cp2fa_apptokens_take(tx, place->p, id, "k1:mac",
                                                 session, now));
}

static const char *ids(struct place *place)
{
    return seen(place, "SELECT group_concat(id) FROM (SELECT id FROM"
                       " cp2fa_app_token ORDER BY id)");
}

static void a_new_offer_takes_the_place_of_the_last_but_of_no_token(void **s)
{
    struct place *place = *s;

    SQLITE_ONLY(place);
    account_with_a_session(place);
    assert_int_equal(offer(place, "1", NOW + DAY), CP2FA_DB_OK);
    assert_int_equal(offer(place, "2", NOW + DAY), CP2FA_DB_OK);
    assert_string_equal(ids(place), "2");
    assert_int_equal(take(place, "2", "s", NOW), CP2FA_DB_OK);
    assert_int_equal(offer(place, "3", NOW + DAY), CP2FA_DB_OK);
    assert_string_equal(ids(place), "2,3");
}

static void an_offer_is_taken_once_in_time_by_its_session(void **state)
{
    struct place *place = *state;

    account_with_a_session(place);
    assert_int_equal(offer(place, "1", NOW + DAY), CP2FA_DB_OK);
    assert_int_equal(take(place, "1", "t", NOW), CP2FA_DB_NONE);
    assert_int_equal(take(place, "1", "s", NOW + 600), CP2FA_DB_NONE);
    assert_int_equal(take(place, "1", "s", NOW + 599), CP2FA_DB_OK);
    assert_int_equal(take(place, "1", "s", NOW + 599), CP2FA_DB_NONE);
}

static void a_use_is_noted_if_the_last_note_is_old(void **state)
{
    struct place *place = *state;

    account_with_a_session(place);
    assert_int_equal(offer(place, "1", NOW + DAY), CP2FA_DB_OK);
    assert_int_equal(cp2fa_apptokens_touch(place->store, place->p, "1", "x",
                                           NOW, NOW - 60), CP2FA_DB_OK);
    assert_int_equal(cp2fa_apptokens_touch(place->store, place->p, "1", "y",
                                           NOW + 59, NOW - 1), CP2FA_DB_NONE);
    assert_string_equal(seen(place, "SELECT last_address || last_used FROM"
                                    " cp2fa_app_token"),
                        apr_pstrcat(place->p, "x",
                                    cp2fa_db_number(place->p, NOW), NULL));
}

static void the_purge_takes_old_offers_and_what_expired_a_month_ago(void **s)
{
    struct place *place = *s;

    SQLITE_ONLY(place);
    account_with_a_session(place);
    assert_int_equal(offer(place, "1", NOW + DAY), CP2FA_DB_OK);
    assert_int_equal(take(place, "1", "s", NOW), CP2FA_DB_OK);
    assert_int_equal(offer(place, "2", NOW + 90 * DAY), CP2FA_DB_OK);
    assert_int_equal(purged(place, NOW + 599), CP2FA_DB_OK);
    assert_string_equal(ids(place), "1,2");
    assert_int_equal(purged(place, NOW + 600), CP2FA_DB_OK);
    assert_string_equal(ids(place), "1");
    assert_int_equal(purged(place, NOW + 31 * DAY - 1), CP2FA_DB_OK);
    assert_string_equal(ids(place), "1");
    assert_int_equal(purged(place, NOW + 31 * DAY), CP2FA_DB_OK);
    assert_int_equal(counted(place, "SELECT count(*) FROM cp2fa_app_token"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TABLES(a_new_offer_takes_the_place_of_the_last_but_of_no_token),
        TEST_TABLES(an_offer_is_taken_once_in_time_by_its_session),
        TEST_TABLES(a_use_is_noted_if_the_last_note_is_old),
        TEST_TABLES(the_purge_takes_old_offers_and_what_expired_a_month_ago),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
