/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/sql.h"

/* What an operator asks for, of the whole database; and a file's copy. */
static const enum cp2fa_sql of_operators[] = {
    CP2FA_SQL_BACKUP,       CP2FA_SQL_META_LIST,      CP2FA_SQL_CENSUS,
    CP2FA_SQL_PURGE_LEFT,   CP2FA_SQL_ACCOUNTS_LIST,  CP2FA_SQL_CODES_ALL,
    CP2FA_SQL_OUTBOX_ALL,   CP2FA_SQL_DEVICES_SEALED, CP2FA_SQL_SESSIONS_ALL,
    CP2FA_SQL_MAILTOKENS_ALL,
    CP2FA_SQL_COUNT_ACCOUNTS, CP2FA_SQL_COUNT_DEVICES, CP2FA_SQL_COUNT_SESSIONS,
};

static int is_of_operators(int sql)
{
    for (size_t i = 0; i < COUNT(of_operators); i++) {
        if (of_operators[i] == (enum cp2fa_sql)sql) {
            return 1;
        }
    }
    return 0;
}

static int is_purge(int sql)
{
    return strncmp(cp2fa_sql_table[sql].name, "PURGE_", 6) == 0
           || sql == CP2FA_SQL_LOGIN_EXPIRE;
}

/* A statement as sqlite takes it, without a value for what it binds: so no
 * plan comes of a value that happens to be there. */
static const char *explained(struct place *place, int sql)
{
    char *text = apr_pstrcat(place->p, "EXPLAIN QUERY PLAN ",
                             cp2fa_sql_table[sql].text[0], NULL);
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '%') {
            from += strncmp(from, "%s", 2) == 0 ? 1 : 3;
            *to++ = '?';
        }
        else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

/* The steps of its plan, a line each. */
static const char *plan_of(struct place *place, int sql)
{
    apr_dbd_t *connection = by_hand(place);
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *text = explained(place, sql);
    const char *plan = "\n";

    if (apr_dbd_select(place->driver, place->p, connection, &results, text, 0)
        != 0) {
        fail_msg("%s", text);
    }
    while (apr_dbd_get_row(place->driver, place->p, results, &row, -1) == 0) {
        plan = apr_pstrcat(place->p, plan,
                           apr_dbd_get_entry(place->driver, row, 3), "\n",
                           NULL);
    }
    return plan;
}

/* SCAN is a whole table, or a whole index. */
static void no_statement_of_a_request_reads_a_whole_table(void **state)
{
    struct place *place = *state;
    int searches = 0;

    SQLITE_ONLY(place);
    for (int i = 0; i < CP2FA_SQL_COUNT; i++) {
        const char *plan = is_of_operators(i) ? "" : plan_of(place, i);
        const char *scan = strstr(plan, "\nSCAN ");

        if (scan && strncmp(scan, "\nSCAN CONSTANT ROW", 18) != 0) {
            fail_msg("%s:%s", cp2fa_sql_table[i].name, plan);
        }
        searches += strstr(plan, "\nSEARCH ") != NULL;
    }
    assert_true(searches > 60); /* or it would find nothing in any plan */
}

/* sqlite has no statistics: for one among all that are active, or alive, is as
 * good to it as for one account. */
static void no_statement_of_a_request_goes_along_what_all_have_in_common(
    void **state)
{
    static const char *const common[] = {
        "(state=?)", "(ends", "(expires", "(amr", "(offered", "(kind",
        "cp2fa_login_failure_at",
    };
    struct place *place = *state;

    SQLITE_ONLY(place);
    for (int i = 0; i < CP2FA_SQL_COUNT; i++) {
        const char *plan = is_of_operators(i) || is_purge(i)
                               ? ""
                               : plan_of(place, i);

        for (size_t n = 0; n < COUNT(common); n++) {
            if (strstr(plan, common[n])) {
                fail_msg("%s:%s", cp2fa_sql_table[i].name, plan);
            }
        }
    }
}

/* With a million rows that are not over, it looks at those that are. */
static void a_purge_goes_along_an_index_and_sorts_nothing(void **state)
{
    struct place *place = *state;
    int purges = 0;

    SQLITE_ONLY(place);
    for (int i = 0; i < CP2FA_SQL_COUNT; i++) {
        const char *plan;

        if (!is_purge(i) || is_of_operators(i)) {
            continue;
        }
        plan = plan_of(place, i);
        if (strstr(plan, "TEMP B-TREE")
            || !(strstr(plan, " USING INDEX ")
                 || strstr(plan, " USING COVERING INDEX "))) {
            fail_msg("%s:%s", cp2fa_sql_table[i].name, plan);
        }
        purges++;
    }
    assert_int_equal(purges, 8);
}

/* So that none holds others up, whatever has piled up: in each dialect. */
static void a_purge_takes_no_more_than_a_hundred_rows(void **state)
{
    (void)state;
    for (int i = 0; i < CP2FA_SQL_COUNT; i++) {
        for (int d = 0; d < CP2FA_DIALECT_COUNT; d++) {
            if (is_purge(i) && !is_of_operators(i)
                && !strstr(cp2fa_sql_text(i, d), "LIMIT 100")) {
                fail_msg("%s", cp2fa_sql_text(i, d));
            }
        }
    }
}

/* With a million rows, a step reads ten thousand entries of an index; what is
 * out of the ordinary is in a small one. */
static void a_count_for_the_metrics_reads_no_table(void **state)
{
    static const enum cp2fa_sql counts[] = {
        CP2FA_SQL_COUNT_ACCOUNTS, CP2FA_SQL_COUNT_DEVICES,
        CP2FA_SQL_COUNT_SESSIONS};
    struct place *place = *state;
    const char *plan;

    SQLITE_ONLY(place);
    for (size_t i = 0; i < COUNT(counts); i++) {
        plan = plan_of(place, counts[i]);
        if (strstr(plan, "TEMP B-TREE") || strstr(plan, "SCAN cp2fa_")
            || strstr(plan, " USING INDEX ")
            || !strstr(plan, " USING COVERING INDEX ")) {
            fail_msg("%s:%s", cp2fa_sql_table[counts[i]].name, plan);
        }
    }
    plan = plan_of(place, CP2FA_SQL_CENSUS);
    for (const char *scan = plan; (scan = strstr(scan, "\nSCAN cp2fa_"));
         scan++) {
        assert_memory_equal(scan, "\nSCAN cp2fa_device USING INDEX"
                                  " cp2fa_device_expires", 50);
    }
    assert_non_null(strstr(plan, "cp2fa_account_locked"));
    assert_non_null(strstr(plan, "(state=?)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TABLES(no_statement_of_a_request_reads_a_whole_table),
        TEST_TABLES(
            no_statement_of_a_request_goes_along_what_all_have_in_common),
        TEST_TABLES(a_purge_goes_along_an_index_and_sorts_nothing),
        TEST_TABLES(a_count_for_the_metrics_reads_no_table),
        cmocka_unit_test(a_purge_takes_no_more_than_a_hundred_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
