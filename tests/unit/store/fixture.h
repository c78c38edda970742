/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_STORE_FIXTURE_H
#define CP2FA_TESTS_UNIT_STORE_FIXTURE_H

/* A database in a folder of its own, opened twice: by the store under test,
 * and by hand, as an admin, a second node or an intruder would. */
#include "core/support.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "store/dialect.h"
#include "store/pool.h"
#include "store/purge.h"
#include "store/schema.h"

#define NOW INT64_C(1767225600) /* 2026-01-01, in seconds */

struct place {
    apr_pool_t *p;
    const char *driver_name; /* sqlite3, pgsql, mysql */
    const char *base;        /* of a server: where its databases are made */
    char name[32];           /* of a server: this test's own database */
    char folder[64];
    char file[256]; /* the params: sqlite's file */
    struct cp2fa_store *store;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *hand; /* the second connection, once it is needed */
    pthread_mutex_t lock;
    int complaints;
    char said[256]; /* the last of them */
};

/** What a test of sqlite's own ways begins with. */
#define SQLITE_ONLY(place)                                                     \
    do {                                                                       \
        if (strcmp((place)->driver_name, "sqlite3") != 0) {                    \
            skip();                                                            \
        }                                                                      \
    } while (0)

static inline void note_complaint(void *baton, const char *line)
{
    struct place *place = baton;

    pthread_mutex_lock(&place->lock);
    place->complaints++;
    apr_cpystrn(place->said, line, sizeof(place->said));
    pthread_mutex_unlock(&place->lock);
}

/** A store on params, with so many connections and so much patience in
 * milliseconds; it lives as long as p. */
static inline struct cp2fa_store *store_on(struct place *place, apr_pool_t *p,
                                           const char *params, int connections,
                                           int patience)
{
    const struct cp2fa_store_options options = {
        .driver = place->driver_name,
        .params = params,
        .connections = connections,
        .patience = apr_time_from_msec(patience),
        .complain = note_complaint,
        .baton = place,
    };
    struct cp2fa_store *store = NULL;

    assert_null(cp2fa_store_open(p, &options, &store));
    assert_non_null(store);
    return store;
}

static inline apr_dbd_t *connected(struct place *place, const char *params)
{
    const struct cp2fa_dialect *dialect =
        cp2fa_dialect_find(place->driver_name);
    apr_dbd_t *connection = NULL;
    const char *error = "";

    if (apr_dbd_get_driver(place->p, place->driver_name, &place->driver)
            != APR_SUCCESS
        || apr_dbd_open_ex(place->driver, place->p,
                           cp2fa_dialect_params(dialect, place->p, params),
                           &connection, &error)
               != APR_SUCCESS) {
        print_error("%s: %s\n", params, error);
    }
    return connection;
}

/** The connection by hand; it waits for a lock, and minds no foreign key. */
static inline apr_dbd_t *by_hand(struct place *place)
{
    if (!place->hand) {
        int rows;

        place->hand = connected(place, place->file);
        assert_non_null(place->hand);
        if (!place->base) {
            apr_dbd_query(place->driver, place->hand, &rows,
                          "PRAGMA busy_timeout = 2000");
        }
        else if (strcmp(place->driver_name, "mysql") == 0) {
            apr_dbd_query(place->driver, place->hand, &rows,
                          "SET SESSION sql_mode = 'ANSI,STRICT_ALL_TABLES'");
        }
    }
    return place->hand;
}

static inline void hand_leaves(struct place *place)
{
    if (place->hand) {
        apr_dbd_close(place->driver, place->hand);
        place->hand = NULL;
    }
}

/** Changes the database by hand; it must work. */
static inline void hand(struct place *place, const char *sql)
{
    apr_dbd_t *connection = by_hand(place);
    int rows = 0;
    int rc = apr_dbd_query(place->driver, connection, &rows, sql);

    if (rc != 0) {
        fail_msg("%s: %s", sql,
                 apr_dbd_error(place->driver, connection, rc));
    }
}

/** The first value that a SELECT finds, or "(none)". */
static inline const char *seen(struct place *place, const char *sql)
{
    apr_dbd_t *connection = by_hand(place);
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    apr_dbd_row_t *next = NULL;
    const char *value = "(none)";
    int rc = apr_dbd_select(place->driver, place->p, connection, &results, sql,
                            cp2fa_dialect_find(place->driver_name)->seek);

    if (rc != 0) {
        fail_msg("%s: %s", sql,
                 apr_dbd_error(place->driver, connection, rc));
    }
    if (apr_dbd_get_row(place->driver, place->p, results, &row, -1) == 0) {
        value = apr_dbd_get_entry(place->driver, row, 0);
        value = value ? apr_pstrdup(place->p, value) : "(null)";
        while (apr_dbd_get_row(place->driver, place->p, results, &next, -1)
               == 0) {
        }
    }
    return value;
}

static inline int64_t counted(struct place *place, const char *sql)
{
    return apr_atoi64(seen(place, sql));
}

#define JOIN_ALL                                                               \
    "SET search_path = %s; CREATE FUNCTION join_two(a text, b text) RETURNS"   \
    " text LANGUAGE sql AS 'SELECT CASE WHEN a IS NULL THEN b ELSE a || '',''" \
    " || b END'; CREATE AGGREGATE group_concat(text) (sfunc = join_two,"       \
    " stype = text)"

/* A database of its own in the server that the environment names, such as
 * CP2FA_TEST_DATABASE="pgsql host=/tmp/x user=cp2fa dbname=postgres". */
static inline int make_database(struct place *place, const char *where)
{
    static int count;
    int postgres = strncmp(where, "pgsql ", 6) == 0;
    apr_dbd_t *connection;
    int rows;
    int rc;

    place->driver_name = postgres ? "pgsql" : "mysql";
    place->base = where + 6;
    snprintf(place->name, sizeof(place->name), "t%d_%d", (int)getpid(),
             count++);
    connection = connected(place, place->base);
    if (!connection) {
        return -1;
    }
    rc = apr_dbd_query(place->driver, connection, &rows,
                       apr_pstrcat(place->p, "CREATE SCHEMA ", place->name,
                                   NULL));
    /* what the tests of sqlite and MariaDB take for granted */
    if (rc == 0 && postgres) {
        rc = apr_dbd_query(place->driver, connection, &rows,
                           apr_psprintf(place->p, JOIN_ALL, place->name));
    }
    apr_dbd_close(place->driver, connection);
    /* of names that are there twice, the last one counts */
    snprintf(place->file, sizeof(place->file),
             postgres ? "%s options=-csearch_path=%s" : "%s dbname=%s",
             place->base, place->name);
    return rc;
}

/** A test's set-up: an empty database, nobody in it yet. apr_dbd lives in
 * the root of the pools, to the end of the program: it starts once only. */
static inline int with_empty(void **state)
{
    static apr_pool_t *root;
    struct place *place = calloc(1, sizeof(*place));
    const char *tmp = getenv("TMPDIR");
    const char *where = getenv("CP2FA_TEST_DATABASE");

    if (!place || apr_initialize() != APR_SUCCESS) {
        return -1;
    }
    if (!root) {
        apr_pool_create(&root, NULL);
        apr_dbd_init(root);
    }
    apr_pool_create(&place->p, root);
    pthread_mutex_init(&place->lock, NULL);
    place->driver_name = "sqlite3";
    snprintf(place->folder, sizeof(place->folder), "%s/cp2fa-unit-XXXXXX",
             tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    if (!mkdtemp(place->folder)) {
        return -1;
    }
    snprintf(place->file, sizeof(place->file), "%s/db", place->folder);
    if (where && *where && make_database(place, where) != 0) {
        return -1;
    }
    place->store = store_on(place, place->p, place->file, 8, 5000);
    *state = place;
    return 0;
}

/** What a node of its own, just started, finds or makes. */
static inline enum cp2fa_schema_state ensured(struct place *place,
                                              int64_t *version)
{
    enum cp2fa_schema_state state;
    apr_pool_t *p;

    apr_pool_create(&p, place->p);
    state = cp2fa_schema_ensure(store_on(place, p, place->file, 1, 1000), p,
                                version);
    apr_pool_destroy(p);
    return state;
}

/** The same set-up with the tables made. */
static inline int with_tables(void **state)
{
    int64_t version;

    return with_empty(state) == 0
                   && ensured(*state, &version) == CP2FA_SCHEMA_MADE
               ? 0
               : -1;
}

static inline int without_place(void **state)
{
    static const char *const names[] = {"/db", "/db-wal", "/db-shm",
                                        "/db-journal", "/db-copy",
                                        "/db-copy-wal", "/db-copy-shm"};
    struct place *place = *state;
    char path[300];

    hand_leaves(place);
    apr_pool_destroy(place->p);
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s%s", place->folder, names[i]);
        unlink(path);
    }
    rmdir(place->folder);
    pthread_mutex_destroy(&place->lock);
    free(place);
    return 0;
}

#define TEST_EMPTY(test) \
    cmocka_unit_test_setup_teardown(test, with_empty, without_place)
#define TEST_TABLES(test) \
    cmocka_unit_test_setup_teardown(test, with_tables, without_place)

/** What one of several threads does, with a pool of its own. cmocka's
 * asserts belong to the main thread: results are left in `with`. */
typedef void racer_fn(int number, apr_pool_t *p, void *with);

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    racer_fn *run;
    void *with;
    int number;
};

static inline void *racer_main(void *arg)
{
    struct racer *racer = arg;
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    pthread_barrier_wait(racer->start);
    racer->run(racer->number, p, racer->with);
    apr_pool_destroy(p);
    return NULL;
}

/** Runs it in so many threads (at most 64) at once, and waits for all. */
static inline void race(int count, racer_fn *run, void *with)
{
    struct racer racers[64];
    pthread_barrier_t start;

    assert_in_range(count, 1, COUNT(racers));
    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        racers[i] = (struct racer){0, &start, run, with, i};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, racer_main,
                                        &racers[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(racers[i].thread, NULL);
    }
    pthread_barrier_destroy(&start);
}

/** One small step of a purge, whether or not there is more to take. */
static inline enum cp2fa_db_result purged(struct place *place, int64_t now)
{
    int more;

    return cp2fa_purge_run(place->store, place->p, now, &more);
}

/** How many of the first n results are of this kind. */
static inline int how_many(const int *results, int n, int kind)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        count += results[i] == kind;
    }
    return count;
}

/** Reads a note that every database has, and writes one of its own. */
static inline enum cp2fa_db_result read_note(struct cp2fa_store *store,
                                             apr_pool_t *p)
{
    const char *args[] = {"schema"};
    struct cp2fa_rows rows;

    return cp2fa_db_read(store, p, CP2FA_SQL_META_GET, args, &rows);
}

static inline enum cp2fa_db_result add_note(struct cp2fa_store *store,
                                            apr_pool_t *p, const char *name)
{
    const char *args[] = {name, "value"};

    return cp2fa_db_run(store, p, CP2FA_SQL_META_ADD, args);
}

#endif
