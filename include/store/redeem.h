/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_REDEEM_H
#define CP2FA_STORE_REDEEM_H

#include "store/sessions.h"

/** A right token, and what it is good for. */
struct cp2fa_redeem {
    const char *account;
    const char *entry;  /* of the attempt, to be given back */
    const char *device; /* whose token it is */
    int64_t step;
    int64_t skew;
    const char
        *old; /* hash of the session that the new one replaces, or NULL */
    const struct cp2fa_session *session; /* begins at the time of the step */
    const struct cp2fa_session *browser; /* to be remembered, or NULL */
};

/**
 * Uses the step up, gives the attempt back, ends the old session, clears the
 * account's ended ones away and adds the new: all of it or nothing, and one
 * round trip to a server. OK, NONE if the step, or a later one, was used
 * before or the device is gone, or FAILED.
 */
enum cp2fa_db_result cp2fa_redeem_step(struct cp2fa_store *store, apr_pool_t *p,
                                       const struct cp2fa_redeem *redeem)
    CP2FA_USE_RESULT;

#endif
