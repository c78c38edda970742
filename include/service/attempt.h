/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_ATTEMPT_H
#define CP2FA_SERVICE_ATTEMPT_H

#include "service/service.h"
#include "store/accounts.h"

/** An attempt that is counted as failed until it is given back. */
struct cp2fa_attempt {
    const char *account; /* its id */
    char entry[CP2FA_FAILURE_LEN + 1];
    unsigned failures; /* in the window, before this one */
    unsigned wait;     /* seconds until the next is taken, if this one fails */
    int tells;         /* if it fails, the owner should hear of it … */
    int locks;         /* … and that the factor is locked now */
};

/** What time waits and windows of an account go by, in microseconds: the
 * database's clock, or who asks two nodes by turns would wait less; now, where
 * the database has none. */
int64_t cp2fa_attempt_clock(const struct cp2fa_account *account, int64_t now);

/**
 * Reserves an attempt before anything is checked, committed, so that neither
 * a race nor a crash can make a guess for free. Every door to a second
 * factor comes through here: there is one budget. *account is read again if
 * another attempt came between. DONE, WAIT, LOCKED, NOT_ENROLLED (the
 * account vanished) or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_attempt_reserve(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, int64_t now,
    struct cp2fa_account **account,
    struct cp2fa_attempt *attempt) CP2FA_USE_RESULT;

/**
 * The same at a door that leads out of a lock (a mailed token, a recovery
 * code): the attempt counts and waits as any other, but a lock does not
 * refuse it. Never LOCKED.
 */
enum cp2fa_outcome cp2fa_attempt_reserve_recovery(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, int64_t now,
    struct cp2fa_account **account,
    struct cp2fa_attempt *attempt) CP2FA_USE_RESULT;

/**
 * The factor was wrong: tells the owner, if that is due, in a transaction. A
 * mail that can't be written is complained of; the attempt counts anyway.
 */
void cp2fa_attempt_failed(const struct cp2fa_service *service, apr_pool_t *p,
                          const struct cp2fa_who *who,
                          const struct cp2fa_account *account,
                          const struct cp2fa_attempt *attempt, int64_t now);

/** The factor was right: gives the attempt back within the transaction. */
enum cp2fa_db_result cp2fa_attempt_succeed(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const struct cp2fa_attempt *attempt)
    CP2FA_USE_RESULT;

/** Nothing was checked, for a fault of ours: gives it back if it can. */
void cp2fa_attempt_void(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_attempt *attempt);

#endif
