/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_POOL_H
#define CP2FA_STORE_POOL_H

#include <apr_pools.h>
#include <apr_time.h>

/**
 * A database and the connections to it. Connections are opened when they are
 * first needed and again after an error; nobody waits for one without end.
 */
struct cp2fa_store;

/** Where to connect to, and what an admin should hear. */
struct cp2fa_store_options {
    const char *driver;           /* apr_dbd's name: sqlite3 */
    const char *params;           /* as the driver wants them */
    int connections;              /* at most, in this process */
    apr_interval_time_t patience; /* how long to wait for a free one */
    /* Called with one line that says what the database answered. It may be
     * called from any thread. */
    void (*complain)(void *baton, const char *line);
    void *baton;
};

/**
 * Loads the driver and makes the pool of connections; opens none. Both live
 * as long as p. Returns NULL, or what is wrong, allocated from p.
 */
const char *cp2fa_store_open(apr_pool_t *p,
                             const struct cp2fa_store_options *options,
                             struct cp2fa_store **store);

#endif
