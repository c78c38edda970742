/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_BEHIND_H
#define CP2FA_GATE_BEHIND_H

#include <httpd.h>

#include "store/sessions.h"

/* What each child does behind its requests, so that none of them waits for the
 * database while its session is in the cache: one thread asks what other nodes
 * have ended, another notes which sessions are in use (gate/keep.h). */

struct cp2fa_behind;

/** Starts both, to end with p; in child_init, once there are a store and a
 * cache. `asker` is the store that the first one asks: nobody else's answers
 * may keep it waiting. NULL: they can't be started, and requests do it. */
struct cp2fa_behind *cp2fa_behind_start(apr_pool_t *p, server_rec *s,
                                        struct cp2fa_store *asker);

/** Leaves it to the second to note that a session is in use, as of its
 * last_seen. With too many at once it is left out, and the next request says so
 * again. */
void cp2fa_behind_seen(struct cp2fa_behind *behind,
                       const struct cp2fa_session *session);

#endif
