/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_ODDS_H
#define CP2FA_GATE_ODDS_H

#include <apr_pools.h>

#include "service/service.h"

/** What is absurd about the rules of where (core/odds.h), with the odds and
 * what to change, from p; or NULL. */
const char *cp2fa_odds_problem(apr_pool_t *p, const char *where,
                               const struct cp2fa_rules *rules);

#endif
