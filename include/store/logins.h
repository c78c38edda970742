/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_LOGINS_H
#define CP2FA_STORE_LOGINS_H

#include "core/slowdown.h"
#include "store/db.h"

/* Wrong passwords, by the hash of their origin. */

/** Reads an origin: OK, also if it is not there, or FAILED. tx may be NULL.
 * If it is there, and the database has a clock, sets *now by it, in seconds. */
enum cp2fa_db_result cp2fa_logins_read(struct cp2fa_store *store,
                                       struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *origin,
                                       struct cp2fa_slowness *state,
                                       int64_t *now) CP2FA_USE_RESULT;

/** Swaps the state that was read for another: NONE if somebody else came
 * between. A step of a transaction. */
enum cp2fa_db_result cp2fa_logins_swap(
    struct cp2fa_tx *tx, apr_pool_t *p, const char *origin,
    const struct cp2fa_slowness *before,
    const struct cp2fa_slowness *after) CP2FA_USE_RESULT;

/** Forgets an origin. A step of a transaction: OK or FAILED. */
enum cp2fa_db_result cp2fa_logins_forgive(struct cp2fa_tx *tx,
                                          const char *origin) CP2FA_USE_RESULT;

/** Forgets those that last failed before a time. A step of a transaction. */
enum cp2fa_db_result cp2fa_logins_expire(struct cp2fa_tx *tx, apr_pool_t *p,
                                         int64_t before) CP2FA_USE_RESULT;

#endif
