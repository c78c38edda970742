/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <stdlib.h>

#include <apr_strings.h>

#include "store/db.h"

#define SQLITE_ROW 100 /* a PRAGMA that took effect and answers a row */

static int set_up(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    for (const char *const *sql = store->dialect->setup; *sql; sql++) {
        int rows = 0;
        int rc = apr_dbd_query(store->driver, slot->handle, &rows, *sql);

        if (rc != 0 && (store->dialect->server || rc != SQLITE_ROW)) {
            cp2fa_pool_complain(store, slot, *sql, rc);
            return -1;
        }
    }
    return 0;
}

/* Sessions, locks and used steps are times in the database: where its clock
 * and ours disagree, they mean something else to another node. */
static int check_clock(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    struct cp2fa_rows rows;
    int64_t ahead;

    if (!store->options.skewed || !store->dialect->server) {
        return 0;
    }
    if (cp2fa_slot_read(store, slot, slot->pool, CP2FA_SQL_NOW, NULL, &rows)
        != CP2FA_DB_OK) {
        return -1;
    }
    ahead = apr_time_sec(apr_time_now()) - cp2fa_db_int(rows.row[0][0]);
    if (llabs(ahead) > CP2FA_STORE_SKEW_SAID) {
        store->options.skewed(store->options.baton, ahead);
    }
    return llabs(ahead) > CP2FA_STORE_SKEW_MAX ? -1 : 0;
}

static apr_status_t connect_to(struct cp2fa_store *store,
                               struct cp2fa_slot *slot, const char **error)
{
    const struct cp2fa_store_options *options = &store->options;
    apr_status_t rv;

    if (options->connecting) {
        options->connecting(options->baton, 1);
    }
    rv = apr_dbd_open_ex(store->driver, slot->pool, store->params,
                         &slot->handle, error);
    if (options->connecting) {
        options->connecting(options->baton, 0);
    }
    return rv;
}

int cp2fa_connection_open(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    const char *error = NULL;
    int ready;

    apr_pool_create(&slot->pool, slot->place);
    if (connect_to(store, slot, &error) != APR_SUCCESS) {
        char line[256];

        apr_snprintf(line, sizeof(line), "cannot open the database: %s",
                     error ? error : "no reason given");
        cp2fa_pool_say(store, line);
        apr_pool_destroy(slot->pool);
        slot->pool = NULL;
        slot->handle = NULL;
        return -1;
    }
    if (store->socket_of) {
        slot->socket = store->socket_of(
            apr_dbd_native_handle(store->driver, slot->handle));
        slot->socket_name = cp2fa_watch_name(slot->socket);
    }
    cp2fa_watch_begin(store, slot);
    ready = set_up(store, slot) == 0 && check_clock(store, slot) == 0;
    cp2fa_watch_end(store, slot);
    if (!ready) {
        cp2fa_pool_close(store, slot);
        return -1;
    }
    return 0;
}
