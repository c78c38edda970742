/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_ODDS_H
#define CP2FA_CORE_ODDS_H

#include <stdint.h>

#include "core/throttle.h"

/* How likely it is that who has the password, but no device, guesses a token
 * within a year. Computed from what core/throttle.h and core/window.h allow
 * the best attacker there can be, who is never wrong about when to try. */

#define CP2FA_ODDS_LIMIT  1000 /* 1 in so many a year is too likely */
#define CP2FA_ODDS_DIGITS 6    /* what any device may have, at least */

/** The most codes that can let in alone, over all attempts of a year, in an
 * account with so many devices. */
int64_t cp2fa_odds_codes(const struct cp2fa_throttle *throttle, int64_t reach,
                         unsigned devices);

/** The odds, as 1 in so many a year, for the worst number of devices. */
int64_t cp2fa_odds_one_in(const struct cp2fa_throttle *throttle, int64_t reach,
                          unsigned digits);

/** Whether they are below 1 in CP2FA_ODDS_LIMIT. 1 or 0. */
int cp2fa_odds_low(const struct cp2fa_throttle *throttle, int64_t reach);

#endif
