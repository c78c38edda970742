/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_ENROL_H
#define CP2FA_SERVICE_ENROL_H

#include "core/seal.h"
#include "service/grant.h"
#include "store/accounts.h"

#define CP2FA_ENROL_LIFETIME 600 /* seconds to confirm a pending device */

/* session: the hash of the session, or pre-session, that enrols. Nobody else
 * can see, confirm or drop what it has begun. */

/**
 * Begins an enrolment: a new secret of 160 bits, pending until a token
 * confirms it. What was pending before is dropped; active devices go on
 * working. DONE, BAD_NAME, NOT_ALLOWED
 * (the session ended, and there is a device by now) or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_enrol_start(const struct cp2fa_service *service,
                                     apr_pool_t *p,
                                     const struct cp2fa_rules *rules,
                                     const struct cp2fa_who *who,
                                     const char *name, const char *session,
                                     int64_t now) CP2FA_USE_RESULT;

/** A pending device with its secret in the clear: the caller wipes it. */
struct cp2fa_pending {
    struct cp2fa_device *device;
    uint8_t secret[CP2FA_SEAL_PLAIN_MAX];
    size_t len;
};

/** What this session has begun. DONE, NOT_PENDING or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_enrol_show(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, const char *session, int64_t now,
    struct cp2fa_pending *pending) CP2FA_USE_RESULT;

/**
 * Confirms it with a token, which is used up. In one transaction the device
 * becomes active in the place of its namesake, every session of the account
 * ends, and one is granted. Outcomes as of cp2fa_verify_token, or
 * NOT_PENDING.
 */
enum cp2fa_outcome cp2fa_enrol_confirm(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const char *session, const char *typed, int64_t now,
    struct cp2fa_grant *grant) CP2FA_USE_RESULT;

/** Drops it. DONE (also if there was nothing) or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_enrol_cancel(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who,
                                      const char *session,
                                      int64_t now) CP2FA_USE_RESULT;

#endif
