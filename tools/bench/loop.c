/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of log-ins and nothing else: what the database costs.
 *
 *     loop DRIVER PARAMS REALM CLIENTS EACH
 *
 * Each client is a process with a connection, and logs in accounts person0,
 * person1 … in turn, EACH of them. Prints the log-ins a second of all. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "store/sql.h"

#define DAY         86400
#define SQLITE_BUSY 5
#define SQLITE_ROW  100 /* a PRAGMA that took effect and answers a row */

struct client {
    apr_pool_t *pool; /* of the connection */
    apr_pool_t *p;    /* of a log-in */
    const struct cp2fa_dialect *dialect;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_dbd_prepared_t *prepared[CP2FA_SQL_COUNT];
};

static void fail(const char *what)
{
    fprintf(stderr, "loop: %s failed\n", what);
    exit(1);
}

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
    if (rc != 0 || (expected && rows != 1)) {
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

static const char *number(struct client *c, apr_int64_t n)
{
    return apr_psprintf(c->p, "%" APR_INT64_T_FMT, n);
}

/* As service/verify.c and what it calls do it. */
static void log_in(struct client *c, const char *realm, const char *name,
                   const char *hash)
{
    const char *row[14];
    const char *now = number(c, apr_time_sec(apr_time_now()));
    const char *entry = apr_psprintf(c->p, "%016" APR_INT64_T_FMT " ",
                                     (apr_int64_t)apr_time_now());
    const char *find[] = {realm, name};
    const char *id;
    const char *none;

    read_row(c, CP2FA_SQL_ACCOUNT_WITH_DEVICES, find, row, 14);
    id = row[0];
    run(c, CP2FA_SQL_ATTEMPT_RESERVE, 1,
        (const char *[]){entry, number(c, apr_time_now()), "0", id, row[1],
                         row[2], row[3]});
    say(c, c->dialect->begin);
    if (c->dialect->server) {
        read_row(c, CP2FA_SQL_ACCOUNT_LOCK, &id, &none, 1);
    }
    run(c, CP2FA_SQL_DEVICE_STEP, 1,
        (const char *[]){number(c, atoll(row[13]) + 1), "0", now, row[6],
                         number(c, atoll(row[13]) + 1)});
    run(c, CP2FA_SQL_ATTEMPT_RETURN, 1, (const char *[]){entry, "0", id});
    run(c, CP2FA_SQL_SESSIONS_EXPIRE, 0, (const char *[]){id, now});
    run(c, CP2FA_SQL_SESSION_ADD, 1,
        (const char *[]){hash, id, "pwd otp", now, now, now,
                         number(c, atoll(now) + DAY), "127.0.0.1", "loop"});
    say(c, "COMMIT");
}

/* A client says that it is connected, and reads until the gate is shut. */
static void wait_for_all(const int gates[4])
{
    char byte = 0;

    close(gates[3]);
    if (write(gates[1], &byte, 1) != 1 || read(gates[2], &byte, 1) != 0) {
        fail("the start");
    }
}

static void work(char **argv, const int gates[4], int number_of, int each)
{
    const char *driver = argv[1];
    struct client c = {0};

    apr_pool_create(&c.pool, NULL);
    apr_pool_create(&c.p, c.pool);
    apr_dbd_init(c.pool);
    c.dialect = cp2fa_dialect_find(driver);
    if (!c.dialect
        || apr_dbd_get_driver(c.pool, driver, &c.driver) != APR_SUCCESS
        || apr_dbd_open(c.driver, c.pool,
                        cp2fa_dialect_params(c.dialect, c.pool, argv[2]),
                        &c.handle)
               != APR_SUCCESS) {
        fail("opening the database");
    }
    for (const char *const *sql = c.dialect->setup; *sql; sql++) {
        say(&c, *sql);
    }
    wait_for_all(gates);
    for (int i = 0; i < each; i++) {
        int person = number_of * each + i;

        log_in(&c, argv[3], apr_psprintf(c.p, "person%d", person),
               apr_psprintf(c.p, "%056d%08d", (int)getpid(), person));
        apr_pool_clear(c.p);
    }
}

int main(int argc, char **argv)
{
    int clients = argc == 6 ? atoi(argv[4]) : 0;
    int each = argc == 6 ? atoi(argv[5]) : 0;
    int gates[4]; /* two pipes: ready, go */
    int failed = clients < 1 || each < 1 || pipe(gates) || pipe(gates + 2);
    apr_time_t began;
    char byte;
    int status;

    for (int i = 0; i < clients && !failed; i++) {
        if (fork() == 0) {
            apr_initialize();
            work(argv, gates, i, each);
            exit(0);
        }
    }
    close(gates[1]);
    for (int i = 0; i < clients && !failed; i++) {
        failed = read(gates[0], &byte, 1) != 1;
    }
    began = apr_time_now();
    close(gates[3]);
    while (wait(&status) > 0) {
        failed |= status != 0;
    }
    printf("%.1f\n",
           clients * each
               / ((double)(apr_time_now() - began) / APR_USEC_PER_SEC));
    return failed;
}
