/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_CONNECTION_H
#define CP2FA_STORE_CONNECTION_H

#include <apr_atomic.h>
#include <apr_dbd.h>
#include <apr_reslist.h>

#include "store/pool.h"
#include "store/sql.h"

struct cp2fa_store {
    struct cp2fa_store_options options;
    const apr_dbd_driver_t *driver;
    apr_reslist_t *slots;
    apr_uint32_t taken; /* slots in somebody's hands */
};

/* A place for one connection. The connection itself is opened by the thread
 * that took the place: apr_reslist makes its resources under its lock, and a
 * database that doesn't answer would hold up everyone. */
struct cp2fa_slot {
    apr_pool_t *place; /* lives as long as the slot */
    apr_pool_t *pool;  /* the connection's, NULL when closed */
    apr_dbd_t *handle;
    apr_dbd_prepared_t *prepared[CP2FA_SQL_COUNT];
};

/* Takes a slot with an open connection, or NULL; complains itself. */
struct cp2fa_slot *cp2fa_pool_take(struct cp2fa_store *store);

/* Gives it back. */
void cp2fa_pool_give(struct cp2fa_store *store, struct cp2fa_slot *slot);

/* Closes a connection after an error, before it is given back. */
void cp2fa_pool_close(struct cp2fa_store *store, struct cp2fa_slot *slot);

/* One line to the admin: what failed, and the driver's own words. */
void cp2fa_pool_complain(struct cp2fa_store *store,
                         const struct cp2fa_slot *slot, const char *what,
                         int rc);

#endif
