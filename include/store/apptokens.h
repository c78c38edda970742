/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_APPTOKENS_H
#define CP2FA_STORE_APPTOKENS_H

#include "store/db.h"

/** An application token. Times are seconds since 1970. */
struct cp2fa_app_token {
    const char *id;
    const char *mac; /* "keyid:hmac"; "" before it was shown */
    const char *account;
    const char *realm; /* of the account */
    const char *user;  /* its name */
    const char *name;  /* what its owner calls it */
    const char *path;  /* core/apptoken.h */
    int64_t created;
    int64_t expires;
    int64_t last_used; /* 0: never */
    const char *last_address;
};

/**
 * Adds one that has no secret yet, in the place of any other such one of its
 * account: this session may take it, until then. A step of a transaction.
 */
enum cp2fa_db_result cp2fa_apptokens_offer(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const struct cp2fa_app_token *token,
                                           const char *session,
                                           int64_t until) CP2FA_USE_RESULT;

/** What this session may take: OK with id, name, path and expires, NONE or
 * FAILED. A step of a transaction. */
enum cp2fa_db_result cp2fa_apptokens_offered(
    struct cp2fa_tx *tx, apr_pool_t *p, const char *account,
    const char *session, int64_t now,
    struct cp2fa_app_token *token) CP2FA_USE_RESULT;

/** Takes it: gives it its mac. NONE if it was taken, or its session ended. */
enum cp2fa_db_result cp2fa_apptokens_take(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const char *id, const char *mac,
                                          const char *session,
                                          int64_t now) CP2FA_USE_RESULT;

/** One by its id, of an account that still has a device: OK, NONE, FAILED. */
enum cp2fa_db_result cp2fa_apptokens_find(
    struct cp2fa_store *store, apr_pool_t *p, const char *id,
    struct cp2fa_app_token **token) CP2FA_USE_RESULT;

/** All of an account that were shown, the newest first. OK or FAILED. */
enum cp2fa_db_result cp2fa_apptokens_list(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *account,
                                          struct cp2fa_app_token **tokens,
                                          int *count) CP2FA_USE_RESULT;

/** Notes that one is used, unless that was noted after `before`. OK, NONE or
 * FAILED. */
enum cp2fa_db_result cp2fa_apptokens_touch(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *id,
                                           const char *address, int64_t now,
                                           int64_t before) CP2FA_USE_RESULT;

/** Ends one: NONE if the account has no such. A step of a transaction. */
enum cp2fa_db_result cp2fa_apptokens_end(struct cp2fa_tx *tx,
                                         const char *account,
                                         const char *id) CP2FA_USE_RESULT;

/** Ends all of an account. A step of a transaction: OK or FAILED. */
enum cp2fa_db_result cp2fa_apptokens_end_all(
    struct cp2fa_tx *tx, const char *account) CP2FA_USE_RESULT;

/** Ends those made until a time, in seconds. A step of a transaction: OK or
 * FAILED. */
enum cp2fa_db_result cp2fa_apptokens_end_old(struct cp2fa_tx *tx, apr_pool_t *p,
                                             const char *account,
                                             int64_t until) CP2FA_USE_RESULT;

#endif
