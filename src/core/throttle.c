/* SPDX-License-Identifier: Apache-2.0 */
#include "core/throttle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND      1000000 /* microseconds */
#define FREE_TRIES  2       /* failures that cost no delay */
#define FIRST_DELAY 30      /* seconds */
#define LAST_DELAY  3600    /* seconds */
#define TELL_EVERY  3600    /* seconds */

int cp2fa_throttle_valid(const char *text)
{
    size_t len = strlen(text);

    for (size_t at = 0; at < len; at += CP2FA_FAILURE_LEN) {
        if (strspn(text + at, "0123456789") != CP2FA_FAILURE_LEN - 1
            || text[at + CP2FA_FAILURE_LEN - 1] != ' '
            || (at > 0
                && strncmp(text + at - CP2FA_FAILURE_LEN, text + at,
                           CP2FA_FAILURE_LEN)
                       >= 0)) {
            return 0;
        }
    }
    return len <= CP2FA_FAILURES_TEXT;
}

static int64_t time_of(const char *entry)
{
    /* the blank behind the digits ends the number */
    return strtoll(entry, NULL, 10);
}

enum cp2fa_throttle_answer cp2fa_throttle_ask(
    const struct cp2fa_attempts *attempts, int64_t now, unsigned *wait)
{
    *wait = 0;
    if (attempts->locked_at != 0) {
        return CP2FA_THROTTLE_LOCKED;
    }
    if (attempts->next_try > now) {
        int64_t left = (attempts->next_try - now + SECOND - 1) / SECOND;

        /* After a clock set back, the wait is no longer than it ever was. */
        *wait = left < LAST_DELAY ? (unsigned)left : LAST_DELAY;
        return CP2FA_THROTTLE_WAIT;
    }
    return CP2FA_THROTTLE_GO;
}

/* The failures within the window, as a tail of the string. */
static const char *recent(const struct cp2fa_throttle *throttle,
                          const char *failures, int64_t now)
{
    while (*failures && time_of(failures) <= now - throttle->window) {
        failures += CP2FA_FAILURE_LEN;
    }
    return failures;
}

unsigned cp2fa_throttle_count(const struct cp2fa_throttle *throttle,
                              const struct cp2fa_attempts *attempts,
                              int64_t now)
{
    return (unsigned)(strlen(recent(throttle, attempts->failures, now))
                      / CP2FA_FAILURE_LEN);
}

static int64_t delay_after(unsigned failures)
{
    int64_t seconds = FIRST_DELAY;

    if (failures <= FREE_TRIES) {
        return 0;
    }
    for (unsigned i = FREE_TRIES + 1; i < failures && seconds < LAST_DELAY;
         i++) {
        seconds *= 2;
    }
    return (seconds < LAST_DELAY ? seconds : LAST_DELAY) * SECOND;
}

int cp2fa_throttle_ahead(const struct cp2fa_attempts *before, int64_t now,
                         struct cp2fa_attempts *after)
{
    /* Not as soon as it is longer than this very delay: of two nodes whose
     * clocks differ by seconds, each would undo the other's wait. */
    if (before->next_try <= now + (int64_t)LAST_DELAY * SECOND) {
        return 0;
    }
    *after = *before;
    after->next_try =
        now
        + delay_after((unsigned)(strlen(before->failures) / CP2FA_FAILURE_LEN));
    return 1;
}

void cp2fa_throttle_reserve(const struct cp2fa_throttle *throttle,
                            const struct cp2fa_attempts *before, int64_t now,
                            struct cp2fa_attempts *after,
                            char entry[CP2FA_FAILURE_LEN + 1])
{
    const char *kept = recent(throttle, before->failures, now);
    size_t len = strlen(kept);
    int64_t at = now;
    unsigned count;

    if (len == CP2FA_FAILURES_TEXT) {
        kept += CP2FA_FAILURE_LEN;
        len -= CP2FA_FAILURE_LEN;
    }
    /* Two attempts in one microsecond, or a clock set back: still unique. */
    if (len > 0 && time_of(kept + len - CP2FA_FAILURE_LEN) >= at) {
        at = time_of(kept + len - CP2FA_FAILURE_LEN) + 1;
    }
    snprintf(entry, CP2FA_FAILURE_LEN + 1, "%016" PRIu64 " ",
             (uint64_t)at % UINT64_C(10000000000000000));
    memcpy(after->failures, kept, len);
    memcpy(after->failures + len, entry, CP2FA_FAILURE_LEN + 1);
    count = (unsigned)(len / CP2FA_FAILURE_LEN) + 1;
    after->next_try = now + delay_after(count);
    after->locked_at = before->locked_at          ? before->locked_at
                       : count >= throttle->limit ? at
                                                  : 0;
}

int cp2fa_throttle_tells(const char *failures)
{
    size_t count = strlen(failures) / CP2FA_FAILURE_LEN;
    int64_t told = 0;
    int tells = 0;

    for (size_t i = FREE_TRIES; i < count; i++) {
        int64_t at = time_of(failures + i * CP2FA_FAILURE_LEN);

        tells = at >= told + (int64_t)TELL_EVERY * SECOND;
        told = tells ? at : told;
    }
    return tells;
}
