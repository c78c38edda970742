/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/db.h"

static void every_statement_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < CP2FA_SQL_COUNT; i++) {
        assert_non_null(cp2fa_sql_table[i].name);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(cp2fa_sql_table[i].name,
                                    cp2fa_sql_table[other].name);
        }
    }
}

/* INP-02 */
static void every_statement_says_how_many_values_it_binds(void **state)
{
    (void)state;
    for (int i = 0; i < CP2FA_SQL_COUNT * CP2FA_DIALECT_COUNT; i++) {
        enum cp2fa_sql sql = i / CP2FA_DIALECT_COUNT;
        const struct cp2fa_sql_text *row = &cp2fa_sql_table[sql];
        const char *text = cp2fa_sql_text(sql, i % CP2FA_DIALECT_COUNT);
        int count = 0;

        if (!text) {
            assert_int_equal(sql, CP2FA_SQL_STEP_REDEEM);
            continue;
        }
        for (const char *at = text; (at = strchr(at, '%')); at++) {
            if (strncmp(at, "%s", 2) != 0 && strncmp(at, "%lld", 4) != 0) {
                fail_msg("%s: %s", row->name, at);
            }
            count++;
        }
        if (count != row->args) {
            fail_msg("%s binds %d, not %d", row->name, count, row->args);
        }
        /* one statement, though it be made of several */
        assert_true(!strchr(text, ';')
                    || strncmp(text, "BEGIN NOT ATOMIC ", 17) == 0);
    }
}

static const char *text_of(const struct place *place, int i)
{
    return cp2fa_sql_text((enum cp2fa_sql)i,
                          cp2fa_store_dialect(place->store)->id);
}

static enum cp2fa_db_result send_one(struct place *place, int i,
                                     const char **args)
{
    struct cp2fa_rows rows;

    return strncmp(text_of(place, i), "SELECT ", 7) == 0
               ? cp2fa_db_read(place->store, place->p, (enum cp2fa_sql)i, args,
                               &rows)
               : cp2fa_db_run(place->store, place->p, (enum cp2fa_sql)i, args);
}

/* With "1" for every value the table's order makes an account, its device
 * and its session, finds them, changes them and drops them. */
static void every_statement_prepares_and_runs(void **state)
{
    struct place *place = *state;
    const char *args[32];

    for (size_t i = 0; i < COUNT(args); i++) {
        args[i] = "1";
    }
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < CP2FA_SQL_COUNT; i++) {
            enum cp2fa_db_result result =
                i == CP2FA_SQL_BACKUP || !text_of(place, i)
                    ? CP2FA_DB_OK
                    : send_one(place, i, args);

            if (result == CP2FA_DB_FAILED
                && (turn == 0
                    || (i != CP2FA_SQL_META_ADD && i != CP2FA_SQL_EVENT_ADD))) {
                fail_msg("%s: %s", cp2fa_sql_table[i].name, place->said);
            }
        }
    }
}

/* Nothing but a failure comes from a database without the tables. */
static void no_statement_answers_without_the_tables(void **state)
{
    struct place *place = *state;
    const char *args[32];

    for (size_t i = 0; i < COUNT(args); i++) {
        args[i] = "1";
    }
    for (int i = CP2FA_SQL_META_GET; i < CP2FA_SQL_COUNT; i++) {
        if (text_of(place, i)) {
            assert_int_equal(send_one(place, i, args), CP2FA_DB_FAILED);
            assert_non_null(strstr(place->said, cp2fa_sql_table[i].name));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_has_a_name_of_its_own),
        cmocka_unit_test(every_statement_says_how_many_values_it_binds),
        TEST_TABLES(every_statement_prepares_and_runs),
        TEST_EMPTY(no_statement_answers_without_the_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
