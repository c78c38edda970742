/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_DIALECT_H
#define CP2FA_STORE_DIALECT_H

#include <apr_pools.h>

/** Where databases differ, in the order of the table in dialect.c. */
enum cp2fa_dialect_id {
    CP2FA_DIALECT_SQLITE,
    CP2FA_DIALECT_PGSQL,
    CP2FA_DIALECT_MYSQL,
    CP2FA_DIALECT_COUNT
};

/** What this program must know of a database's ways. */
struct cp2fa_dialect {
    enum cp2fa_dialect_id id;
    const char *driver;       /* apr_dbd's name */
    int server;               /* elsewhere: can be silent, has a clock */
    int connections;          /* of one process, at most */
    int partial;              /* an index may be of some rows only */
    int seek;                 /* how apr_dbd must be told to read rows */
    const char *first;        /* before the admin's params: overridable */
    const char *last;         /* behind them: not overridable */
    const char *begin;        /* of a transaction */
    const char *table_end;    /* behind a table's last bracket */
    const char *if_missing;   /* where making tables is no transaction */
    const char *alone;        /* in a transaction: one maker of tables */
    const char *patience;     /* before a migration, which may take long */
    const char *const *setup; /* of each connection, NULL at the end */
    const char *descriptor;   /* client library's: its connection's socket */
};

/** By apr_dbd's name of the driver: sqlite3, pgsql, mysql; or NULL. */
const struct cp2fa_dialect *cp2fa_dialect_find(const char *driver);

/** The params as the driver gets them, with what this program needs added. */
const char *cp2fa_dialect_params(const struct cp2fa_dialect *dialect,
                                 apr_pool_t *p, const char *params);

/** What is wrong with an admin's params, from p, or NULL. */
const char *cp2fa_dialect_problem(const struct cp2fa_dialect *dialect,
                                  apr_pool_t *p, const char *params);

#endif
