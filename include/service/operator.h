/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_OPERATOR_H
#define CP2FA_SERVICE_OPERATOR_H

#include "service/service.h"
#include "store/accounts.h"

/* What an operator does to an account: each in one transaction with the event
 * in the audit trail and the owner's mail. The account was read before. now is
 * in microseconds. DONE or UNAVAILABLE, if nothing else is said. */

#define CP2FA_OPERATOR "operator" /* stands for the address in the trail */

/** Forgets failures and lock. */
enum cp2fa_outcome cp2fa_operator_unlock(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_who *who,
                                         const struct cp2fa_account *account,
                                         int64_t now) CP2FA_USE_RESULT;

/** Sets the registered address ("" for none) and tells the old and the new
 * one. BAD_NAME if it is no address. */
enum cp2fa_outcome cp2fa_operator_set_email(const struct cp2fa_service *service,
                                            apr_pool_t *p,
                                            const struct cp2fa_who *who,
                                            const struct cp2fa_account *account,
                                            const char *email,
                                            int64_t now) CP2FA_USE_RESULT;

/** Ends one session (its hash) or all (NULL); *ended says how many. Where none
 * ended, nobody is told. */
enum cp2fa_outcome cp2fa_operator_end_sessions(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, const struct cp2fa_account *account,
    const char *hash, int64_t now, int *ended) CP2FA_USE_RESULT;

/**
 * What may have been used up since a time, in seconds, and is good again
 * because an old backup was put back: sessions, application and mailed tokens
 * that began before end, recovery codes made before are void, and every PIN up to
 * `ahead` seconds from now of a device last used before.
 */
enum cp2fa_outcome cp2fa_operator_revoke(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_who *who,
                                         const struct cp2fa_account *account,
                                         int64_t since, int64_t ahead,
                                         int64_t now) CP2FA_USE_RESULT;

/** Records what concerns no one account, such as a rotation of keys. */
enum cp2fa_outcome cp2fa_operator_note(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const char *kind, const char *detail,
                                       int64_t now) CP2FA_USE_RESULT;

/** A device that is brought along from elsewhere, with its secret. */
struct cp2fa_brought {
    const char *name; /* NULL: Authenticator */
    struct cp2fa_totp totp;
    const uint8_t *secret;
    size_t len;
    int64_t last_step; /* no code of it, or before, is good */
    int64_t skew;
};

#define CP2FA_BROUGHT_MIN 10 /* bytes of a secret: old apps had 80 bits */

/**
 * Adds it to an account, which is made if need be: active at once, beside
 * those that are there, and every session ends, as after an enrolment. *added
 * is 0, and nothing was changed, if the account has that very secret. DONE,
 * BAD_NAME, MALFORMED (secret or parameters that are not supported) or
 * UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_operator_bring(const struct cp2fa_service *service,
                                        apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const struct cp2fa_brought *brought,
                                        int64_t now,
                                        int *added) CP2FA_USE_RESULT;

#endif
