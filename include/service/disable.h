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

/** The same, as a transaction of its own. DONE (also if there was nothing) or
 * UNAVAILABLE. */
enum cp2fa_outcome cp2fa_disable_all(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     enum cp2fa_notice notice, int64_t now,
                                     struct cp2fa_rows *ended) CP2FA_USE_RESULT;

#endif
