/* SPDX-License-Identifier: Apache-2.0 */
#include "core/support.h"

#include <apr_general.h>

#include "store/dialect.h"
#include "store/sql.h"

static apr_pool_t *p;

static void a_driver_is_found_by_its_name_or_not_at_all(void **state)
{
    (void)state;
    assert_string_equal(cp2fa_dialect_find("pgsql")->driver, "pgsql");
    assert_string_equal(cp2fa_dialect_find("sqlite3")->driver, "sqlite3");
    assert_string_equal(cp2fa_dialect_find("mysql")->driver, "mysql");
    assert_null(cp2fa_dialect_find("oracle"));
    assert_null(cp2fa_dialect_find(""));
    assert_null(cp2fa_dialect_find("pg"));
}

static void assert_order(const char *text, const char *first, const char *then)
{
    const char *at = strstr(text, first);

    assert_non_null(at);
    assert_non_null(strstr(at + strlen(first), then));
}

/* Of a name that is there twice, both client libraries take the last. */
static void an_admin_s_params_win_but_over_what_must_be(void **state)
{
    const char *params;

    (void)state;
    params = cp2fa_dialect_params(cp2fa_dialect_find("pgsql"), p,
                                  "connect_timeout=9");
    assert_order(params, "connect_timeout=2", "connect_timeout=9");
    params = cp2fa_dialect_params(cp2fa_dialect_find("mysql"), p,
                                  "group=mine reconnect=1 flags=0");
    assert_order(params, "group=cp2fa", "group=mine");
    assert_order(params, "reconnect=1", "reconnect=0");
    assert_order(params, "flags=0", "flags=CLIENT_FOUND_ROWS");
    assert_string_equal(cp2fa_dialect_params(cp2fa_dialect_find("sqlite3"), p,
                                             "/a b/c.db"), "/a b/c.db");
}

static void params_that_no_server_could_take_are_told(void **state)
{
    static const struct {
        const char *driver;
        const char *params;
        int good;
    } rows[] = {
        {"pgsql", "host=/run/postgresql dbname=cp2fa", 1},
        {"pgsql", "/run/postgresql", 0},
        {"pgsql", "postgresql://db.example/cp2fa?sslmode=require", 0},
        {"mysql", "sock=/run/mysqld/mysqld.sock", 1},
        {"mysql", "cp2fa.db", 0},
        {"sqlite3", "cp2fa.db", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *problem = cp2fa_dialect_problem(
            cp2fa_dialect_find(rows[i].driver), p, rows[i].params);

        if (rows[i].good != (problem == NULL)) {
            fail_msg("%s: %s", rows[i].params, problem ? problem : "good");
        }
        assert_true(!problem || strstr(problem, "dbname="));
    }
}

static void a_statement_has_a_text_in_every_dialect(void **state)
{
    (void)state;
    for (int i = 0; i < CP2FA_SQL_COUNT * CP2FA_DIALECT_COUNT; i++) {
        int sqlite_is_asked_in_steps =
            i / CP2FA_DIALECT_COUNT == CP2FA_SQL_STEP_REDEEM
            && i % CP2FA_DIALECT_COUNT == CP2FA_DIALECT_SQLITE;

        assert_int_equal(cp2fa_sql_text(i / CP2FA_DIALECT_COUNT,
                                        i % CP2FA_DIALECT_COUNT)
                             == NULL,
                         sqlite_is_asked_in_steps);
    }
    assert_non_null(strstr(cp2fa_sql_text(CP2FA_SQL_ACCOUNT_LOCK,
                                          CP2FA_DIALECT_PGSQL), "FOR UPDATE"));
    assert_null(strstr(cp2fa_sql_text(CP2FA_SQL_ACCOUNT_LOCK,
                                      CP2FA_DIALECT_SQLITE), "FOR UPDATE"));
}

/* Or once a year, for an hour, it would be an hour behind. */
static void mariadb_s_clock_knows_no_summer_time(void **state)
{
    const struct cp2fa_dialect *mysql = cp2fa_dialect_find("mysql");
    int found = 0;

    (void)state;
    for (const char *const *sql = mysql->setup; *sql; sql++) {
        found |= strcmp(*sql, "SET time_zone = '+00:00'") == 0;
    }
    assert_true(found);
}

static int begin(void **state)
{
    (void)state;
    return apr_initialize() == APR_SUCCESS
                   && apr_pool_create(&p, NULL) == APR_SUCCESS
               ? 0
               : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_is_found_by_its_name_or_not_at_all),
        cmocka_unit_test(an_admin_s_params_win_but_over_what_must_be),
        cmocka_unit_test(params_that_no_server_could_take_are_told),
        cmocka_unit_test(a_statement_has_a_text_in_every_dialect),
        cmocka_unit_test(mariadb_s_clock_knows_no_summer_time),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
