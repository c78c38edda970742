/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pace.h"

#include <apr_atomic.h>
#include <apr_md5.h>

#include "gate/segment.h"

#define LONGEST (5 * APR_USEC_PER_SEC) /* a worker is held no longer */
#define RISE    2                      /* half of the way up at once */
#define FALL    16

/* bcrypt at htpasswd's own cost, of a password that nobody has */
#define TYPICAL "$2y$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"

/** The one thing in a configuration that changes while the server runs. */
struct cp2fa_pace {
    volatile apr_uint32_t usec; /* 0: nothing was learned yet */
};

struct cp2fa_pace *cp2fa_pace_create(apr_pool_t *pconf)
{
    return cp2fa_segment_create(pconf, sizeof(struct cp2fa_pace));
}

/* Near the upper end of what checks take: quickly up, slowly down. That two
 * children overwrite each other's lesson does no harm. */
void cp2fa_pace_learn(struct cp2fa_pace *pace, apr_interval_time_t took)
{
    apr_interval_time_t now;

    if (!pace) {
        return;
    }
    took = took > LONGEST ? LONGEST : took;
    now = apr_atomic_read32(&pace->usec);
    if (now == 0) {
        now = took;
    }
    else if (took > now) {
        now += (took - now) / RISE + 1;
    }
    else {
        now -= (now - took) / FALL;
    }
    apr_atomic_set32(&pace->usec, (apr_uint32_t)(now > 0 ? now : 1));
}

void cp2fa_pace_fill(const struct cp2fa_pace *pace, apr_interval_time_t took,
                     const char *password)
{
    apr_interval_time_t wanted =
        pace ? apr_atomic_read32((volatile apr_uint32_t *)&pace->usec) : 0;

    if (wanted == 0) {
        /* for the time it takes; nobody asks what it says */
        (void)apr_password_validate(password, TYPICAL);
    }
    else if (wanted > took) {
        apr_sleep(wanted - took);
    }
}
