/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_DEVICES_H
#define CP2FA_STORE_DEVICES_H

#include "store/accounts.h"

/* Each call is a step of a transaction: OK, NONE if its condition did not
 * hold, or FAILED. Session is a session's hash; times are in seconds. */

/** Adds a pending device that this session may confirm until expires. It
 * takes the place of any other pending one of the account. */
enum cp2fa_db_result cp2fa_devices_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *account,
                                       const struct cp2fa_device *device,
                                       const char *session,
                                       int64_t expires) CP2FA_USE_RESULT;

/** Reads the pending device of an account and session; no transaction. */
enum cp2fa_db_result cp2fa_devices_pending(
    struct cp2fa_store *store, apr_pool_t *p, const char *account,
    const char *session, int64_t now,
    struct cp2fa_device **device) CP2FA_USE_RESULT;

/** Makes a pending device active, its first step used, in the place of any
 * other of the same name. */
enum cp2fa_db_result cp2fa_devices_confirm(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const char *account,
                                           const struct cp2fa_device *device,
                                           const char *session, int64_t step,
                                           int64_t skew,
                                           int64_t now) CP2FA_USE_RESULT;

/** Uses up a step: NONE if it, or a later one, was used before. */
enum cp2fa_db_result cp2fa_devices_use_step(struct cp2fa_tx *tx, apr_pool_t *p,
                                            const char *id, int64_t step,
                                            int64_t skew,
                                            int64_t now) CP2FA_USE_RESULT;

/** Notes a step as the first of two in a row: NONE if it, or a later one, was
 * used or noted before. */
enum cp2fa_db_result cp2fa_devices_note_half(struct cp2fa_tx *tx, apr_pool_t *p,
                                             const char *id,
                                             int64_t step) CP2FA_USE_RESULT;

/** Drops what is pending; no transaction. */
enum cp2fa_db_result cp2fa_devices_drop_pending(
    struct cp2fa_store *store, apr_pool_t *p,
    const char *account) CP2FA_USE_RESULT;

/** Drops one that is active, if it isn't the last: NONE if it is, or if there
 * is no such device; the transaction must be rolled back then. */
enum cp2fa_db_result cp2fa_devices_drop(struct cp2fa_tx *tx,
                                        const char *account,
                                        const char *id) CP2FA_USE_RESULT;

/** Drops every device of the account, pending ones too. */
enum cp2fa_db_result cp2fa_devices_drop_all(
    struct cp2fa_tx *tx, const char *account) CP2FA_USE_RESULT;

/** Puts another seal of the same secret in the place of the one that was read;
 * no transaction. NONE if the row changed meanwhile. */
enum cp2fa_db_result cp2fa_devices_reseal(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *id,
                                          const char *before,
                                          const char *after) CP2FA_USE_RESULT;

/** Uses up all steps to this one, of a device last used before a time. OK or
 * FAILED. */
enum cp2fa_db_result cp2fa_devices_burn(struct cp2fa_tx *tx, apr_pool_t *p,
                                        const char *id, int64_t step,
                                        int64_t before) CP2FA_USE_RESULT;

#endif
