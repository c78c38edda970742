/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/outbox.h"
#include "store/purge.h"
#include "store/survey.h"

/* Three accounts in two realms, with something of everything. */
static int with_people(void **state)
{
    if (with_tables(state) != 0) {
        return -1;
    }
    hand(*state, "INSERT INTO cp2fa_account VALUES"
                 " ('1', 'a', 'eve', 11, '7;', 12, 13, 'e@x', '', '', 0),"
                 " ('2', 'b', 'adam', 21, '', 0, 0, '', '', '', 0),"
                 " ('3', 'a', 'bob', 31, '', 0, 0, '', '', '', 0)");
    hand(*state, "INSERT INTO cp2fa_device VALUES"
                 " ('d1', '1', 'totp', 'phone', 'active', 'sealed', 'SHA256',"
                 " 8, 60, 5, -1, '', 14, 0, 15, 4),"
                 " ('d2', '2', 'totp', 'new', 'pending', 's2', 'SHA1',"
                 " 6, 30, -1, 0, 'h', 16, 17, 0, -1)");
    hand(*state, "INSERT INTO cp2fa_session VALUES"
                 " ('h1', '1', 'pwd otp', 1, 2, 3, 100, '::1', 'Browser'),"
                 " ('h2', '2', 'pwd', 4, 5, 6, 101, '', '')");
    hand(*state, "INSERT INTO cp2fa_code VALUES ('k:1', '1', 1),"
                 " ('k:2', '1', 1), ('k:0', '2', 1)");
    hand(*state, "INSERT INTO cp2fa_mail_token VALUES"
                 " ('k:9', '1', 'bypass', 'h1', 'e@x', 1, 90)");
    hand(*state, "INSERT INTO cp2fa_outbox VALUES"
                 " ('m1', '1', 'e@x', 'locked', 'en', 'p', 's', 'dead', 'no',"
                 " 3, 41, 42, 43),"
                 " ('m2', '2', 'a@x', 'enabled', 'lv', '', '', 'queued', '', 0,"
                 " 51, 52, 0)");
    hand(*state, "INSERT INTO cp2fa_event VALUES"
                 " ('e1', 60, '1', 'a', 'eve', 'enabled', '::1', 'B', 'phone'),"
                 " ('e2', 61, '2', 'b', 'adam', 'locked', '', '', ''),"
                 " ('e3', 61, '1', 'a', 'eve', 'locked', '', '', '')");
    return 0;
}

#define TEST(test) \
    cmocka_unit_test_setup_teardown(test, with_people, without_place)

static void accounts_come_by_realm_and_name_with_what_they_have(void **state)
{
    struct place *place = *state;
    struct cp2fa_account_line *lines;
    int count;

    assert_int_equal(cp2fa_survey_accounts(place->store, place->p, "", "", "",
                                           100, &lines, &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 3);
    assert_string_equal(lines[0].name, "bob");
    assert_string_equal(lines[1].name, "eve");
    assert_string_equal(lines[2].name, "adam");
    assert_string_equal(lines[1].id, "1");
    assert_string_equal(lines[1].realm, "a");
    assert_string_equal(lines[1].failures, "7;");
    assert_string_equal(lines[1].email, "e@x");
    assert_int_equal(lines[1].created, 11);
    assert_int_equal(lines[1].next_try, 12);
    assert_int_equal(lines[1].locked_at, 13);
    assert_int_equal(lines[1].devices, 1);
    assert_int_equal(lines[1].codes, 2);
    assert_int_equal(lines[1].sessions, 0); /* ended at 100 */
    assert_int_equal(lines[2].devices, 0);  /* pending */
    assert_int_equal(lines[2].sessions, 1);
}

static void a_page_of_accounts_begins_behind_the_last_one(void **state)
{
    struct place *place = *state;
    struct cp2fa_account_line *lines;
    int count;

    assert_int_equal(cp2fa_survey_accounts(place->store, place->p, "a", "a",
                                           "bob", 0, &lines, &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 1);
    assert_string_equal(lines[0].name, "eve");
    assert_int_equal(cp2fa_survey_accounts(place->store, place->p, "a", "a",
                                           "eve", 0, &lines, &count),
                     CP2FA_DB_NONE);
    assert_int_equal(count, 0);
}

static void sessions_come_that_have_not_ended(void **state)
{
    struct place *place = *state;
    struct cp2fa_session *sessions;
    int count;

    assert_int_equal(cp2fa_survey_sessions(place->store, place->p, "", 100,
                                           &sessions, &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 1);
    assert_string_equal(sessions[0].hash, "h2");
    assert_int_equal(cp2fa_survey_sessions(place->store, place->p, "", 99,
                                           &sessions, &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 2);
    assert_string_equal(sessions[0].name, "eve");
    assert_string_equal(sessions[0].realm, "a");
    assert_string_equal(sessions[0].account, "1");
    assert_string_equal(sessions[0].amr, "pwd otp");
    assert_string_equal(sessions[0].address, "::1");
    assert_string_equal(sessions[0].agent, "Browser");
    assert_int_equal(sessions[0].created, 1);
    assert_int_equal(sessions[0].auth_time, 2);
    assert_int_equal(sessions[0].last_seen, 3);
    assert_int_equal(sessions[0].ends, 100);
    assert_int_equal(cp2fa_survey_sessions(place->store, place->p, "h2", 99,
                                           &sessions, &count),
                     CP2FA_DB_NONE);
}

static void devices_come_with_their_owner_and_state(void **state)
{
    struct place *place = *state;
    struct cp2fa_device_line *lines;
    int count;

    assert_int_equal(cp2fa_survey_devices(place->store, place->p, "", &lines,
                                          &count),
                     CP2FA_DB_OK);
    assert_int_equal(count, 2);
    assert_string_equal(lines[0].device.secret, "sealed");
    assert_int_equal(lines[0].device.totp.digits, 8);
    assert_int_equal(lines[0].device.totp.period, 60);
    assert_string_equal(lines[0].name, "eve");
    assert_string_equal(lines[0].realm, "a");
    assert_string_equal(lines[0].state, "active");
    assert_string_equal(lines[1].state, "pending");
    hand(place, "UPDATE cp2fa_device SET algorithm = 'MD5' WHERE id = 'd2'");
    assert_int_equal(cp2fa_survey_devices(place->store, place->p, "d1", &lines,
                                          &count),
                     CP2FA_DB_FAILED);
}

static void mails_come_with_what_became_of_them(void **state)
{
    struct place *place = *state;
    struct cp2fa_mail_line *lines;
    int count;

    assert_int_equal(
        cp2fa_survey_mails(place->store, place->p, "", &lines, &count),
        CP2FA_DB_OK);
    assert_int_equal(count, 2);
    assert_string_equal(lines[0].mail.recipient, "e@x");
    assert_string_equal(lines[0].mail.kind, "locked");
    assert_string_equal(lines[0].mail.realm, "a");
    assert_string_equal(lines[0].mail.name, "eve");
    assert_int_equal(lines[0].mail.tries, 3);
    assert_int_equal(lines[0].mail.expires, 43);
    assert_string_equal(lines[0].state, "dead");
    assert_string_equal(lines[0].problem, "no");
    assert_int_equal(
        cp2fa_outbox_revive(place->store, place->p, "m1", 200), CP2FA_DB_OK);
    assert_int_equal(
        cp2fa_survey_mails(place->store, place->p, "", &lines, &count),
        CP2FA_DB_OK);
    assert_string_equal(lines[0].state, "queued");
    assert_int_equal(lines[0].mail.next_try, 200);
    assert_int_equal(lines[0].mail.tries, 0);
    assert_int_equal(
        cp2fa_survey_mails(place->store, place->p, "m2", &lines, &count),
        CP2FA_DB_NONE);
}

static int events(struct place *place, const struct cp2fa_trail *trail,
                  const char *kind)
{
    struct cp2fa_event *found;
    int count;

    if (cp2fa_survey_events(place->store, place->p, trail, &found, &count)
        == CP2FA_DB_NONE) {
        assert_int_equal(count, 0);
        return 0;
    }
    assert_string_equal(found[0].kind, kind);
    return count;
}

static void the_trail_is_cut_by_time_realm_and_name(void **state)
{
    struct place *place = *state;
    struct cp2fa_trail trail = {0, "", 100, "", ""};

    assert_int_equal(events(place, &trail, "enabled"), 3);
    trail.realm = "a";
    assert_int_equal(events(place, &trail, "enabled"), 2);
    trail.until = 60;
    assert_int_equal(events(place, &trail, "enabled"), 1);
    trail = (struct cp2fa_trail){61, "e2", 100, "", ""};
    assert_int_equal(events(place, &trail, "locked"), 1);
    trail = (struct cp2fa_trail){0, "", 100, "", "nobody"};
    assert_int_equal(events(place, &trail, ""), 0);
}

static void macs_come_by_account_behind_a_row(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows rows;

    assert_int_equal(
        cp2fa_survey_macs(place->store, place->p, 0, "1", "k:1", &rows),
        CP2FA_DB_OK);
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.row[0][1], "k:2");
    assert_string_equal(rows.row[1][0], "2");
    /* application tokens are of the same key */
    hand(place, "INSERT INTO cp2fa_app_token VALUES ('t1', 'k:7', '3', '', '/',"
                " '', 0, 1, 2, 0, ''), ('t2', '', '3', '', '/', 'h', 9, 1, 2,"
                " 0, '')");
    assert_int_equal(
        cp2fa_survey_macs(place->store, place->p, 0, "2", "k:0", &rows),
        CP2FA_DB_OK);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.row[0][1], "k:7");
    assert_int_equal(
        cp2fa_survey_macs(place->store, place->p, 1, "", "", &rows),
        CP2FA_DB_OK);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.row[0][1], "k:9");
}

static void what_a_purge_would_take_is_counted(void **state)
{
    struct place *place = *state;

    assert_int_equal(cp2fa_purge_left(place->store, place->p, 16), 0);
    /* the pending device at 17, the mailed token at 90, a session at 100 */
    assert_int_equal(cp2fa_purge_left(place->store, place->p, 17), 1);
    assert_int_equal(cp2fa_purge_left(place->store, place->p, 100), 3);
    hand(place, "INSERT INTO cp2fa_app_token VALUES"
                " ('t', '', '1', '', '/', 'h1', 100, 1, 5000000, 0, '')");
    assert_int_equal(cp2fa_purge_left(place->store, place->p, 100), 4);
    assert_int_equal(purged(place, 100), CP2FA_DB_OK);
    assert_int_equal(cp2fa_purge_left(place->store, place->p, 100), 0);
    hand(place, "DROP TABLE cp2fa_app_token");
    assert_int_equal(cp2fa_purge_left(place->store, place->p, 100), -1);
}

static void the_database_s_clock_is_told(void **state)
{
    struct place *place = *state;

    assert_true(llabs(cp2fa_survey_clock(place->store, place->p)
                      - apr_time_sec(apr_time_now())) <= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accounts_come_by_realm_and_name_with_what_they_have),
        TEST(a_page_of_accounts_begins_behind_the_last_one),
        TEST(sessions_come_that_have_not_ended),
        TEST(devices_come_with_their_owner_and_state),
        TEST(mails_come_with_what_became_of_them),
        TEST(the_trail_is_cut_by_time_realm_and_name),
        TEST(macs_come_by_account_behind_a_row),
        TEST(what_a_purge_would_take_is_counted),
        TEST(the_database_s_clock_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
