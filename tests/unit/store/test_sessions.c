/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/sessions.h"

static int with_two_accounts(void **state)
{
    if (with_tables(state) != 0) {
        return -1;
    }
    hand(*state, "INSERT INTO cp2fa_account VALUES"
                 " ('a', 'realm', 'alice', 1, '', 0, 0, '', '', '', 0),"
                 " ('b', 'other realm', 'bob', 1, '', 0, 0, '', '', '', 0)");
    return 0;
}

#define TEST_TWO(test) \
    cmocka_unit_test_setup_teardown(test, with_two_accounts, without_place)

static enum cp2fa_db_result add(struct place *place, const char *account,
                                const char *hash, int64_t created,
                                int64_t ends)
{
    const struct cp2fa_session session = {
        .hash = hash,
        .account = account,
        .amr = "pwd otp",
        .created = created,
        .auth_time = created + 1,
        .last_seen = created + 2,
        .ends = ends,
    };
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    return cp2fa_tx_end(tx, cp2fa_sessions_add(tx, place->p, &session));
}

static enum cp2fa_db_result find(struct place *place, const char *hash,
                                 struct cp2fa_session **session)
{
    enum cp2fa_db_result result =
        cp2fa_sessions_find(place->store, place->p, hash, session);

    assert_int_equal(*session != NULL, result == CP2FA_DB_OK);
    return result;
}

static void a_session_is_found_by_its_hash_with_its_account(void **state)
{
    struct place *place = *state;
    struct cp2fa_session *session;

    assert_int_equal(add(place, "b", "h1", NOW, NOW + 100), CP2FA_DB_OK);
    assert_int_equal(find(place, "h1", &session), CP2FA_DB_OK);
    assert_string_equal(session->hash, "h1");
    assert_string_equal(session->account, "b");
    assert_string_equal(session->realm, "other realm");
    assert_string_equal(session->name, "bob");
    assert_string_equal(session->amr, "pwd otp");
    assert_int_equal(session->created, NOW);
    assert_int_equal(session->auth_time, NOW + 1);
    assert_int_equal(session->last_seen, NOW + 2);
    assert_int_equal(session->ends, NOW + 100);
    assert_int_equal(find(place, "H1", &session), CP2FA_DB_NONE);
    assert_int_equal(find(place, "", &session), CP2FA_DB_NONE);
    assert_int_equal(find(place, "%", &session), CP2FA_DB_NONE);
}

static void a_session_of_no_account_or_with_a_hash_in_use_is_refused(void **s)
{
    struct place *place = *s;
    struct cp2fa_session *session;

    assert_int_equal(add(place, "nobody", "h1", NOW, NOW + 100),
                     CP2FA_DB_FAILED);
    assert_int_equal(find(place, "h1", &session), CP2FA_DB_NONE);
    assert_int_equal(add(place, "a", "h1", NOW, NOW + 100), CP2FA_DB_OK);
    assert_int_equal(add(place, "b", "h1", NOW, NOW + 100), CP2FA_DB_FAILED);
    assert_int_equal(find(place, "h1", &session), CP2FA_DB_OK);
    assert_string_equal(session->account, "a");
}

static void a_session_goes_with_its_account(void **state)
{
    struct place *place = *state;
    struct cp2fa_session *session;

    assert_int_equal(add(place, "a", "h1", NOW, NOW + 100), CP2FA_DB_OK);
    hand(place, "DELETE FROM cp2fa_account WHERE id = 'a'");
    assert_int_equal(find(place, "h1", &session), CP2FA_DB_NONE);
}

static void a_new_session_clears_the_account_s_ended_ones_away(void **state)
{
    struct place *place = *state;

    assert_int_equal(add(place, "a", "ended", NOW, NOW + 99), 0);
    assert_int_equal(add(place, "a", "ending", NOW, NOW + 100), 0);
    assert_int_equal(add(place, "a", "alive", NOW, NOW + 101), 0);
    assert_int_equal(add(place, "b", "hers", NOW, NOW + 50), 0);
    assert_int_equal(add(place, "a", "new", NOW + 100, NOW + 200), 0);
    assert_string_equal(seen(place, "SELECT group_concat(hash) FROM (SELECT"
                                    " hash FROM cp2fa_session"
                                    " ORDER BY hash LIMIT 99) AS found"),
                        "alive,hers,new");
}

/* SES-07 */
static void a_touch_moves_last_seen_forward_only(void **state)
{
    static const struct {
        int64_t now, last_seen;
        enum cp2fa_db_result result;
    } rows[] = {
        {NOW + 3, NOW + 3, CP2FA_DB_OK},
        {NOW + 90, NOW + 90, CP2FA_DB_OK},
        {NOW + 89, NOW + 90, CP2FA_DB_NONE},
        {0, NOW + 90, CP2FA_DB_NONE},
        {NOW + 91, NOW + 91, CP2FA_DB_OK},
    };
    struct place *place = *state;
    struct cp2fa_session *session;

    assert_int_equal(add(place, "a", "h1", NOW, NOW + 100), CP2FA_DB_OK);
    assert_int_equal(add(place, "a", "h2", NOW, NOW + 100), CP2FA_DB_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(cp2fa_sessions_touch(place->store, place->p, "h1",
                                              rows[i].now), rows[i].result);
        assert_int_equal(find(place, "h1", &session), CP2FA_DB_OK);
        assert_int_equal(session->last_seen, rows[i].last_seen);
        assert_int_equal(session->ends, NOW + 100);
    }
    assert_int_equal(find(place, "h2", &session), CP2FA_DB_OK);
    assert_int_equal(session->last_seen, NOW + 2);
    assert_int_equal(cp2fa_sessions_touch(place->store, place->p, "nobody",
                                          NOW + 200), CP2FA_DB_NONE);
}

static void a_session_ends_once_with_or_without_a_transaction(void **state)
{
    struct place *place = *state;
    struct cp2fa_session *session;
    struct cp2fa_tx *tx;

    assert_int_equal(add(place, "a", "h1", NOW, NOW + 100), CP2FA_DB_OK);
    assert_int_equal(add(place, "a", "h2", NOW, NOW + 100), CP2FA_DB_OK);
    assert_int_equal(cp2fa_sessions_end(place->store, NULL, place->p, "h1"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_sessions_end(place->store, NULL, place->p, "h1"),
                     CP2FA_DB_NONE);
    for (int i = 0; i < 2; i++) {
        /* rolled back at first */
        enum cp2fa_db_result so_far = i == 0 ? CP2FA_DB_NONE : CP2FA_DB_OK;

        assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx),
                         CP2FA_DB_OK);
        assert_int_equal(cp2fa_sessions_end(NULL, tx, place->p, "h2"),
                         CP2FA_DB_OK);
        assert_int_equal(cp2fa_sessions_end(NULL, tx, place->p, "h2"),
                         CP2FA_DB_NONE);
        assert_int_equal(find(place, "h2", &session), CP2FA_DB_OK);
        assert_int_equal(cp2fa_tx_end(tx, so_far), so_far);
    }
    assert_int_equal(find(place, "h2", &session), CP2FA_DB_NONE);
}

/* SES-05 */
static void ending_all_lists_the_hashes_and_spares_other_accounts(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows hashes;
    struct cp2fa_session *session;
    int found = 0;
    struct cp2fa_tx *tx;

    for (int i = 0; i < 5; i++) {
        assert_int_equal(add(place, "a", apr_psprintf(place->p, "h%d", i), NOW,
                             NOW + 100), CP2FA_DB_OK);
    }
    assert_int_equal(add(place, "b", "hers", NOW, NOW + 100), CP2FA_DB_OK);
    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_sessions_end_all(tx, "a", &hashes), CP2FA_DB_OK);
    assert_int_equal(hashes.count, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(hashes.row[i][0][0], 'h');
        found |= 1 << (hashes.row[i][0][1] - '0');
    }
    assert_int_equal(found, 31);
    assert_int_equal(cp2fa_sessions_end_all(tx, "a", &hashes), CP2FA_DB_OK);
    assert_int_equal(hashes.count, 0);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    assert_int_equal(find(place, "h3", &session), CP2FA_DB_NONE);
    assert_int_equal(find(place, "hers", &session), CP2FA_DB_OK);
}

static void without_a_store_everything_fails(void **state)
{
    struct place *place = *state;
    struct cp2fa_session *session;

    assert_int_equal(cp2fa_sessions_find(NULL, place->p, "h", &session),
                     CP2FA_DB_FAILED);
    assert_null(session);
    assert_int_equal(cp2fa_sessions_touch(NULL, place->p, "h", NOW),
                     CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_sessions_end(NULL, NULL, place->p, "h"),
                     CP2FA_DB_FAILED);
}

static void without_its_table_no_session_is_said_to_have_ended(void **state)
{
    struct place *place = *state;
    struct cp2fa_session *session;
    struct cp2fa_rows hashes;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    assert_int_equal(add(place, "a", "h1", NOW, NOW + 100), CP2FA_DB_OK);
    hand(place, "ALTER TABLE cp2fa_session RENAME TO gone");
    assert_int_equal(find(place, "h1", &session), CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_sessions_touch(place->store, place->p, "h1",
                                          NOW + 50), CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_sessions_end(place->store, NULL, place->p, "h1"),
                     CP2FA_DB_FAILED);
    assert_int_equal(add(place, "a", "h2", NOW, NOW + 100), CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    result = cp2fa_sessions_end_all(tx, "a", &hashes);
    assert_int_equal(result, CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_tx_end(tx, result), CP2FA_DB_FAILED);
    hand(place, "ALTER TABLE gone RENAME TO cp2fa_session");
    assert_int_equal(find(place, "h1", &session), CP2FA_DB_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TWO(a_session_is_found_by_its_hash_with_its_account),
        TEST_TWO(a_session_of_no_account_or_with_a_hash_in_use_is_refused),
        TEST_TWO(a_session_goes_with_its_account),
        TEST_TWO(a_new_session_clears_the_account_s_ended_ones_away),
        TEST_TWO(a_touch_moves_last_seen_forward_only),
        TEST_TWO(a_session_ends_once_with_or_without_a_transaction),
        TEST_TWO(ending_all_lists_the_hashes_and_spares_other_accounts),
        TEST_TWO(without_a_store_everything_fails),
        TEST_TWO(without_its_table_no_session_is_said_to_have_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
