/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_SECRET_H
#define CP2FA_SERVICE_SECRET_H

#include "core/seal.h"
#include "service/service.h"
#include "store/accounts.h"

/**
 * Seals a device's secret, bound to realm, user, row and token parameters,
 * into device->secret, from p. Returns 0, or -1.
 */
int cp2fa_secret_seal(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_who *who, struct cp2fa_device *device,
                      const uint8_t *secret, size_t len) CP2FA_USE_RESULT;

/**
 * Opens it. Returns its length in bytes, or -1 with a complaint: a wrong key,
 * or a row that was tampered with. The caller wipes out.
 */
int cp2fa_secret_open(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_who *who,
                      const struct cp2fa_device *device,
                      uint8_t out[CP2FA_SEAL_PLAIN_MAX]) CP2FA_USE_RESULT;

/** Which step a typed token belongs to. */
struct cp2fa_match {
    int64_t step;
    int64_t skew; /* what is learned of the device's clock, in steps */
};

/**
 * Compares a typed token with a device's codes within the allowed clock skew.
 * How many let in alone depends on the failures before this attempt, and on
 * the number of devices that it is compared with (core/window.h).
 * DONE, MALFORMED, INVALID, USED (an accepted step, or one before it), HALF
 * (the next one is needed, too), or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_secret_match(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const struct cp2fa_device *device, unsigned failures, unsigned devices,
    const char *typed, int64_t now, struct cp2fa_match *match) CP2FA_USE_RESULT;

/**
 * How many seconds the last step that the device was let in with is ahead of
 * this clock and all that a device's may be off: the clock was ahead then, or
 * is behind now, and until it gets there no token is good. 0: it is not.
 */
int64_t cp2fa_secret_ahead(const struct cp2fa_rules *rules,
                           const struct cp2fa_device *device, int64_t now);

#endif
