/* SPDX-License-Identifier: Apache-2.0 */
#include "core/slowdown.h"

/* A clock that was set back is as if no time had passed. */
static int64_t elapsed(const struct cp2fa_slowness *state, int64_t now)
{
    return now > state->at ? now - state->at : 0;
}

static int64_t delay(const struct cp2fa_slowdown *rule, int64_t failures)
{
    int64_t seconds = rule->first;

    if (failures <= rule->free) {
        return 0;
    }
    for (int64_t i = rule->free + 1; i < failures && seconds < rule->most;
         i++) {
        seconds *= 2;
    }
    return seconds < rule->most ? seconds : rule->most;
}

int64_t cp2fa_slowdown_level(const struct cp2fa_slowdown *rule,
                             const struct cp2fa_slowness *state, int64_t now)
{
    int64_t left = state->failures - elapsed(state, now) / rule->leak;

    return left > 0 ? left : 0;
}

unsigned cp2fa_slowdown_wait(const struct cp2fa_slowdown *rule,
                             const struct cp2fa_slowness *state, int64_t now)
{
    int64_t left = delay(rule, state->failures) - elapsed(state, now);

    return left > 0 ? (unsigned)left : 0;
}

void cp2fa_slowdown_fail(const struct cp2fa_slowdown *rule,
                         const struct cp2fa_slowness *before, int64_t now,
                         struct cp2fa_slowness *after)
{
    after->failures = cp2fa_slowdown_level(rule, before, now) + 1;
    after->at = now;
}
