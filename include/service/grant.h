/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_GRANT_H
#define CP2FA_SERVICE_GRANT_H

#include "core/token.h"
#include "service/service.h"
#include "store/sessions.h"

/** What a person gets for a second factor: a session under a fresh id. */
struct cp2fa_grant {
    char id[CP2FA_TOKEN_TEXT + 1]; /* secret: for the cookie, then wiped */
    struct cp2fa_session session;
    struct cp2fa_rows ended; /* hashes of the sessions that ended with it */
    unsigned wait;           /* seconds, with CP2FA_OUTCOME_WAIT */
};

/**
 * Makes a session of an account (nothing is stored yet): 32 random bytes,
 * of which the database gets the hash. Returns 0, or -1.
 */
int cp2fa_grant_make(const struct cp2fa_service *service, apr_pool_t *p,
                     const struct cp2fa_rules *rules,
                     const struct cp2fa_who *who, const char *account,
                     const char *amr, int64_t now,
                     struct cp2fa_grant *grant) CP2FA_USE_RESULT;

/** Notes that the grant takes the place of a session (its hash, or NULL), so
 * that caches forget it. */
void cp2fa_grant_replaces(apr_pool_t *p, struct cp2fa_grant *grant,
                          const char *old);

#endif
