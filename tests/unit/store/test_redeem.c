/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/redeem.h"

#define ENTRY "1767225600000000 "
#define LEFT  "1767225500000000 "

static const struct cp2fa_session made = {
    .hash = "new", .account = "a", .amr = "pwd otp", .created = NOW,
    .auth_time = NOW, .last_seen = NOW, .ends = NOW + 60, .agent = "Flügel",
};
static const struct cp2fa_session kept = {
    .hash = "kept", .account = "a", .amr = "browser", .created = NOW,
    .auth_time = NOW, .last_seen = NOW, .ends = NOW + 600,
};

/* Alice before a right token of step 10, in the midst of an attempt that would
 * lock her out: with a session of its own kind and one that is over. */
static int with_alice(void **state)
{
    if (with_tables(state) != 0) {
        return -1;
    }
    hand(*state, "INSERT INTO cp2fa_account VALUES"
                 " ('a', 'realm', 'alice', 1, '" LEFT ENTRY "', 5,"
                 " 1767225600000000, '', '', '', 0),"
                 " ('b', 'realm', 'bob', 1, '" ENTRY "', 5, 7, '', '', '', 0)");
    hand(*state, "INSERT INTO cp2fa_device VALUES"
                 " ('d', 'a', 'totp', 'phone', 'active', 's', 'SHA1', 6, 30,"
                 " 9, 0, '', 1, 0, 1, 3),"
                 " ('e', 'b', 'totp', 'phone', 'active', 's', 'SHA1', 6, 30,"
                 " 9, 0, '', 1, 0, 1, 3)");
    hand(*state, "INSERT INTO cp2fa_session VALUES"
                 " ('old', 'a', 'pwd', 1, 1, 1, 2000000000, '', ''),"
                 " ('elsewhere', 'a', 'pwd', 1, 1, 1, 2000000000, '', ''),"
                 " ('over', 'a', 'pwd', 1, 1, 1, 2, '', ''),"
                 " ('bobs', 'b', 'pwd', 1, 1, 1, 2, '', '')");
    return 0;
}

#define TEST_ALICE(test) \
    cmocka_unit_test_setup_teardown(test, with_alice, without_place)

static enum cp2fa_db_result redeem(struct place *place, int64_t step,
                                   const char *old,
                                   const struct cp2fa_session *browser)
{
    const struct cp2fa_redeem what = {
        .account = "a", .entry = ENTRY, .device = "d", .step = step,
        .skew = -2, .old = old, .session = &made, .browser = browser,
    };

    return cp2fa_redeem_step(place->store, place->p, &what);
}

/* All that it may change, in one line. */
static const char *all(struct place *place)
{
    static const char *const questions[] = {
        "SELECT failures FROM cp2fa_account WHERE id = 'a'",
        "SELECT next_try FROM cp2fa_account WHERE id = 'a'",
        "SELECT locked_at FROM cp2fa_account WHERE id = 'a'",
        "SELECT last_step FROM cp2fa_device WHERE id = 'd'",
        "SELECT skew FROM cp2fa_device WHERE id = 'd'",
        "SELECT last_used FROM cp2fa_device WHERE id = 'd'",
        "SELECT half_step FROM cp2fa_device WHERE id = 'd'",
        "SELECT group_concat(hash) FROM (SELECT hash FROM cp2fa_session"
        " ORDER BY hash LIMIT 99) AS f",
        "SELECT COUNT(*) FROM cp2fa_ended",
        "SELECT last_step FROM cp2fa_device WHERE id = 'e'",
        "SELECT failures FROM cp2fa_account WHERE id = 'b'",
    };
    const char *line = "";

    for (size_t i = 0; i < COUNT(questions); i++) {
        line = apr_pstrcat(place->p, line, i > 0 ? "|" : "",
                           seen(place, questions[i]), NULL);
    }
    return line;
}

#define UNTOUCHED                                                              \
    LEFT ENTRY "|5|1767225600000000|9|0|1|3|bobs,elsewhere,old,over|0|9|" ENTRY

static void a_step_becomes_a_session_once(void **state)
{
    struct place *place = *state;

    assert_int_equal(redeem(place, 10, NULL, NULL), CP2FA_DB_OK);
    assert_string_equal(all(place), LEFT "|0|0|10|-2|1767225600|-1|bobs,"
                                         "elsewhere,new,old|0|9|" ENTRY);
    assert_string_equal(seen(place, "SELECT agent FROM cp2fa_session"
                                    " WHERE hash = 'new'"), "Flügel");
    assert_int_equal(redeem(place, 10, NULL, NULL), CP2FA_DB_NONE);
}

static void it_replaces_a_session_for_all_caches_to_hear(void **state)
{
    struct place *place = *state;

    assert_int_equal(redeem(place, 10, "old", &kept), CP2FA_DB_OK);
    assert_string_equal(all(place), LEFT "|0|0|10|-2|1767225600|-1|bobs,"
                                         "elsewhere,kept,new|1|9|" ENTRY);
    assert_string_equal(seen(place, "SELECT hash FROM cp2fa_ended"), "old");
    assert_string_equal(seen(place, "SELECT amr FROM cp2fa_session"
                                    " WHERE hash = 'kept'"), "browser");
}

static void one_that_was_used_changes_nothing(void **state)
{
    struct place *place = *state;

    for (int step = 8; step <= 9; step++) {
        assert_int_equal(redeem(place, step, "old", &kept), CP2FA_DB_NONE);
        assert_string_equal(all(place), UNTOUCHED);
    }
    hand(place, "UPDATE cp2fa_device SET state = 'pending'");
    assert_int_equal(redeem(place, 10, "old", &kept), CP2FA_DB_NONE);
    assert_string_equal(all(place), UNTOUCHED);
}

static void what_can_not_all_be_done_is_not_done(void **state)
{
    struct place *place = *state;

    hand(place, "INSERT INTO cp2fa_session VALUES"
                " ('new', 'b', 'pwd', 1, 1, 1, 2000000000, '', '')");
    assert_int_equal(redeem(place, 10, "old", &kept), CP2FA_DB_FAILED);
    hand(place, "DELETE FROM cp2fa_session WHERE hash = 'new'");
    assert_string_equal(all(place), UNTOUCHED);
    hand_leaves(place);
    assert_int_equal(redeem(place, 10, "old", &kept), CP2FA_DB_OK);
}

static void an_account_or_a_store_that_is_gone_grants_nothing(void **state)
{
    const struct cp2fa_redeem what = {
        .account = "a", .entry = ENTRY, .device = "d", .step = 10,
        .session = &made,
    };
    struct place *place = *state;

    assert_int_equal(cp2fa_redeem_step(NULL, place->p, &what),
                     CP2FA_DB_FAILED);
    hand(place, "DELETE FROM cp2fa_session");
    hand(place, "DELETE FROM cp2fa_device");
    hand(place, "DELETE FROM cp2fa_account");
    assert_int_equal(redeem(place, 10, "old", NULL), CP2FA_DB_NONE);
    assert_string_equal(seen(place, "SELECT COUNT(*) FROM cp2fa_session"),
                        "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_ALICE(a_step_becomes_a_session_once),
        TEST_ALICE(it_replaces_a_session_for_all_caches_to_hear),
        TEST_ALICE(one_that_was_used_changes_nothing),
        TEST_ALICE(what_can_not_all_be_done_is_not_done),
        TEST_ALICE(an_account_or_a_store_that_is_gone_grants_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
