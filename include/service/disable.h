/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_DISABLE_H
#define CP2FA_SERVICE_DISABLE_H

#include "service/notify.h"
#include "service/service.h"
#include "store/db.h"

/**
 * Disables two-factor authentication of an account, as a step of a
 * transaction: every device goes, pending ones, recovery codes and mailed
 * tokens too, every session ends, and the failures against the old secrets
 * are forgotten; notice (DISABLED …) is recorded and mailed. *ended lists the
 * hashes of the sessions. OK or FAILED.
 */
enum cp2fa_db_result cp2fa_disable_step(
    const struct cp2fa_service *service, struct cp2fa_tx *tx, apr_pool_t *p,
    const struct cp2fa_who *who, const struct cp2fa_account *account,
    enum cp2fa_notice notice, int64_t now,
    struct cp2fa_rows *ended) CP2FA_USE_RESULT;

/**
 * The same, as a transaction of its own. session is the hash of the session
 * that asks; NULL: the account's owner has proven himself otherwise. DONE (also
 * if there was nothing), NOT_ALLOWED if that session has ended or never
 * passed, or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_disable_all(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *session,
                                     enum cp2fa_notice notice, int64_t now,
                                     struct cp2fa_rows *ended) CP2FA_USE_RESULT;

/**
 * Removes one device of several, by its id: in one transaction it goes, every
 * session but the one that asks (its hash) ends, the owner is told. *ended as
 * above. DONE, NO_DEVICE, LAST_DEVICE (which would disable it all: nothing
 * was changed), NOT_ALLOWED as above or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_disable_device(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, const char *id, const char *session,
    int64_t now, struct cp2fa_rows *ended) CP2FA_USE_RESULT;

#endif
