/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_GRANT_H
#define CP2FA_SERVICE_GRANT_H

#include "core/token.h"
#include "service/service.h"
#include "store/sessions.h"

/** What a person gets for a second factor: a session under a fresh id, and
 * perhaps that the browser is remembered. */
struct cp2fa_grant {
    char id[CP2FA_TOKEN_TEXT + 1]; /* secret: for the cookie, then wiped */
    struct cp2fa_session session;
    int remember; /* asked for: that the browser is remembered */
    char browser_id[CP2FA_TOKEN_TEXT + 1]; /* secret, too; empty: none */
    struct cp2fa_session browser;          /* see service/remember.h */
    struct cp2fa_rows ended; /* hashes of the sessions that ended with it */
    unsigned wait;           /* seconds until the next try is taken */
    int64_t ahead;           /* seconds, see cp2fa_secret_ahead; 0: no */
    /* Told of the session before the database is, or NULL: a cache that has it
     * from then on can't bring back what somebody has ended. Nobody knows the
     * id yet, and if nothing comes of it, nobody ever will. */
    void (*foretell)(void *baton, const struct cp2fa_session *session);
    void *baton;
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

/** Draws an id, 32 random bytes as text, and its hash from p. Returns 0, or
 * -1. */
int cp2fa_grant_id(const struct cp2fa_service *service, apr_pool_t *p,
                   char id[CP2FA_TOKEN_TEXT + 1],
                   const char **hash) CP2FA_USE_RESULT;

/** Forgets the ids. */
void cp2fa_grant_wipe(struct cp2fa_grant *grant);

/** Lists the session that this grant has replaced (its hash, or NULL), for the
 * caches to forget. */
void cp2fa_grant_replaces(struct cp2fa_grant *grant, apr_pool_t *p,
                          const char *old);

#endif
