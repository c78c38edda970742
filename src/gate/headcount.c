/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/headcount.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <apr_time.h>

#include "gate/segment.h"

#define KEPT    100 /* times as long as it took */
#define SMALL   10000
#define GIVE_UP apr_time_from_sec(300) /* after that, who counts has died */

/* Times are microseconds of the machine's uptime: a clock that is set back must
 * not keep a number for hours. */
struct cp2fa_headcount {
    _Atomic int64_t sessions;
    _Atomic int64_t accounts;
    _Atomic int64_t devices;
    _Atomic int64_t good_until; /* 0: nothing is kept yet */
    _Atomic int64_t counting;   /* since when; 0: nobody counts */
};

struct cp2fa_headcount *cp2fa_headcount_create(apr_pool_t *pconf)
{
    return cp2fa_segment_create(pconf, sizeof(struct cp2fa_headcount));
}

static int64_t uptime(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * APR_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* One at a time counts: ten scrapers at once cost what one does. */
static int is_our_turn(struct cp2fa_headcount *headcount, int64_t began)
{
    int64_t since = headcount->counting;

    return (since == 0 || began - since > GIVE_UP)
           && atomic_compare_exchange_strong(&headcount->counting, &since,
                                             began);
}

/* What is counted in milliseconds always is. */
static int is_small(const struct cp2fa_totals *totals)
{
    return totals->sessions < SMALL && totals->accounts < SMALL
           && totals->devices < SMALL;
}

static void keep(struct cp2fa_headcount *headcount,
                 const struct cp2fa_totals *totals, int64_t began)
{
    int64_t now = uptime();

    headcount->sessions = totals->sessions;
    headcount->accounts = totals->accounts;
    headcount->devices = totals->devices;
    headcount->good_until = is_small(totals) ? now : now + (now - began) * KEPT;
}

enum cp2fa_db_result cp2fa_headcount_ask(struct cp2fa_headcount *headcount,
                                         struct cp2fa_store *store,
                                         apr_pool_t *p, int64_t now,
                                         struct cp2fa_totals *totals)
{
    enum cp2fa_db_result result;
    int64_t began = uptime();

    if (!headcount) {
        return cp2fa_census_count(store, p, now, totals);
    }
    if (headcount->good_until < began && is_our_turn(headcount, began)) {
        result = cp2fa_census_count(store, p, now, totals);
        if (result == CP2FA_DB_OK) {
            keep(headcount, totals, began);
        }
        headcount->counting = 0;
        return result;
    }
    totals->sessions = headcount->sessions;
    totals->accounts = headcount->accounts;
    totals->devices = headcount->devices;
    return headcount->good_until > 0 ? CP2FA_DB_OK : CP2FA_DB_NONE;
}
