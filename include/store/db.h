/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_DB_H
#define CP2FA_STORE_DB_H

#include <stdint.h>

#include <apr_pools.h>

#include "core/bytes.h"
#include "store/pool.h"
#include "store/sql.h"

/** FAILED is "could not tell"; it is never to be read as NONE. */
enum cp2fa_db_result { CP2FA_DB_OK, CP2FA_DB_NONE, CP2FA_DB_FAILED };

/** Rows of a SELECT; a value is text, or "" for NULL. All from p. */
struct cp2fa_rows {
    const char *const *const *row; /* row[i][column] */
    int count;
    int columns;
};

/** A transaction, holding one connection until it ends. */
struct cp2fa_tx;

/** A number as an argument, allocated from p. */
const char *cp2fa_db_number(apr_pool_t *p, int64_t n);

/** A number out of a row; text that is none reads as 0. */
int64_t cp2fa_db_int(const char *value);

/** A time of the database's clock out of a row, in microseconds since 1970; 0
 * if there is no such clock, or this store's node is not to go by it. */
int64_t cp2fa_db_clock(const struct cp2fa_store *store, const char *value);

/**
 * Runs one statement that changes rows, committed at once. On an error the
 * connection is dropped and the statement tried once more on a new one.
 * Returns OK if exactly one row changed, NONE if none did.
 */
enum cp2fa_db_result cp2fa_db_run(struct cp2fa_store *store, apr_pool_t *p,
                                  enum cp2fa_sql sql,
                                  const char **args) CP2FA_USE_RESULT;

/** Runs one that may change any number of rows, and says how many it did: OK
 * or FAILED. */
enum cp2fa_db_result cp2fa_db_run_any(struct cp2fa_store *store, apr_pool_t *p,
                                      enum cp2fa_sql sql, const char **args,
                                      int *changed) CP2FA_USE_RESULT;

/** The same as cp2fa_db_run for a SELECT: OK with at least one row, or NONE with count 0. */
enum cp2fa_db_result cp2fa_db_read(struct cp2fa_store *store, apr_pool_t *p,
                                   enum cp2fa_sql sql, const char **args,
                                   struct cp2fa_rows *rows) CP2FA_USE_RESULT;

/** Begins a transaction (tried once more on a new connection). Returns OK
 * or FAILED. What is begun must be ended. */
enum cp2fa_db_result cp2fa_db_begin(struct cp2fa_store *store, apr_pool_t *p,
                                    struct cp2fa_tx **tx) CP2FA_USE_RESULT;

/** Runs a statement that must change exactly one row: OK, NONE or FAILED. */
enum cp2fa_db_result cp2fa_tx_run(struct cp2fa_tx *tx, enum cp2fa_sql sql,
                                  const char **args) CP2FA_USE_RESULT;

/** Runs a statement that may change any number of rows: OK or FAILED. */
enum cp2fa_db_result cp2fa_tx_run_any(struct cp2fa_tx *tx, enum cp2fa_sql sql,
                                      const char **args) CP2FA_USE_RESULT;

enum cp2fa_db_result cp2fa_tx_read(struct cp2fa_tx *tx, enum cp2fa_sql sql,
                                   const char **args,
                                   struct cp2fa_rows *rows) CP2FA_USE_RESULT;

/** Runs text that is no prepared statement: the schema, a PRAGMA. */
enum cp2fa_db_result cp2fa_tx_script(struct cp2fa_tx *tx,
                                     const char *text) CP2FA_USE_RESULT;

/** The ways of the database that it is in. */
const struct cp2fa_dialect *cp2fa_tx_dialect(const struct cp2fa_tx *tx);

/**
 * Ends a transaction: commits if so_far is OK, else rolls back. Returns
 * so_far, or FAILED if the commit failed.
 */
enum cp2fa_db_result cp2fa_tx_end(struct cp2fa_tx *tx,
                                  enum cp2fa_db_result so_far) CP2FA_USE_RESULT;

#endif
