/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_NEAR_H
#define CP2FA_GATE_NEAR_H

#include <apr_pools.h>

#include "gate/version.h"

/* Records that some child has read of the session cache and found to be ours,
 * in memory of all children, each as good as its version: they spare the
 * cache's lock and the record's code. Streams of HTTP/2, new connections and
 * those that browsers share find them here; a connection of HTTP/1.1 knows more
 * (gate/memo.h). Nobody waits for another one: who finds a place taken does
 * without. */

struct cp2fa_near;

/** Room for some of them, as long as pconf; NULL: there is none. */
struct cp2fa_near *cp2fa_near_create(apr_pool_t *pconf);

/** The record of that hash as of this version, from p, and its length; or NULL:
 * it is not here. */
char *cp2fa_near_get(struct cp2fa_near *near, apr_pool_t *p, const char *hash,
                     const struct cp2fa_version *version, size_t *len);

/** Keeps a copy of one, which was read after its version was asked for. One
 * without a version, or a long one, is not kept. */
void cp2fa_near_put(struct cp2fa_near *near, const char *hash,
                    const struct cp2fa_version *version, const char *record,
                    size_t len);

#endif
