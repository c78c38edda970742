/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_PURGE_H
#define CP2FA_STORE_PURGE_H

#include "store/db.h"

/**
 * Deletes what has expired: ended sessions, pending devices, mail tokens, old
 * dead letters and counts of wrong passwords; at most a hundred rows of each,
 * so that nobody waits long for the database. now is in seconds; *more is
 * whether there may be more to delete. OK or FAILED.
 */
enum cp2fa_db_result cp2fa_purge_run(struct cp2fa_store *store, apr_pool_t *p,
                                     int64_t now, int *more) CP2FA_USE_RESULT;

/** How many rows there are to delete, or -1 if the database can't tell. */
int64_t cp2fa_purge_left(struct cp2fa_store *store, apr_pool_t *p, int64_t now);

#endif
