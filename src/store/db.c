/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include <stdlib.h>

#include <apr_strings.h>
#include <apr_tables.h>

#include "connection.h"

struct cp2fa_tx {
    struct cp2fa_store *store;
    struct cp2fa_slot *slot;
    apr_dbd_transaction_t *trans;
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

/* Prepared on first use by each connection: after a database restart the
 * statements are gone with the connection, and come back with the next. */
static apr_dbd_prepared_t *prepare(struct cp2fa_store *store,
                                   struct cp2fa_slot *slot, enum cp2fa_sql sql)
{
    const struct cp2fa_sql_text *s = &cp2fa_sql_table[sql];

    if (!slot->prepared[sql]) {
        int rc = apr_dbd_prepare(store->driver, slot->pool, slot->handle,
                                 s->text, s->name, &slot->prepared[sql]);

        if (rc != 0) {
            slot->prepared[sql] = NULL;
            cp2fa_pool_complain(store, slot, s->name, rc);
        }
    }
    return slot->prepared[sql];
}

static enum cp2fa_db_result run_on(struct cp2fa_store *store,
                                   struct cp2fa_slot *slot, apr_pool_t *p,
                                   enum cp2fa_sql sql, const char **args,
                                   int *rows)
{
    const struct cp2fa_sql_text *s = &cp2fa_sql_table[sql];
    apr_dbd_prepared_t *statement = prepare(store, slot, sql);
    int rc;

    *rows = 0;
    if (!statement) {
        return CP2FA_DB_FAILED;
    }
    rc = apr_dbd_pquery(store->driver, p, slot->handle, rows, statement,
                        s->args, args);
    /* A failed UPDATE can come back with the row count of the one before. */
    if (rc != 0) {
        *rows = 0;
        cp2fa_pool_complain(store, slot, s->name, rc);
        return CP2FA_DB_FAILED;
    }
    return *rows == 1 ? CP2FA_DB_OK : CP2FA_DB_NONE;
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

static enum cp2fa_db_result read_on(struct cp2fa_store *store,
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
    rc = apr_dbd_pselect(store->driver, p, slot->handle, &results, statement, 0,
                         s->args, args);
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
    return apr_time_now() - started < apr_time_from_sec(1);
}

enum cp2fa_db_result cp2fa_db_run(struct cp2fa_store *store, apr_pool_t *p,
                                  enum cp2fa_sql sql, const char **args)
{
    enum cp2fa_db_result result = CP2FA_DB_FAILED;
    apr_time_t started = apr_time_now();

    for (int try = 0;
         try < 2 && result == CP2FA_DB_FAILED && is_worth_another_try(started);
         try++) {
        struct cp2fa_slot *slot = cp2fa_pool_take(store);
        int rows;

        if (!slot) {
            return CP2FA_DB_FAILED;
        }
        result = run_on(store, slot, p, sql, args, &rows);
        if (result == CP2FA_DB_FAILED) {
            cp2fa_pool_close(store, slot);
        }
        cp2fa_pool_give(store, slot);
    }
    return result;
}

enum cp2fa_db_result cp2fa_db_read(struct cp2fa_store *store, apr_pool_t *p,
                                   enum cp2fa_sql sql, const char **args,
                                   struct cp2fa_rows *rows)
{
    enum cp2fa_db_result result = CP2FA_DB_FAILED;
    apr_time_t started = apr_time_now();

    rows->count = 0;
    for (int try = 0;
         try < 2 && result == CP2FA_DB_FAILED && is_worth_another_try(started);
         try++) {
        struct cp2fa_slot *slot = cp2fa_pool_take(store);

        if (!slot) {
            return CP2FA_DB_FAILED;
        }
        result = read_on(store, slot, p, sql, args, rows);
        if (result == CP2FA_DB_FAILED) {
            cp2fa_pool_close(store, slot);
        }
        cp2fa_pool_give(store, slot);
    }
    return result;
}

static int begin_on(struct cp2fa_store *store, struct cp2fa_slot *slot,
                    apr_pool_t *p, apr_dbd_transaction_t **trans)
{
    int rc;

    *trans = NULL;
    rc = apr_dbd_transaction_start(store->driver, p, slot->handle, trans);
    if (*trans) {
        /* Whatever ends it without a word, rolls it back. */
        apr_dbd_transaction_mode_set(store->driver, *trans,
                                     APR_DBD_TRANSACTION_ROLLBACK);
    }
    if (rc != 0) {
        /* sqlite hands out a transaction although it did not start one; its
         * statements would commit one by one. */
        cp2fa_pool_complain(store, slot, "cannot begin a transaction", rc);
        if (*trans) {
            apr_dbd_transaction_end(store->driver, p, *trans);
        }
    }
    return rc;
}

enum cp2fa_db_result cp2fa_db_begin(struct cp2fa_store *store, apr_pool_t *p,
                                    struct cp2fa_tx **tx)
{
    apr_time_t started = apr_time_now();

    for (int try = 0; try < 2 && is_worth_another_try(started); try++) {
        struct cp2fa_slot *slot = cp2fa_pool_take(store);
        apr_dbd_transaction_t *trans;

        if (!slot) {
            break;
        }
        if (begin_on(store, slot, p, &trans) == 0) {
            *tx = apr_pcalloc(p, sizeof(**tx));
            (*tx)->store = store;
            (*tx)->slot = slot;
            (*tx)->trans = trans;
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
    int rows;
    enum cp2fa_db_result result =
        run_on(tx->store, tx->slot, tx->p, sql, args, &rows);

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
    enum cp2fa_db_result result =
        read_on(tx->store, tx->slot, tx->p, sql, args, rows);

    tx->broken |= result == CP2FA_DB_FAILED;
    return result;
}

enum cp2fa_db_result cp2fa_tx_script(struct cp2fa_tx *tx, const char *text)
{
    int rows = 0;
    int rc = apr_dbd_query(tx->store->driver, tx->slot->handle, &rows, text);

    tx->stale = 1;
    if (rc != 0) {
        tx->broken = 1;
        cp2fa_pool_complain(tx->store, tx->slot, "schema", rc);
        return CP2FA_DB_FAILED;
    }
    return CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_tx_end(struct cp2fa_tx *tx,
                                  enum cp2fa_db_result so_far)
{
    struct cp2fa_store *store = tx->store;
    int rc;

    if (so_far == CP2FA_DB_OK && !tx->broken) {
        apr_dbd_transaction_mode_set(store->driver, tx->trans,
                                     APR_DBD_TRANSACTION_COMMIT);
    }
    rc = apr_dbd_transaction_end(store->driver, tx->p, tx->trans);
    if (rc != 0) {
        cp2fa_pool_complain(store, tx->slot, "cannot end a transaction", rc);
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
