/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_VERIFY_H
#define CP2FA_SERVICE_VERIFY_H

#include "service/grant.h"

/**
 * Checks a token of one of the account's devices and grants a session:
 * 1. an attempt is reserved, committed; 2. the codes are compared; 3. in one
 * transaction the step is used up, the attempt given back, the session made.
 * A crash in between costs an attempt and never grants one.
 *
 * HALF: the token is right, but not enough alone (core/window.h); nothing was
 * counted, and the next one that the device shows will do.
 *
 * grant->foretell is told of the session right before 3.
 * old: the hash of the session that this one replaces, or NULL.
 * DONE with *grant, else MALFORMED, INVALID, USED, HALF, WAIT (grant->wait),
 * LOCKED, NOT_ENROLLED or UNAVAILABLE. What was looked at and is not DONE may
 * have grant->ahead set: no token can be good, by this clock.
 */
enum cp2fa_outcome cp2fa_verify_token(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const char *typed, const char *old, int64_t now,
    struct cp2fa_grant *grant) CP2FA_USE_RESULT;

#endif
