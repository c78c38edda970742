/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_HEADCOUNT_H
#define CP2FA_GATE_HEADCOUNT_H

#include "store/census.h"

/* How many accounts, devices and sessions there are, in memory that the
 * children share. To count takes seconds where there are a million: so from
 * 10,000 on it is kept for a hundred times as long as it took, and whoever asks
 * often costs the database a hundredth of its time. */
struct cp2fa_headcount;

/** Made in post_config, before there are children. NULL: no memory. */
struct cp2fa_headcount *cp2fa_headcount_create(apr_pool_t *pconf);

/** What is kept, or counted now, in seconds since 1970: OK. NONE: somebody else
 * counts for the first time. FAILED. Where headcount is NULL, it counts. */
enum cp2fa_db_result cp2fa_headcount_ask(
    struct cp2fa_headcount *headcount, struct cp2fa_store *store, apr_pool_t *p,
    int64_t now, struct cp2fa_totals *totals) CP2FA_USE_RESULT;

#endif
