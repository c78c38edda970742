/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_THROTTLE_H
#define CP2FA_CORE_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* The arithmetic of attempts. An account's recent failures are one string of
 * times, the oldest first, each 16 digits of microseconds since 1970 and a
 * blank, so that the database can compare-and-set the whole of it in one
 * statement, and can take one out by its text. */

#define CP2FA_FAILURE_LEN   17
#define CP2FA_FAILURES_MAX  100 /* highest limit one can set */
#define CP2FA_FAILURES_TEXT (CP2FA_FAILURE_LEN * CP2FA_FAILURES_MAX)

/** TwoFactorFailureLimit. */
struct cp2fa_throttle {
    unsigned limit; /* failures in the window before the factor locks */
    int64_t window; /* microseconds */
};

/** An account's state as the database holds it; all times microseconds. */
struct cp2fa_attempts {
    char failures[CP2FA_FAILURES_TEXT + 1];
    int64_t next_try;  /* no attempt is taken before this time */
    int64_t locked_at; /* 0, or when the factor locked */
};

enum cp2fa_throttle_answer {
    CP2FA_THROTTLE_GO,
    CP2FA_THROTTLE_WAIT,
    CP2FA_THROTTLE_LOCKED,
};

/** Returns 1 if text is a string of failures as described above, sorted. */
int cp2fa_throttle_valid(const char *text);

/** Whether an attempt may be made now; for WAIT, *wait is in whole seconds. */
enum cp2fa_throttle_answer cp2fa_throttle_ask(
    const struct cp2fa_attempts *attempts, int64_t now, unsigned *wait);

/**
 * Whether the wait is of a clock that was ahead: longer than any that this one
 * can have set. *after is then the same with the whole wait from now on, so
 * that nobody waits for days, or not at all. 1 or 0.
 */
int cp2fa_throttle_ahead(const struct cp2fa_attempts *before, int64_t now,
                         struct cp2fa_attempts *after);

/** How many failures lie within the window that ends now. */
unsigned cp2fa_throttle_count(const struct cp2fa_throttle *throttle,
                              const struct cp2fa_attempts *attempts,
                              int64_t now);

/**
 * The state after one more attempt, counted as failed until it is known
 * better: the failure is noted, the delay grows from the third on (30 s,
 * doubled to at most an hour), and the factor locks at the limit. entry is
 * the time noted, unique in this account.
 */
void cp2fa_throttle_reserve(const struct cp2fa_throttle *throttle,
                            const struct cp2fa_attempts *before, int64_t now,
                            struct cp2fa_attempts *after,
                            char entry[CP2FA_FAILURE_LEN + 1]);

/**
 * Whether the owner should hear of the last failure in a string: it is the
 * third, or a later one an hour or more after the last that told. Follows
 * from the string alone, so that of attempts that race one tells. 1 or 0.
 */
int cp2fa_throttle_tells(const char *failures);

#endif
