/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_KEEP_H
#define CP2FA_GATE_KEEP_H

#include <httpd.h>

#include "core/policy.h"
#include "store/sessions.h"

/* The session cache is kept true to the database: what is put in is looked for
 * there once more, and what other nodes have ended is taken out. */

/** What a child knows of the others' news; all zero at first. */
struct cp2fa_keep {
    _Atomic apr_time_t asked; /* when the thread last began to ask … */
    _Atomic apr_time_t tried; /* … and a request, in its stead */
    _Atomic apr_time_t heard; /* as of when it knows */
    _Atomic apr_time_t since; /* … and since when it has heard of every end */
    _Atomic int wanted;       /* a request would know */
};

/**
 * Whether what is in the cache may be taken for true at this time: other nodes
 * end sessions without a word to this one. A thread asks for all that have
 * ended (gate/behind.h); where it has not, as before a first request, so does
 * one request of many. 0 if nothing was heard for almost 5 seconds.
 */
int cp2fa_keep_is_current(server_rec *s, apr_pool_t *p, apr_time_t now);

/** Asks that of the store, if somebody wants to know and it is time to. */
void cp2fa_keep_ask(server_rec *s, apr_pool_t *p, struct cp2fa_store *store);

/** Whether an end of a session that was good at that time would have been heard
 * of: 0 if it can have come while this child did not ask, as nobody asked it
 * for anything, or while the clock was ahead. Then only the database can tell. */
int cp2fa_keep_vouches(server_rec *s, apr_time_t seen);

/** Puts a session into the cache: YES, NO if it has ended meanwhile, UNKNOWN if
 * the store can't be asked; then it is not put there. */
enum cp2fa_known cp2fa_keep_put(server_rec *s, apr_pool_t *p,
                                const struct cp2fa_session *session);

/** Notes in the database, too, that a session is in use, as of its last_seen.
 * Returns what cp2fa_keep_put does: where it is UNKNOWN, the session goes idle
 * sooner. */
enum cp2fa_known cp2fa_keep_seen(server_rec *s, apr_pool_t *p,
                                 const struct cp2fa_session *session);

#endif
