/* SPDX-License-Identifier: Apache-2.0 */
#include "core/odds.h"

#include "core/window.h"

#define YEAR (INT64_C(366) * 86400 * 1000000) /* microseconds */

/* Of the attempts in any one window, the k-th has at least k - 1 failures
 * before it, whatever was tried earlier, and the factor locks at the limit: no
 * timing gets more out of a window than one attempt with each number of
 * failures. A year is covered by so many windows, rounded up. The lock is
 * counted as if the owner, who is told, left it at once in each window. Two in
 * a row are not counted: within the minutes that the first is good for, an
 * attacker hits both with odds of less than 1 in a thousand million. */
int64_t cp2fa_odds_codes(const struct cp2fa_throttle *throttle, int64_t reach,
                         unsigned devices)
{
    int64_t windows = (YEAR + throttle->window - 1) / throttle->window;
    int64_t codes = 0;

    for (unsigned failures = 0; failures < throttle->limit; failures++) {
        codes += cp2fa_window_alone(failures, reach, devices) * devices;
    }
    return windows * codes;
}

static int64_t worst(const struct cp2fa_throttle *throttle, int64_t reach)
{
    int64_t most = 0;

    for (unsigned devices = 1; devices <= CP2FA_WINDOW_DEVICES; devices++) {
        int64_t codes = cp2fa_odds_codes(throttle, reach, devices);

        most = codes > most ? codes : most;
    }
    return most;
}

/* The chances of single guesses added up, which is a little more than the
 * chance that any of them hits. */
int64_t cp2fa_odds_one_in(const struct cp2fa_throttle *throttle, int64_t reach,
                          unsigned digits)
{
    int64_t codes = worst(throttle, reach);
    int64_t all = 1;

    while (digits-- > 0) {
        all *= 10;
    }
    return all > codes ? all / codes : 1;
}

int cp2fa_odds_low(const struct cp2fa_throttle *throttle, int64_t reach)
{
    return cp2fa_odds_one_in(throttle, reach, CP2FA_ODDS_DIGITS)
           > CP2FA_ODDS_LIMIT;
}
