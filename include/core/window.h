/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_WINDOW_H
#define CP2FA_CORE_WINDOW_H

#include <stdint.h>

/* Which of a device's codes let in. A clock may be off by some minutes, which
 * makes many codes good at once; so all of them are good alone only while few
 * tokens were wrong, then those around the skew that the clock is known to
 * have, and of the others, two in a row. */

#define CP2FA_WINDOW_WIDE    2 /* failures from which on it is narrow */
#define CP2FA_WINDOW_DEVICES 8 /* an account with more always needs two */

/* How many codes can let in alone, over all devices of an account and all
 * attempts of one rolling window of failures. 13 windows of 30 days begin in
 * a year, and 13 * 76 in a million is below 1 in 1000 (core/odds.h). */
#define CP2FA_WINDOW_CODES 76

/** What is known of a device's clock, all in time steps. */
struct cp2fa_window {
    int64_t reach;     /* how far off it may be, either way */
    int64_t skew;      /* how far off it was */
    int64_t last_step; /* the last one accepted, -1 before the first */
    int64_t half_step; /* the first of two in a row, -1: there is none */
    unsigned alone;    /* how many codes let in alone */
};

enum cp2fa_window_verdict {
    CP2FA_WINDOW_NO,
    CP2FA_WINDOW_USED, /* a code of a step that is over */
    CP2FA_WINDOW_HALF, /* right, and the next one is needed, too */
    CP2FA_WINDOW_YES,
};

/**
 * How many of a device's 2 * reach + 1 codes let in alone, at an attempt with
 * so many failures before it: all, the three around its skew, or none.
 */
unsigned cp2fa_window_alone(unsigned failures, int64_t reach, unsigned devices);

/**
 * What a code is good for: bit i of matches says that it is that of step
 * here - reach + i. *step is the step it counts as.
 */
enum cp2fa_window_verdict cp2fa_window_judge(const struct cp2fa_window *window,
                                             int64_t here, uint64_t matches,
                                             int64_t *step);

/** The skew to be known after a code that many steps off let in: it moves at
 * most one step a log-in, so that nobody can walk it away; the first sets it.
 */
int64_t cp2fa_window_learn(const struct cp2fa_window *window, int64_t off);

#endif
