/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_PROVER_H
#define CP2FA_GATE_PROVER_H

#include <httpd.h>

#include "service/service.h"

/** A database's name in a log line: nothing secret is in it. */
const char *cp2fa_prover_database(apr_pool_t *p, const char *driver,
                                  const char *params);

/**
 * Runs cp2fa_prepare in a process of its own, as the user that httpd's
 * children run as: what works there works for them, what it makes belongs to
 * them, and no connection survives into a fork. Sets *made as that does;
 * a server that is away is no problem: it may be back for the children.
 * Returns NULL, or what is wrong.
 */
const char *cp2fa_prover_run(apr_pool_t *p, const char *driver,
                             const char *params,
                             const struct cp2fa_service *service, int *made);

#endif
