/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_ACCOUNTS_H
#define CP2FA_STORE_ACCOUNTS_H

#include "core/throttle.h"
#include "core/totp.h"
#include "store/db.h"

#define CP2FA_ID_TEXT 32 /* hex digits of an account's or a device's id */

/** A device; what points is from the pool it was read into. */
struct cp2fa_device {
    const char *id;
    const char *type; /* totp */
    const char *name;
    const char *secret; /* sealed */
    struct cp2fa_totp totp;
    int64_t last_step; /* -1 before the first */
    int64_t half_step; /* the first of two codes in a row, or -1 */
    int64_t skew;      /* steps */
    int64_t created;   /* seconds since 1970, as all times here */
    int64_t last_used;
};

/** An account with its active devices, the oldest first. */
struct cp2fa_account {
    const char *id;
    const char *realm;
    const char *name;
    struct cp2fa_attempts attempts;
    const char *email;      /* registered address, or "" */
    const char *mail_times; /* when tokens were mailed, as core/throttle.h */
    const struct cp2fa_device *devices;
    int device_count;
    int64_t clock; /* when it was read, by cp2fa_db_clock */
};

/** Finds an account: OK, NONE if there is no such row, or FAILED. */
enum cp2fa_db_result cp2fa_accounts_find(
    struct cp2fa_store *store, apr_pool_t *p, const char *realm,
    const char *name, struct cp2fa_account **account) CP2FA_USE_RESULT;

/** Begins a transaction that changes the account or what belongs to it: those
 * of one account follow each other, so that none acts on what another is
 * changing. Otherwise as cp2fa_db_begin. */
enum cp2fa_db_result cp2fa_accounts_begin(
    struct cp2fa_store *store, apr_pool_t *p, const char *id,
    struct cp2fa_tx **tx) CP2FA_USE_RESULT;

/** Makes the account's row unless it is there. OK or FAILED. */
enum cp2fa_db_result cp2fa_accounts_ensure(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *id,
                                           const char *realm, const char *name,
                                           int64_t now) CP2FA_USE_RESULT;

/**
 * Reserves an attempt: swaps the state that was read for the one after it,
 * committed. NONE if another attempt came between, or the lock changed.
 */
enum cp2fa_db_result cp2fa_accounts_reserve(
    struct cp2fa_store *store, apr_pool_t *p,
    const struct cp2fa_account *account,
    const struct cp2fa_attempts *after) CP2FA_USE_RESULT;

/**
 * Gives a reserved attempt back: it did not fail. The next may be made at once;
 * the lock that this attempt set is undone. tx may be NULL.
 */
enum cp2fa_db_result cp2fa_accounts_give_back(
    struct cp2fa_store *store, struct cp2fa_tx *tx, apr_pool_t *p,
    const char *id, const char *entry) CP2FA_USE_RESULT;

/** Sets the registered address ("" for none). A step of a transaction. */
enum cp2fa_db_result cp2fa_accounts_set_email(
    struct cp2fa_tx *tx, const char *id, const char *email) CP2FA_USE_RESULT;

/** Notes that a token is mailed: swaps the times that were read for after.
 * NONE if another request came between. A step of a transaction. */
enum cp2fa_db_result cp2fa_accounts_note_mail(
    struct cp2fa_tx *tx, const struct cp2fa_account *account,
    const char *after) CP2FA_USE_RESULT;

/** Forgets the failures and the lock: the secret they were guesses at is gone.
 * A step of a transaction: OK or FAILED. */
enum cp2fa_db_result cp2fa_accounts_forgive(struct cp2fa_tx *tx,
                                            const char *id) CP2FA_USE_RESULT;

/**
 * Whether a session may still change the account's factors, as the database
 * has it now: it passed a second factor and has not ended, or the account has
 * no device. A step of a transaction: OK, NONE or FAILED.
 */
enum cp2fa_db_result cp2fa_accounts_standing(
    struct cp2fa_tx *tx, const char *id, const char *session) CP2FA_USE_RESULT;

/** Reads a device out of a row, from a column on (sql.c's order). -1 if the
 * row holds something that this version does not know. */
int cp2fa_accounts_device(const char *const *row,
                          struct cp2fa_device *device) CP2FA_USE_RESULT;

#endif
