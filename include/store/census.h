/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_CENSUS_H
#define CP2FA_STORE_CENSUS_H

#include "store/db.h"

/** What is out of the ordinary, for operators: few, however many accounts. */
struct cp2fa_census {
    int64_t locked;  /* accounts */
    int64_t pending; /* devices */
    int64_t queued;  /* mails */
    int64_t dead;
    int64_t oldest; /* second in which the oldest queued mail was written; 0 */
};

/** How many there are in all. */
struct cp2fa_totals {
    int64_t sessions; /* that have not ended; some may be idle */
    int64_t accounts;
    int64_t devices; /* pending ones, too */
};

/** Looks them up, in small indexes: OK or FAILED. */
enum cp2fa_db_result cp2fa_census_take(struct cp2fa_store *store, apr_pool_t *p,
                                       struct cp2fa_census *census)
    CP2FA_USE_RESULT;

/** Counts them, in steps of ten thousand that take milliseconds each; it takes
 * two seconds with a million, so the answer must be kept. now is in seconds.
 * OK or FAILED. */
enum cp2fa_db_result cp2fa_census_count(
    struct cp2fa_store *store, apr_pool_t *p, int64_t now,
    struct cp2fa_totals *totals) CP2FA_USE_RESULT;

#endif
