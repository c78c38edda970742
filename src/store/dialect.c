/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dialect.h"

#include <string.h>

#include <apr_strings.h>

/* sqlite: apr_dbd tries a busy statement 16 times with 100 ms between, so
 * this wait comes on top of each; together they stay under 3 seconds. */
static const char *const sqlite_setup[] = {
    "PRAGMA busy_timeout = 80",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    NULL,
};

/* Each statement sees what is committed by then, the row of the account is
 * locked first, and nobody waits longer than a request may. */
static const char *const pgsql_setup[] = {
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ"
    " COMMITTED",
    "SET client_encoding = 'UTF8'",
    "SET statement_timeout = 1500",
    "SET lock_timeout = 1000",
    "SET idle_in_transaction_session_timeout = 10000",
    NULL,
};

static const char *const mysql_setup[] = {
    "SET NAMES utf8mb4",
    /* SYSDATE is local time, and once a year an hour of that comes twice */
    "SET time_zone = '+00:00'",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1,"
    " max_statement_time = 1.5",
    NULL,
};

/* sqlite reads all rows into memory either way. PostgreSQL, read row by row,
 * has apr_dbd take an error for the end of the rows, and sleep 100 ms where
 * there are none; MariaDB's driver can go on without a row's number only if
 * read row by row. */
static const struct cp2fa_dialect dialects[CP2FA_DIALECT_COUNT] = {
    [CP2FA_DIALECT_SQLITE] =
        {
            .id = CP2FA_DIALECT_SQLITE,
            .driver = "sqlite3",
            .connections = 2, /* one for who reads while the other is held up */
            .partial = 1,
            .begin = "BEGIN IMMEDIATE",
            .table_end = "",
            .if_missing = "",
            .setup = sqlite_setup,
        },
    [CP2FA_DIALECT_PGSQL] =
        {
            .id = CP2FA_DIALECT_PGSQL,
            .driver = "pgsql",
            .server = 1,
            .connections = 6,
            .seek = 1,
            .first =
                "connect_timeout=2 tcp_user_timeout=3000 keepalives_idle=30"
                " keepalives_interval=5 keepalives_count=3"
                " application_name=mod_cp2fa ",
            .partial = 1,
            .begin = "BEGIN",
            .table_end = "",
            .if_missing = "",
            .alone = "SET LOCAL statement_timeout = 8000;"
                     " SET LOCAL lock_timeout = 8000;"
                     " SELECT pg_advisory_xact_lock(1664250)",
            .patience = "SET LOCAL statement_timeout = 0",
            .setup = pgsql_setup,
            .descriptor = "PQsocket",
        },
    [CP2FA_DIALECT_MYSQL] =
        {
            .id = CP2FA_DIALECT_MYSQL,
            .driver = "mysql",
            .server = 1,
            .connections = 6,
            /* of a my.cnf, for what apr_dbd has no parameter: TLS, time-out */
            .first = "group=cp2fa ",
            /* reconnecting behind our back would lose a transaction; and rows
             * found, not rows changed, as the others count */
            .last = " reconnect=0 flags=CLIENT_FOUND_ROWS fldsz=16000",
            .begin = "START TRANSACTION",
            /* byte for byte: other collations hold a = A, or a = "a " */
            .table_end = " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4"
                         " COLLATE utf8mb4_nopad_bin",
            .if_missing = "IF NOT EXISTS ",
            .alone = "SET STATEMENT max_statement_time = 9 FOR"
                     " DO GET_LOCK('cp2fa_schema', 8)",
            .patience = "SET SESSION max_statement_time = 0",
            .setup = mysql_setup,
            .descriptor = "mysql_get_socket",
        },
};

const struct cp2fa_dialect *cp2fa_dialect_find(const char *driver)
{
    for (size_t i = 0; i < CP2FA_DIALECT_COUNT; i++) {
        if (strcmp(dialects[i].driver, driver) == 0) {
            return &dialects[i];
        }
    }
    return NULL;
}

const char *cp2fa_dialect_params(const struct cp2fa_dialect *dialect,
                                 apr_pool_t *p, const char *params)
{
    return apr_pstrcat(p, dialect->first ? dialect->first : "", params,
                       dialect->last ? dialect->last : "", (char *)NULL);
}

const char *cp2fa_dialect_problem(const struct cp2fa_dialect *dialect,
                                  apr_pool_t *p, const char *params)
{
    if (dialect->server && (!strchr(params, '=') || strstr(params, "://"))) {
        return apr_psprintf(p,
                            "TwoFactorDatabase %s takes parameters of the "
                            "form name=value, such as \"%s\"",
                            dialect->driver,
                            dialect->id == CP2FA_DIALECT_PGSQL
                                ? "host=/run/postgresql dbname=cp2fa"
                                : "sock=/run/mysqld/mysqld.sock dbname=cp2fa");
    }
    return NULL;
}
