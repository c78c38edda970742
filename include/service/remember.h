/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_REMEMBER_H
#define CP2FA_SERVICE_REMEMBER_H

#include "service/grant.h"

/* TwoFactorRememberDevice: a browser whose owner says so, when a token was
 * right, stands for the token for a while. It is a row among the sessions,
 * of an amr that opens nothing, so whatever ends the account's sessions ends
 * it, too; its cookie is no good without the first factor. */

/** Adds to a grant what its browser is remembered by: the id for a cookie of
 * its own, and the row. Returns 0, or -1. */
int cp2fa_remember_make(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_rules *rules,
                        struct cp2fa_grant *grant) CP2FA_USE_RESULT;

/**
 * A session for who has the first factor and comes with a remembered browser
 * (`hash` of the id in its cookie) in the place of a token: DONE; INVALID if
 * the browser is not, or no longer, remembered for this account; LOCKED; or
 * UNAVAILABLE. `old` (or NULL) is the session that it takes the place of. Its
 * auth_time stays that of the token, so a change of factors asks for one.
 */
enum cp2fa_outcome cp2fa_remember_redeem(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const char *hash, const char *old, int64_t now, struct cp2fa_grant *grant);

#endif
