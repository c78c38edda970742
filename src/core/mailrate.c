/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mailrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND      INT64_C(1000000) /* microseconds */
#define GAP         60               /* seconds between two tokens */
#define DAY         86400
#define FIRST_RETRY 30
#define LAST_RETRY  3600

static int64_t time_of(const char *entry)
{
    return strtoll(entry, NULL, 10);
}

static unsigned seconds_left(int64_t until, int64_t now, unsigned most)
{
    int64_t left = (until - now + SECOND - 1) / SECOND;

    return left < 1 ? 1 : left > most ? most : (unsigned)left;
}

int cp2fa_mailrate_next(const char *times, int64_t now,
                        char after[CP2FA_MAILRATE_TEXT + 1], unsigned *wait)
{
    size_t len;
    int64_t last;

    *wait = GAP;
    if (!cp2fa_throttle_valid(times)) {
        return -1; /* somebody spoilt the row */
    }
    while (*times && time_of(times) <= now - DAY * SECOND) {
        times += CP2FA_FAILURE_LEN;
    }
    len = strlen(times);
    /* Times ahead of us, after a clock was set back, are forgotten. */
    while (len > 0
           && time_of(times + len - CP2FA_FAILURE_LEN) > now + GAP * SECOND) {
        len -= CP2FA_FAILURE_LEN;
    }
    last = len > 0 ? time_of(times + len - CP2FA_FAILURE_LEN) : 0;
    if (len > 0 && last > now - GAP * SECOND) {
        *wait = seconds_left(last + GAP * SECOND, now, GAP);
        return -1;
    }
    if (len >= CP2FA_MAILRATE_TEXT) {
        *wait = seconds_left(time_of(times) + DAY * SECOND, now, DAY);
        return -1;
    }
    memcpy(after, times, len);
    snprintf(after + len, CP2FA_FAILURE_LEN + 1, "%016" PRIu64 " ",
             (uint64_t)now % UINT64_C(10000000000000000));
    return 0;
}

int64_t cp2fa_mailrate_retry(int64_t tries, int64_t created, int64_t expires,
                             int64_t now)
{
    int64_t delay = FIRST_RETRY;

    for (int64_t i = 1; i < tries && delay < LAST_RETRY; i++) {
        delay *= 2;
    }
    delay = delay < LAST_RETRY ? delay : LAST_RETRY;
    if (now + delay > created + DAY
        || (expires != 0 && now + delay >= expires)) {
        return -1;
    }
    return now + delay;
}
