/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/odds.h"

#include <apr_strings.h>

#include "core/odds.h"

#define DAY (INT64_C(86400) * CP2FA_SECOND)

/* As in the directive, in the largest unit that fits. */
static const char *duration(apr_pool_t *p, int64_t seconds)
{
    return seconds % 86400 == 0
               ? apr_psprintf(p, "%" APR_INT64_T_FMT "d", seconds / 86400)
           : seconds % 3600 == 0
               ? apr_psprintf(p, "%" APR_INT64_T_FMT "h", seconds / 3600)
               : apr_psprintf(p, "%" APR_INT64_T_FMT "s", seconds);
}

static int low_in_days(const struct cp2fa_rules *rules, int64_t reach,
                       int64_t days)
{
    const struct cp2fa_throttle longer = {rules->throttle.limit, days * DAY};

    return cp2fa_odds_low(&longer, reach);
}

static int low_at_limit(const struct cp2fa_rules *rules, int64_t reach,
                        unsigned limit)
{
    const struct cp2fa_throttle fewer = {limit, rules->throttle.window};

    return cp2fa_odds_low(&fewer, reach);
}

/* Fewer failures may do instead; often no number does. */
static const char *or_fewer(apr_pool_t *p, const struct cp2fa_rules *rules,
                            int64_t reach)
{
    unsigned limit = rules->throttle.limit;

    while (limit > 0 && !low_at_limit(rules, reach, limit)) {
        limit--;
    }
    return limit == 0 ? ""
                      : apr_psprintf(p, ", or allow at most %u of them", limit);
}

const char *cp2fa_odds_problem(apr_pool_t *p, const char *where,
                               const struct cp2fa_rules *rules)
{
    int64_t reach = rules->clock_skew / rules->totp.period;
    int64_t days = 1;

    /* Whatever TwoFactorToken says now: a device that was enrolled before, or
     * imported, may have six digits. */
    if (cp2fa_odds_low(&rules->throttle, reach)) {
        return NULL;
    }
    while (days < 366 && !low_in_days(rules, reach, days)) {
        days++;
    }
    return apr_psprintf(
        p,
        "%s: TwoFactorFailureLimit %u %s with TwoFactorClockSkew %s lets who "
        "has a password guess a token within a year with odds of 1 in "
        "%" APR_INT64_T_FMT ", which must be below 1 in %d: count wrong "
        "tokens for %" APR_INT64_T_FMT "d or longer%s",
        where, rules->throttle.limit,
        duration(p, rules->throttle.window / CP2FA_SECOND),
        duration(p, rules->clock_skew),
        cp2fa_odds_one_in(&rules->throttle, reach, CP2FA_ODDS_DIGITS),
        CP2FA_ODDS_LIMIT, days, or_fewer(p, rules, reach));
}
