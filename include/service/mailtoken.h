/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_MAILTOKEN_H
#define CP2FA_SERVICE_MAILTOKEN_H

#include "service/attempt.h"
#include "store/mailtokens.h"

#define CP2FA_MAILTOKEN_LEN 16 /* random bytes: 128 bit */

/* Tokens by mail: 128 random bits that work once, for minutes, in the session
 * that asked for them alone. A new one voids the old. */

/** What a token is asked for. */
struct cp2fa_mailtoken_wish {
    const char *purpose;   /* CP2FA_MAILTOKEN_… */
    const char *kind;      /* of the mail */
    const char *session;   /* hash of the session that may redeem it */
    const char *recipient; /* NULL: all as ever, but no mail is sent */
    int64_t lifetime;      /* seconds */
};

#define CP2FA_MAILTOKEN_BYPASS "bypass"
#define CP2FA_MAILTOKEN_EMAIL  "email"

/**
 * Makes a token and its mail in one transaction, if the account's rate lets
 * it. DONE, WAIT (*wait in seconds; nothing was changed) or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_mailtoken_ask(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const struct cp2fa_account *account,
                                       const struct cp2fa_mailtoken_wish *wish,
                                       int64_t now,
                                       unsigned *wait) CP2FA_USE_RESULT;

/** A token that was found right, and is yet to be used up. */
struct cp2fa_mailtoken_found {
    struct cp2fa_mailtoken token; /* token.email is the address it stands for */
    struct cp2fa_attempt attempt;
};

/**
 * Checks a typed token. It is a guess like that of a PIN: a wrong one counts,
 * and delays hold it up; but the lock does not, since the mail is a way out of
 * it. Where this session asked for none there is nothing to guess, and nothing
 * counts. DONE, MALFORMED, INVALID, WAIT (found->attempt.wait) or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_mailtoken_check(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const char *purpose, const char *session,
    const char *typed, int64_t now, struct cp2fa_account **account,
    struct cp2fa_mailtoken_found *found) CP2FA_USE_RESULT;

/** Uses it up and gives the attempt back, in the transaction of what it is
 * for: OK, NONE if somebody else was faster, or FAILED. */
enum cp2fa_db_result cp2fa_mailtoken_use(
    struct cp2fa_tx *tx, apr_pool_t *p,
    const struct cp2fa_mailtoken_found *found, int64_t now) CP2FA_USE_RESULT;

#endif
