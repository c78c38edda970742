/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_SIGNOUT_H
#define CP2FA_SERVICE_SIGNOUT_H

#include "service/service.h"
#include "store/sessions.h"

/** The account's sessions that are still good, the last seen first. DONE or
 * UNAVAILABLE. */
enum cp2fa_outcome cp2fa_signout_list(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_rules *rules,
                                      const struct cp2fa_who *who, int64_t now,
                                      struct cp2fa_session **sessions,
                                      int *count) CP2FA_USE_RESULT;

/** Ends one session, by its hash. DONE, NO_SESSION if the account has no such
 * session, or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_signout_one(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *hash) CP2FA_USE_RESULT;

/** Ends all sessions but one (its hash, or ""); *ended lists the hashes. DONE
 * or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_signout_others(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, const char *hash,
    struct cp2fa_rows *ended) CP2FA_USE_RESULT;

#endif
