/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_CENSUS_H
#define CP2FA_STORE_CENSUS_H

#include "store/db.h"

/** How many there are in the database, for operators. */
struct cp2fa_census {
    int64_t sessions; /* that have not ended; some may be idle */
    int64_t accounts;
    int64_t devices; /* active ones */
    int64_t locked;  /* accounts */
    int64_t queued;  /* mails */
    int64_t dead;
    int64_t oldest; /* second in which the oldest queued mail was written; 0 */
};

/** Counts them; now is in seconds. OK or FAILED. Reads whole tables: some
 * 50 ms with a million rows, so not for every request. */
enum cp2fa_db_result cp2fa_census_take(struct cp2fa_store *store, apr_pool_t *p,
                                       int64_t now, struct cp2fa_census *census)
    CP2FA_USE_RESULT;

#endif
