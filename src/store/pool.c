/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pool.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "connection.h"

/* sqlite: apr_dbd tries a busy statement 16 times with 100 ms between, so
 * this wait comes on top of each; together they stay under 3 seconds. */
static const char *const sqlite_setup[] = {
    "PRAGMA busy_timeout = 80",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
};

#define SQLITE_ROW 100 /* a PRAGMA that took effect and answers a row */

void cp2fa_pool_complain(struct cp2fa_store *store,
                         const struct cp2fa_slot *slot, const char *what,
                         int rc)
{
    const char *said =
        slot->handle ? apr_dbd_error(store->driver, slot->handle, rc) : NULL;
    char line[256];

    apr_snprintf(line, sizeof(line), "%s: %s (%d)", what,
                 said ? said : "no reason given", rc);
    store->options.complain(store->options.baton, line);
}

void cp2fa_pool_close(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    if (slot->pool) {
        apr_dbd_close(store->driver, slot->handle);
        apr_pool_destroy(slot->pool);
    }
    slot->pool = NULL;
    slot->handle = NULL;
    memset(slot->prepared, 0, sizeof(slot->prepared));
}

static int open_connection(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    const char *error = NULL;

    apr_pool_create(&slot->pool, slot->place);
    if (apr_dbd_open_ex(store->driver, slot->pool, store->options.params,
                        &slot->handle, &error)
        != APR_SUCCESS) {
        char line[256];

        apr_snprintf(line, sizeof(line), "cannot open the database: %s",
                     error ? error : "no reason given");
        store->options.complain(store->options.baton, line);
        apr_pool_destroy(slot->pool);
        slot->pool = NULL;
        slot->handle = NULL;
        return -1;
    }
    for (size_t i = 0; i < sizeof(sqlite_setup) / sizeof(sqlite_setup[0]);
         i++) {
        int rows = 0;
        int rc =
            apr_dbd_query(store->driver, slot->handle, &rows, sqlite_setup[i]);

        if (rc != 0 && rc != SQLITE_ROW) {
            cp2fa_pool_complain(store, slot, sqlite_setup[i], rc);
            cp2fa_pool_close(store, slot);
            return -1;
        }
    }
    return 0;
}

struct cp2fa_slot *cp2fa_pool_take(struct cp2fa_store *store)
{
    struct cp2fa_slot *slot;
    void *resource;

    if (!store) {
        return NULL; /* it could not be opened; that was said */
    }
    if (apr_reslist_acquire(store->slots, &resource) != APR_SUCCESS) {
        store->options.complain(store->options.baton,
                                "every database connection is busy");
        return NULL;
    }
    slot = resource;
    apr_atomic_inc32(&store->taken);
    /* A child's very first open can find the database locked by another's:
     * try once more. */
    if (!slot->pool && open_connection(store, slot) != 0
        && open_connection(store, slot) != 0) {
        cp2fa_pool_give(store, slot);
        return NULL;
    }
    return slot;
}

void cp2fa_pool_give(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    apr_reslist_release(store->slots, slot);
    apr_atomic_dec32(&store->taken);
}

/* A pool with an allocator of its own: a connection allocates from it in
 * whatever thread holds it. */
static apr_status_t make_place(apr_pool_t **place, apr_pool_t *parent,
                               int shared)
{
    apr_allocator_t *allocator;
    apr_thread_mutex_t *mutex;
    apr_status_t rv = apr_allocator_create(&allocator);

    if (rv == APR_SUCCESS) {
        rv = apr_pool_create_ex(place, parent, NULL, allocator);
    }
    if (rv == APR_SUCCESS) {
        apr_allocator_owner_set(allocator, *place);
    }
    if (rv == APR_SUCCESS && shared) {
        rv = apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, *place);
        if (rv == APR_SUCCESS) {
            apr_allocator_mutex_set(allocator, mutex);
        }
    }
    return rv;
}

static apr_status_t make_slot(void **resource, void *params, apr_pool_t *p)
{
    struct cp2fa_slot *slot;
    apr_pool_t *place;
    apr_status_t rv = make_place(&place, p, 0);

    (void)params;
    if (rv != APR_SUCCESS) {
        return rv;
    }
    slot = apr_pcalloc(place, sizeof(*slot));
    slot->place = place;
    *resource = slot;
    return APR_SUCCESS;
}

static apr_status_t unmake_slot(void *resource, void *params, apr_pool_t *p)
{
    struct cp2fa_slot *slot = resource;

    (void)p;
    cp2fa_pool_close(params, slot);
    apr_pool_destroy(slot->place);
    return APR_SUCCESS;
}

/* A pool destroys its children before its cleanups run: the slots must be
 * unmade while their pools still stand. */
static apr_status_t close_all(void *data)
{
    struct cp2fa_store *store = data;

    /* A process that ends in the midst of a request still has some out, which
     * apr_reslist answers with abort(); the end of the process closes them. */
    return apr_atomic_read32(&store->taken) == 0
               ? apr_reslist_destroy(store->slots)
               : APR_SUCCESS;
}

const char *cp2fa_store_open(apr_pool_t *p,
                             const struct cp2fa_store_options *options,
                             struct cp2fa_store **store)
{
    struct cp2fa_store *made = apr_pcalloc(p, sizeof(*made));
    apr_pool_t *place;
    apr_status_t rv;

    made->options = *options;
    made->options.params = apr_pstrdup(p, options->params);
    rv = apr_dbd_init(p);
    if (rv == APR_SUCCESS) {
        rv = apr_dbd_get_driver(p, options->driver, &made->driver);
    }
    if (rv != APR_SUCCESS) {
        return apr_psprintf(p,
                            "apr_dbd has no driver %s here (Debian: install "
                            "libaprutil1-dbd-%s)",
                            options->driver, options->driver);
    }
    rv = make_place(&place, p, 1);
    if (rv == APR_SUCCESS) {
        rv = apr_reslist_create(&made->slots, 0, options->connections,
                                options->connections, 0, make_slot, unmake_slot,
                                made, place);
    }
    if (rv != APR_SUCCESS) {
        return apr_psprintf(p, "no memory for the database pool: %pm", &rv);
    }
    apr_pool_pre_cleanup_register(place, made, close_all);
    apr_reslist_timeout_set(made->slots, options->patience);
    *store = made;
    return NULL;
}
