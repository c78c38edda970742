/* SPDX-License-Identifier: Apache-2.0 */
#include "core/window.h"

#define NARROW 3 /* codes: the known skew, a step before and one behind */
#define KEPT   4 /* narrow attempts that wide ones must leave over */

unsigned cp2fa_window_alone(unsigned failures, int64_t reach, unsigned devices)
{
    unsigned wide = 2 * (unsigned)reach + 1;
    unsigned narrow = wide < NARROW ? wide : NARROW;
    unsigned spent = failures * narrow;

    if (devices > CP2FA_WINDOW_DEVICES) {
        return 0;
    }
    /* A second phone doubles what a guess can hit. Rather than let odds grow
     * with it, more of them are wide less often. */
    if ((CP2FA_WINDOW_WIDE * wide + KEPT * narrow) * devices
        <= CP2FA_WINDOW_CODES) {
        if (failures < CP2FA_WINDOW_WIDE) {
            return wide;
        }
        spent += CP2FA_WINDOW_WIDE * (wide - narrow);
    }
    return (spent + narrow) * devices <= CP2FA_WINDOW_CODES ? narrow : 0;
}

static int64_t clamp(int64_t value, int64_t limit)
{
    return value > limit ? limit : value < -limit ? -limit : value;
}

static int is_alone(const struct cp2fa_window *window, int64_t off)
{
    int64_t from_skew = off - clamp(window->skew, window->reach);

    return window->alone > 2 * window->reach
           || (window->alone > 0 && from_skew >= -1 && from_skew <= 1);
}

static enum cp2fa_window_verdict judge(const struct cp2fa_window *window,
                                       int64_t here, int64_t step)
{
    if (step <= window->last_step) {
        return CP2FA_WINDOW_USED;
    }
    if (is_alone(window, step - here)
        || (window->half_step >= 0 && step == window->half_step + 1)) {
        return CP2FA_WINDOW_YES;
    }
    /* the same half again is no second one */
    return step > window->half_step ? CP2FA_WINDOW_HALF : CP2FA_WINDOW_USED;
}

enum cp2fa_window_verdict cp2fa_window_judge(const struct cp2fa_window *window,
                                             int64_t here, uint64_t matches,
                                             int64_t *step)
{
    enum cp2fa_window_verdict best = CP2FA_WINDOW_NO;

    *step = -1;
    for (int64_t off = -window->reach; off <= window->reach; off++) {
        enum cp2fa_window_verdict one;

        if (!(matches >> (off + window->reach) & 1)) {
            continue;
        }
        one = judge(window, here, here + off);
        if (one > best) {
            best = one;
            *step = here + off;
        }
    }
    return best;
}

int64_t cp2fa_window_learn(const struct cp2fa_window *window, int64_t off)
{
    if (window->last_step < 0) {
        return clamp(off, window->reach);
    }
    return clamp(window->skew + clamp(off - window->skew, 1), window->reach);
}
