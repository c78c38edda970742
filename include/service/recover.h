/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_RECOVER_H
#define CP2FA_SERVICE_RECOVER_H

#include "service/grant.h"

#define CP2FA_RECOVER_CODES 10 /* of a set */
#define CP2FA_RECOVER_FEW   3  /* left: time for a new set */
#define CP2FA_RECOVER_TEXT  29 /* 125 bits: five groups of five digits */

/* Recovery codes: a second factor on paper, for who has lost the phone. Each
 * works once; the database holds their HMACs. */

/** A fresh set in the clear: secret, the caller wipes it. */
struct cp2fa_recover_set {
    char code[CP2FA_RECOVER_CODES][CP2FA_RECOVER_TEXT + 1];
};

/** Lets a session (by its hash) take a fresh set, once, within ten minutes.
 * The old set is good until then. DONE, NOT_ENABLED or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_recover_offer(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const char *session,
                                       int64_t now) CP2FA_USE_RESULT;

/**
 * Takes the offer: in one transaction it is used up, the old set dropped and
 * a new one stored. DONE with *set, NOT_PENDING if this session has no offer
 * (any more), or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_recover_take(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, const char *session, int64_t now,
    struct cp2fa_recover_set *set) CP2FA_USE_RESULT;

/**
 * Checks a code as cp2fa_verify_token does a token, on the same budget: an
 * attempt is reserved; the code is looked up; in one transaction it is used
 * up, every session of the account ends, one is granted, the owner told. A
 * locked factor stands in nobody's way here and is unlocked; a delay does.
 *
 * DONE with *grant, BAD_CODE, WAIT (grant->wait), NOT_ENROLLED or
 * UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_recover_use(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const char *typed, int64_t now, struct cp2fa_grant *grant) CP2FA_USE_RESULT;

#endif
