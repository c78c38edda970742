/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_MAILTOKENS_H
#define CP2FA_STORE_MAILTOKENS_H

#include "store/db.h"

/** A token that was mailed. Times are seconds since 1970. */
struct cp2fa_mailtoken {
    const char *mac; /* "keyid:hmac" */
    const char *account;
    const char *purpose; /* bypass, email */
    const char *session; /* that asked, and may redeem */
    const char *email;   /* the address it stands for, or "" */
    int64_t created;
    int64_t expires;
};

/** Adds one in the place of any other of its account and purpose. A step of
 * a transaction: OK or FAILED. */
enum cp2fa_db_result cp2fa_mailtokens_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const struct cp2fa_mailtoken *token)
    CP2FA_USE_RESULT;

/** Whether that session has one that still lives, and its address. What is
 * asked for: account, purpose and session of *token. OK, NONE or FAILED. */
enum cp2fa_db_result cp2fa_mailtokens_pending(
    struct cp2fa_store *store, apr_pool_t *p,
    const struct cp2fa_mailtoken *token, int64_t now,
    const char **email) CP2FA_USE_RESULT;

/** Whether it is this one, by its mac too, and its address. */
enum cp2fa_db_result cp2fa_mailtokens_find(struct cp2fa_store *store,
                                           apr_pool_t *p,
                                           const struct cp2fa_mailtoken *token,
                                           int64_t now,
                                           const char **email) CP2FA_USE_RESULT;

/** Uses it up: NONE if it is not there (any more). A step of a transaction. */
enum cp2fa_db_result cp2fa_mailtokens_use(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const struct cp2fa_mailtoken *token,
                                          int64_t now) CP2FA_USE_RESULT;

/** Drops all of an account. A step of a transaction: OK or FAILED. */
enum cp2fa_db_result cp2fa_mailtokens_drop_all(
    struct cp2fa_tx *tx, const char *account) CP2FA_USE_RESULT;

/** Drops those of an account made at a time or before it. OK or FAILED. */
enum cp2fa_db_result cp2fa_mailtokens_drop_old(struct cp2fa_tx *tx,
                                               apr_pool_t *p,
                                               const char *account,
                                               int64_t until) CP2FA_USE_RESULT;

#endif
