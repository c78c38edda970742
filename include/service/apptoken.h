/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_APPTOKEN_H
#define CP2FA_SERVICE_APPTOKEN_H

#include "core/apptoken.h"
#include "service/service.h"
#include "store/apptokens.h"

/* Application tokens: made by who has passed both factors, for a program that
 * can pass none. Like recovery codes, one is offered to a session, which then
 * sees it once; until that moment it has no secret. */

#define CP2FA_APPTOKEN_LIMIT 20 /* of an account */

/** What is asked for, as it was typed. */
struct cp2fa_apptoken_wish {
    const char *name;
    const char *path;    /* "" is "/" */
    const char *expires; /* a duration, a minute to 366 days; "": 90 days */
};

/** Offers one to a session. DONE, NOT_ENABLED (the account has no device),
 * BAD_NAME, BAD_PATH, BAD_EXPIRY, TOO_MANY, NOT_ALLOWED or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_apptoken_offer(const struct cp2fa_service *service,
                                        apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const struct cp2fa_apptoken_wish *wish,
                                        const char *session, int64_t now);

/** What is shown once. Wipe text. */
struct cp2fa_apptoken_made {
    char text[CP2FA_APPTOKEN_TEXT + 1];
    const char *name;
    const char *path;
    int64_t expires; /* seconds */
};

/** Makes the secret of what this session was offered, and tells the owner.
 * DONE, NOT_PENDING or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_apptoken_take(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const char *session, int64_t now,
                                       struct cp2fa_apptoken_made *made);

/** All of an account, the newest first. DONE or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_apptoken_list(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       struct cp2fa_app_token **tokens,
                                       int *count);

/** Ends one at once, and tells the owner. DONE, NO_APP_TOKEN, UNAVAILABLE. */
enum cp2fa_outcome cp2fa_apptoken_end(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who,
                                      const char *id, int64_t now);

/** What became of one that a program has shown. */
enum cp2fa_apptoken_said {
    CP2FA_APPTOKEN_GOOD,
    CP2FA_APPTOKEN_MALFORMED, /* can't be one; nobody was asked */
    CP2FA_APPTOKEN_UNKNOWN,   /* or ended, or its secret is wrong */
    CP2FA_APPTOKEN_EXPIRED,
    CP2FA_APPTOKEN_ELSEWHERE, /* of another realm */
    CP2FA_APPTOKEN_NOT_HIS,   /* of another user than the one named */
    CP2FA_APPTOKEN_OUTSIDE,   /* its path doesn't cover the address */
    CP2FA_APPTOKEN_OUR_PAGES, /* no token opens the module's own pages */
    CP2FA_APPTOKEN_CANT_TELL,
};

#define CP2FA_APPTOKEN_SAYINGS (CP2FA_APPTOKEN_CANT_TELL + 1)

/**
 * Checks the secret and the time. *token, from p, is set if it is GOOD; where
 * it is good, the gate says. Returns GOOD, MALFORMED, UNKNOWN, EXPIRED or
 * CANT_TELL.
 */
enum cp2fa_apptoken_said cp2fa_apptoken_check(
    const struct cp2fa_service *service, apr_pool_t *p, const char *text,
    int64_t now, const struct cp2fa_app_token **token);

/** Notes that it let somebody in, at most once a minute. */
void cp2fa_apptoken_used(const struct cp2fa_service *service, apr_pool_t *p,
                         const struct cp2fa_app_token *token,
                         const char *address, int64_t now);

#endif
