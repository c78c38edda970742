/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_CODES_H
#define CP2FA_STORE_CODES_H

#include "store/db.h"

/* Recovery codes, by "keyid:hmac". Steps of a transaction where tx is asked
 * for; times are seconds since 1970. */

/** Lets a session see a fresh set, once, until a time. OK or FAILED. */
enum cp2fa_db_result cp2fa_codes_offer(struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *account, const char *session,
                                       int64_t until) CP2FA_USE_RESULT;

/** Takes that offer: NONE if this session has none, or took it before. */
enum cp2fa_db_result cp2fa_codes_take(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const char *account, const char *session,
                                      int64_t now) CP2FA_USE_RESULT;

/** Adds one. OK or FAILED. */
enum cp2fa_db_result cp2fa_codes_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                     const char *account, const char *mac,
                                     int64_t now) CP2FA_USE_RESULT;

/** Looks for one, in no transaction: OK, NONE or FAILED. */
enum cp2fa_db_result cp2fa_codes_find(struct cp2fa_store *store, apr_pool_t *p,
                                      const char *account,
                                      const char *mac) CP2FA_USE_RESULT;

/** Uses one up: NONE if there is no such code (any more). */
enum cp2fa_db_result cp2fa_codes_use(struct cp2fa_tx *tx, const char *account,
                                     const char *mac) CP2FA_USE_RESULT;

/** Drops all of an account. OK or FAILED. */
enum cp2fa_db_result cp2fa_codes_drop(struct cp2fa_tx *tx,
                                      const char *account) CP2FA_USE_RESULT;

/** How many are left. OK or FAILED. */
enum cp2fa_db_result cp2fa_codes_count(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *account,
                                       int *count) CP2FA_USE_RESULT;

/** Drops those of an account made at a time or before it. OK or FAILED. */
enum cp2fa_db_result cp2fa_codes_drop_old(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const char *account,
                                          int64_t until) CP2FA_USE_RESULT;

#endif
