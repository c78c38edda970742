/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include <stdlib.h>

#include <apr_strings.h>
#include <apr_tables.h>

#include "connection.h"

struct cp2fa_tx {
    struct cp2fa_store *store;
    struct cp2fa_slot *slot;
    apr_pool_t *p;
    int broken; /* a statement failed: the connection is not reused */
    int stale;  /* it changed the schema: prepared statements are of old */
};

const char *cp2fa_db_number(apr_pool_t *p, int64_t n)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)n);
}

int64_t cp2fa_db_int(const char *value)
{
    return strtoll(value, NULL, 10);
}

int64_t cp2fa_db_clock(const struct cp2fa_store *store, const char *value)
{
    return store->options.skewed ? cp2fa_db_int(value) : 0;
}

/* Prepared on first use by each connection: after a database restart the
 * statements are gone with the connection, and come back with the next. The
 * label is in lower case: PostgreSQL would look for another one. */
static apr_dbd_prepared_t *prepare(struct cp2fa_store *store,
                                   struct cp2fa_slot *slot, enum cp2fa_sql sql)
{
    if (!slot->prepared[sql]) {
        const char *label = apr_psprintf(slot->pool, "cp2fa_%d", (int)sql);
        int rc = apr_dbd_prepare(store->driver, slot->pool, slot->handle,
                                 cp2fa_sql_text(sql, store->dialect->id), label,
                                 &slot->prepared[sql]);

        if (rc != 0) {
            slot->prepared[sql] = NULL;
            cp2fa_pool_complain(store, slot, cp2fa_sql_table[sql].name, rc);
        }
    }
    return slot->prepared[sql];
}

static enum cp2fa_db_result run_on(struct cp2fa_store *store,
                                   struct cp2fa_slot *slot, apr_pool_t *p,
                                   enum cp2fa_sql sql, const char **args,
                                   int *changed)
{
    const struct cp2fa_sql_text *s = &cp2fa_sql_table[sql];
    apr_dbd_prepared_t *statement = prepare(store, slot, sql);
    int rows = 0;
    int rc;

    if (!statement) {
        return CP2FA_DB_FAILED;
    }
    rc = apr_dbd_pquery(store->driver, p, slot->handle, &rows, statement,
                        s->args, args);
    /* A failed UPDATE can come back with the row count of the one before. */
    if (rc != 0) {
        cp2fa_pool_complain(store, slot, s->name, rc);
        return CP2FA_DB_FAILED;
    }
    *changed = rows;
    return rows == 1 ? CP2FA_DB_OK : CP2FA_DB_NONE;
}

static const char *const *copy_row(struct cp2fa_store *store,
                                   apr_dbd_row_t *row, apr_pool_t *p,
                                   int columns)
{
    const char **values = apr_palloc(p, sizeof(*values) * (size_t)columns);

    for (int i = 0; i < columns; i++) {
        const char *value = apr_dbd_get_entry(store->driver, row, i);

        values[i] = value ? apr_pstrdup(p, value) : "";
    }
    return values;
}

enum cp2fa_db_result cp2fa_slot_read(struct cp2fa_store *store,
                                     struct cp2fa_slot *slot, apr_pool_t *p,
                                     enum cp2fa_sql sql, const char **args,
                                     struct cp2fa_rows *rows)
{
    const struct cp2fa_sql_text *s = &cp2fa_sql_table[sql];
    apr_dbd_prepared_t *statement = prepare(store, slot, sql);
    apr_array_header_t *list = apr_array_make(p, 4, sizeof(char **));
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    int rc;

    rows->count = 0;
    if (!statement) {
        return CP2FA_DB_FAILED;
    }
    rc = apr_dbd_pselect(store->driver, p, slot->handle, &results, statement,
                         store->dialect->seek, s->args, args);
    if (rc != 0) {
        cp2fa_pool_complain(store, slot, s->name, rc);
        return CP2FA_DB_FAILED;
    }
    rows->columns = apr_dbd_num_cols(store->driver, results);
    /* Fetched to the end: a result left half-read blocks the connection. */
    while ((rc = apr_dbd_get_row(store->driver, p, results, &row, -1)) == 0) {
        APR_ARRAY_PUSH(list, const char *const *) =
            copy_row(store, row, p, rows->columns);
    }
    if (rc != -1) {
        cp2fa_pool_complain(store, slot, s->name, rc);
        return CP2FA_DB_FAILED;
    }
    rows->row = (const char *const *const *)list->elts;
    rows->count = list->nelts;
    return list->nelts > 0 ? CP2FA_DB_OK : CP2FA_DB_NONE;
}

/* A connection that went stale fails at once, and a new one may work. What
 * took its time was tried enough: somebody waits for the answer. */
static int is_worth_another_try(apr_time_t started)
{
    return cp2fa_watch_now() - started < apr_time_from_sec(1);
}

/* rows: NULL for a statement that changes them, changed of them. */
static enum cp2fa_db_result run_or_read(struct cp2fa_store *store,
                                        apr_pool_t *p, enum cp2fa_sql sql,
                                        const char **args,
                                        struct cp2fa_rows *rows, int *changed)
{
    enum cp2fa_db_result result = CP2FA_DB_FAILED;
    apr_time_t started = cp2fa_watch_now();

    for (int try = 0;
         try < 2 && result == CP2FA_DB_FAILED && is_worth_another_try(started);
         try++) {
        struct cp2fa_slot *slot = cp2fa_pool_take(store, rows == NULL);

        if (!slot) {
            return CP2FA_DB_FAILED;
        }
        result = rows ? cp2fa_slot_read(store, slot, p, sql, args, rows)
                      : run_on(store, slot, p, sql, args, changed);
        /* sqlite's VACUUM leaves what was prepared before it of no use */
        if (result == CP2FA_DB_FAILED || sql == CP2FA_SQL_BACKUP) {
            cp2fa_pool_close(store, slot);
        }
        cp2fa_pool_give(store, slot);
    }
    return result;
}

enum cp2fa_db_result cp2fa_db_run(struct cp2fa_store *store, apr_pool_t *p,
                                  enum cp2fa_sql sql, const char **args)
{
    int changed;

    return run_or_read(store, p, sql, args, NULL, &changed);
}

enum cp2fa_db_result cp2fa_db_run_any(struct cp2fa_store *store, apr_pool_t *p,
                                      enum cp2fa_sql sql, const char **args,
                                      int *changed)
{
    enum cp2fa_db_result result =
        run_or_read(store, p, sql, args, NULL, changed);

    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_db_read(struct cp2fa_store *store, apr_pool_t *p,
                                   enum cp2fa_sql sql, const char **args,
                                   struct cp2fa_rows *rows)
{
    rows->count = 0;
    return run_or_read(store, p, sql, args, rows, NULL);
}

/* apr_dbd's own transactions are not used: PostgreSQL's driver crashes if one
 * can't begin, sqlite's hands one out whose statements commit one by one, and
 * all of them commit what nobody ended. A connection that is closed in the
 * midst of one rolls it back. */
static int say(struct cp2fa_store *store, struct cp2fa_slot *slot,
               const char *command)
{
    int rows = 0;
    int rc = apr_dbd_query(store->driver, slot->handle, &rows, command);

    if (rc != 0) {
        cp2fa_pool_complain(store, slot, command, rc);
    }
    return rc;
}

enum cp2fa_db_result cp2fa_db_begin(struct cp2fa_store *store, apr_pool_t *p,
                                    struct cp2fa_tx **tx)
{
    apr_time_t started = cp2fa_watch_now();

    for (int try = 0; try < 2 && is_worth_another_try(started); try++) {
        struct cp2fa_slot *slot = cp2fa_pool_take(store, 1);

        if (!slot) {
            break;
        }
        if (say(store, slot, store->dialect->begin) == 0) {
            *tx = apr_pcalloc(p, sizeof(**tx));
            (*tx)->store = store;
            (*tx)->slot = slot;
            (*tx)->p = p;
            return CP2FA_DB_OK;
        }
        cp2fa_pool_close(store, slot);
        cp2fa_pool_give(store, slot);
    }
    return CP2FA_DB_FAILED;
}

enum cp2fa_db_result cp2fa_tx_run(struct cp2fa_tx *tx, enum cp2fa_sql sql,
                                  const char **args)
{
    enum cp2fa_db_result result = CP2FA_DB_FAILED;
    int changed;

    /* What broke it may have ended it: the next step would be committed. */
    if (!tx->broken) {
        result = run_on(tx->store, tx->slot, tx->p, sql, args, &changed);
    }
    tx->broken |= result == CP2FA_DB_FAILED;
    return result;
}

enum cp2fa_db_result cp2fa_tx_run_any(struct cp2fa_tx *tx, enum cp2fa_sql sql,
                                      const char **args)
{
    enum cp2fa_db_result result = cp2fa_tx_run(tx, sql, args);

    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_tx_read(struct cp2fa_tx *tx, enum cp2fa_sql sql,
                                   const char **args, struct cp2fa_rows *rows)
{
    enum cp2fa_db_result result = CP2FA_DB_FAILED;

    rows->count = 0;
    if (!tx->broken) {
        result = cp2fa_slot_read(tx->store, tx->slot, tx->p, sql, args, rows);
    }
    tx->broken |= result == CP2FA_DB_FAILED;
    return result;
}

enum cp2fa_db_result cp2fa_tx_script(struct cp2fa_tx *tx, const char *text)
{
    tx->stale = 1;
    if (tx->broken || say(tx->store, tx->slot, text) != 0) {
        tx->broken = 1;
        return CP2FA_DB_FAILED;
    }
    return CP2FA_DB_OK;
}

const struct cp2fa_dialect *cp2fa_tx_dialect(const struct cp2fa_tx *tx)
{
    return tx->store->dialect;
}

enum cp2fa_db_result cp2fa_tx_end(struct cp2fa_tx *tx,
                                  enum cp2fa_db_result so_far)
{
    struct cp2fa_store *store = tx->store;
    int well = so_far == CP2FA_DB_OK && !tx->broken;
    int rc = 0;

    /* A broken one is rolled back by the end of its connection. */
    if (!tx->broken) {
        rc = say(store, tx->slot, well ? "COMMIT" : "ROLLBACK");
    }
    if (rc != 0 || tx->broken) {
        so_far = so_far == CP2FA_DB_NONE ? CP2FA_DB_NONE : CP2FA_DB_FAILED;
    }
    if (rc != 0 || tx->broken || tx->stale) {
        cp2fa_pool_close(store, tx->slot);
    }
    cp2fa_pool_give(store, tx->slot);
    return so_far;
}
