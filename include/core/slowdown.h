/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_SLOWDOWN_H
#define CP2FA_CORE_SLOWDOWN_H

#include <stdint.h>

#include "core/bytes.h"

/* The arithmetic of wrong passwords. One origin (an address, a name, a name
 * from an address) has a number of failures and the time of the last. A
 * failure costs a wait that doubles, and is forgotten after a while: nobody is
 * ever locked out. Times are whole seconds. */

/** How an origin is slowed. */
struct cp2fa_slowdown {
    unsigned free; /* failures that cost nothing */
    int64_t first; /* the wait after the next one */
    int64_t most;  /* the longest wait */
    int64_t leak;  /* one failure is forgotten after this */
};

/** An origin as the database holds it; all zero if it is not there. */
struct cp2fa_slowness {
    int64_t failures;
    int64_t at; /* of the last failure */
};

/** How many failures still count. */
int64_t cp2fa_slowdown_level(const struct cp2fa_slowdown *rule,
                             const struct cp2fa_slowness *state, int64_t now);

/** How many seconds until the next try may be made; 0: now. */
unsigned cp2fa_slowdown_wait(const struct cp2fa_slowdown *rule,
                             const struct cp2fa_slowness *state, int64_t now);

/** The state after one more failure. */
void cp2fa_slowdown_fail(const struct cp2fa_slowdown *rule,
                         const struct cp2fa_slowness *before, int64_t now,
                         struct cp2fa_slowness *after);

#endif
