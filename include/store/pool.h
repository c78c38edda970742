/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_POOL_H
#define CP2FA_STORE_POOL_H

#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

/**
 * A database and the connections to it. Connections are opened when they are
 * first needed and again after an error; nobody waits for one without end.
 */
struct cp2fa_store;

struct cp2fa_dialect;

#define CP2FA_STORE_SKEW_MAX  180 /* seconds; more, and nothing works */
#define CP2FA_STORE_SKEW_SAID 30  /* seconds; more, and an admin hears of it */

/** Where to connect to, and what an admin should hear. */
struct cp2fa_store_options {
    const char *driver;           /* apr_dbd's name: sqlite3, pgsql, mysql */
    const char *params;           /* as an admin writes them */
    int connections;              /* at most, in this process */
    apr_interval_time_t patience; /* how long to wait for a free one */
    /* How long a server's connection may be held until it is cut off, however
     * silent the server is; 0 for ever. Takes a thread of this process. */
    apr_interval_time_t limit;
    /* Called with one line that says what the database answered. It may be
     * called from any thread. */
    void (*complain)(void *baton, const char *line);
    /* Unless NULL: called before a connection is opened, with 1, and after,
     * with 0. */
    void (*connecting)(void *baton, int begins);
    /* Unless NULL: called when the clock here is ahead of the server's by so
     * many seconds (or behind: negative), more than CP2FA_STORE_SKEW_SAID.
     * With more than CP2FA_STORE_SKEW_MAX the connection is refused. */
    void (*skewed)(void *baton, int64_t seconds);
    /* Unless NULL: called before the first use, in one thread, until it says
     * 0; everybody else fails meanwhile. It may use the store itself. */
    int (*prove)(void *baton, struct cp2fa_store *store);
    void *baton;
};

/**
 * Loads the driver and makes the pool of connections; opens none. Both live
 * as long as p. Returns NULL, or what is wrong, allocated from p.
 */
const char *cp2fa_store_open(apr_pool_t *p,
                             const struct cp2fa_store_options *options,
                             struct cp2fa_store **store);

/** Ends it before its pool does: nobody gets a connection any more, and who
 * waits for an answer on one is cut off. Returns once all are back, or after 3
 * seconds. */
void cp2fa_store_end(struct cp2fa_store *store);

/** Whether apr_dbd has that driver here: NULL, or what to install, from p. */
const char *cp2fa_store_driver_problem(apr_pool_t *p, const char *driver);

/** What its database's ways are. */
const struct cp2fa_dialect *cp2fa_store_dialect(
    const struct cp2fa_store *store);

/** A time in microseconds that no clock which is set changes; it begins
 * anywhere. */
apr_time_t cp2fa_watch_now(void);

#endif
