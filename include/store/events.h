/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_EVENTS_H
#define CP2FA_STORE_EVENTS_H

#include "store/db.h"

/** A line of the audit trail: who did what, when, from where. */
struct cp2fa_event {
    const char *id;
    int64_t at; /* seconds since 1970 */
    const char *account;
    const char *realm;
    const char *name;
    const char *kind;
    const char *address;
    const char *agent;
    const char *detail;
};

/** Adds it, in the transaction of what it records. OK or FAILED. */
enum cp2fa_db_result cp2fa_events_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const struct cp2fa_event *event)
    CP2FA_USE_RESULT;

#endif
