/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_REQUIRE_H
#define CP2FA_GATE_REQUIRE_H

#include <apr_pools.h>

/** Registers the authz provider of `Require two-factor`: granted to a request
 * that has passed a second factor, whatever else lets it through the gate. */
void cp2fa_require_register(apr_pool_t *p);

#endif
