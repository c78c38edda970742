/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TOOLS_BENCH_STATEMENTS_H
#define CP2FA_TOOLS_BENCH_STATEMENTS_H

/* The statements of a log-in, as service/verify.c and what it calls has them
 * done: of a program (loop.c) and of an httpd (mod_statements.c) that do
 * nothing else. */
#include <stdlib.h>

#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "store/sql.h"

#define DAY         86400
#define SQLITE_BUSY 5
#define SQLITE_ROW  100 /* a PRAGMA that took effect and answers a row */

static void fail(const char *what); /* does not return */

struct client {
    apr_pool_t *pool; /* of the connection */
    apr_pool_t *p;    /* of a log-in */
    const struct cp2fa_dialect *dialect;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_dbd_prepared_t *prepared[CP2FA_SQL_COUNT];
};

static apr_dbd_prepared_t *prepare(struct client *c, enum cp2fa_sql sql)
{
    if (!c->prepared[sql]
        && apr_dbd_prepare(c->driver, c->pool, c->handle,
                           cp2fa_sql_text(sql, c->dialect->id),
                           apr_psprintf(c->pool, "loop_%d", (int)sql),
                           &c->prepared[sql])
               != 0) {
        fail(cp2fa_sql_table[sql].name);
    }
    return c->prepared[sql];
}

/* Many writers of one file wait for each other, longer than the driver does. */
static int is_busy(const struct client *c, int rc)
{
    return !c->dialect->server && rc == SQLITE_BUSY;
}

static void run(struct client *c, enum cp2fa_sql sql, int expected,
                const char **args)
{
    int rows = 0;
    int rc;

    do {
        rc = apr_dbd_pquery(c->driver, c->p, c->handle, &rows, prepare(c, sql),
                            cp2fa_sql_table[sql].args, args);
    } while (is_busy(c, rc));
    if (rc != 0 || rows < expected) {
        fail(cp2fa_sql_table[sql].name);
    }
}

/* The first row, to the end of which the caller counts columns. */
static void read_row(struct client *c, enum cp2fa_sql sql, const char **args,
                     const char **values, int columns)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;

    if (apr_dbd_pselect(c->driver, c->p, c->handle, &results, prepare(c, sql),
                        c->dialect->seek, cp2fa_sql_table[sql].args, args)
            != 0
        || apr_dbd_get_row(c->driver, c->p, results, &row, -1) != 0) {
        fail(cp2fa_sql_table[sql].name);
    }
    for (int i = 0; i < columns; i++) {
        values[i] = apr_pstrdup(c->p, apr_dbd_get_entry(c->driver, row, i));
    }
    while (apr_dbd_get_row(c->driver, c->p, results, &row, -1) == 0) {
    }
}

static void say(struct client *c, const char *command)
{
    int rows = 0;
    int rc;

    do {
        rc = apr_dbd_query(c->driver, c->handle, &rows, command);
    } while (is_busy(c, rc));
    if (rc != 0 && (c->dialect->server || rc != SQLITE_ROW)) {
        fail(command);
    }
}

/* The hash of a session's id: its like is nowhere near in an index. */
static const char *some_hash(struct client *c)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[32];
    char *hash = apr_pcalloc(c->p, 2 * sizeof(bytes) + 1);

    if (apr_generate_random_bytes(bytes, sizeof(bytes)) != APR_SUCCESS) {
        fail("random bytes");
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        hash[2 * i] = digits[bytes[i] >> 4];
        hash[2 * i + 1] = digits[bytes[i] & 15];
    }
    return hash;
}

static const char *number(struct client *c, apr_int64_t n)
{
    return apr_psprintf(c->p, "%" APR_INT64_T_FMT, n);
}

/* A right token becomes a session: src/store/redeem.c, of a server … */
static void redeem_at_once(struct client *c, const char *id, const char *device,
                           const char *step, const char *entry, const char *now,
                           const char *ends, const char *hash)
{
    const char *args[] = {
        id,  step, "0", now,  device,      step,    entry, "0",
        id,  "",   id,  now,  "",          hash,    id,    "pwd otp",
        now, now,  now, ends, "127.0.0.1", "bench", "",    "",
        "",  "0",  "0", "0",  "0",         "",      "",    ""};

    run(c, CP2FA_SQL_STEP_REDEEM, 1, args);
}

/* … and of sqlite. */
static void redeem_in_steps(struct client *c, const char *id,
                            const char *device, const char *step,
                            const char *entry, const char *now,
                            const char *ends, const char *hash)
{
    say(c, c->dialect->begin);
    run(c, CP2FA_SQL_DEVICE_STEP, 1,
        (const char *[]){step, "0", now, device, step});
    run(c, CP2FA_SQL_ATTEMPT_RETURN, 1, (const char *[]){entry, "0", id});
    run(c, CP2FA_SQL_SESSIONS_EXPIRE, 0, (const char *[]){id, now});
    run(c, CP2FA_SQL_SESSION_ADD, 1,
        (const char *[]){hash, id, "pwd otp", now, now, now, ends, "127.0.0.1",
                         "bench"});
    say(c, "COMMIT");
}

static void log_in(struct client *c, const char *realm, int person)
{
    const char *row[15];
    const char *now = number(c, apr_time_sec(apr_time_now()));
    const char *entry = apr_psprintf(c->p, "%016" APR_INT64_T_FMT " ",
                                     (apr_int64_t)apr_time_now());
    const char *find[] = {realm, apr_psprintf(c->p, "person%d", person)};

    read_row(c, CP2FA_SQL_ACCOUNT_WITH_DEVICES, find, row, 15);
    run(c, CP2FA_SQL_ATTEMPT_RESERVE, 1,
        (const char *[]){entry, number(c, apr_time_now()), "0", row[0], row[1],
                         row[2], row[3]});
    (c->dialect->server ? redeem_at_once : redeem_in_steps)(
        c, row[0], row[7], number(c, atoll(row[14]) + 1), entry, now,
        number(c, atoll(now) + DAY), some_hash(c));
}

static void open_database(struct client *c, const char *driver,
                          const char *params)
{
    apr_pool_create(&c->pool, NULL);
    apr_pool_create(&c->p, c->pool);
    apr_dbd_init(c->pool);
    c->dialect = cp2fa_dialect_find(driver);
    if (!c->dialect
        || apr_dbd_get_driver(c->pool, driver, &c->driver) != APR_SUCCESS
        || apr_dbd_open(c->driver, c->pool,
                        cp2fa_dialect_params(c->dialect, c->pool, params),
                        &c->handle)
               != APR_SUCCESS) {
        fail("opening the database");
    }
    for (const char *const *sql = c->dialect->setup; *sql; sql++) {
        say(c, *sql);
    }
}

#endif
