/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pool.h"

#include <dlfcn.h>
#include <string.h>

#include <apr_strings.h>

#include "connection.h"

#define REST         apr_time_from_sec(1) /* after a server did not answer */
#define END_PATIENCE apr_time_from_sec(3)
#define END_STEP     apr_time_from_msec(10)

void cp2fa_pool_say(struct cp2fa_store *store, char *line)
{
    if (apr_atomic_read32(&store->ended)) {
        return; /* cut off by its own end */
    }
    for (char *at = line; *at; at++) {
        if (*at == '\n' || *at == '\t') {
            *at = ' '; /* libpq's words are lines */
        }
    }
    store->options.complain(store->options.baton, line);
}

void cp2fa_pool_complain(struct cp2fa_store *store,
                         const struct cp2fa_slot *slot, const char *what,
                         int rc)
{
    const char *said =
        slot->handle ? apr_dbd_error(store->driver, slot->handle, rc) : NULL;
    char line[256];

    apr_snprintf(line, sizeof(line), "%s: %s (%d)%s", what,
                 said && *said ? said : "no reason given", rc,
                 slot->cut ? ", cut off: it took too long" : "");
    cp2fa_pool_say(store, line);
}

void cp2fa_pool_close(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    cp2fa_watch_end(store, slot);
    if (slot->pool) {
        apr_dbd_close(store->driver, slot->handle);
        apr_pool_destroy(slot->pool);
    }
    slot->pool = NULL;
    slot->handle = NULL;
    slot->socket = -1;
    memset(slot->prepared, 0, sizeof(slot->prepared));
}

/* A server that is away is not asked again at once, by everyone in turn: they
 * would queue, each for the whole of its time-out. */
static int is_away(const struct cp2fa_store *store)
{
    return cp2fa_watch_now() < (apr_time_t)apr_atomic_read64(
               (volatile apr_uint64_t *)&store->away_until);
}

static void note_away(struct cp2fa_store *store)
{
    if (store->dialect->server) {
        apr_atomic_set64(&store->away_until,
                         (apr_uint64_t)(cp2fa_watch_now() + REST));
    }
}

/* Whether this thread may use the store, after it was proven; one at a time
 * tries to prove it. */
static int is_proven(struct cp2fa_store *store)
{
    int proven = apr_atomic_read32(&store->proven) != 0;

    if (proven || apr_os_thread_equal(store->prover, apr_os_thread_current())) {
        return 1;
    }
    if (is_away(store)
        || apr_thread_mutex_trylock(store->proving) != APR_SUCCESS) {
        return 0;
    }
    if (!apr_atomic_read32(&store->proven)) {
        store->prover = apr_os_thread_current();
        if (store->options.prove(store->options.baton, store) == 0) {
            apr_atomic_set32(&store->proven, 1);
        }
        else {
            note_away(store);
        }
        memset(&store->prover, 0, sizeof(store->prover));
    }
    apr_thread_mutex_unlock(store->proving);
    return apr_atomic_read32(&store->proven) != 0;
}

static int open_slot(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    if (is_away(store)) {
        return -1;
    }
    if (cp2fa_connection_open(store, slot) == 0) {
        return 0;
    }
    /* A child's very first open can find sqlite's file locked by another's:
     * try once more. */
    if (!store->dialect->server && cp2fa_connection_open(store, slot) == 0) {
        return 0;
    }
    note_away(store);
    return -1;
}

/* A place in the pool, in turn; or NULL. */
static struct cp2fa_slot *take_slot(struct cp2fa_store *store, int writes)
{
    int by_turns = !store->dialect->server; /* which locks rows */
    struct cp2fa_slot *slot;
    void *resource;
    int turn;

    if (is_away(store)) {
        return NULL;
    }
    turn = by_turns && cp2fa_turn_take(store, writes);
    if (by_turns && writes && !turn) {
        return NULL;
    }
    if (apr_reslist_acquire(store->slots, &resource) != APR_SUCCESS) {
        if (turn) {
            cp2fa_turn_pass(store);
        }
        return NULL;
    }
    slot = resource;
    slot->turn = turn;
    return slot;
}

struct cp2fa_slot *cp2fa_pool_take(struct cp2fa_store *store, int writes)
{
    struct cp2fa_slot *slot;

    if (!store || !is_proven(store)) {
        return NULL; /* that was said */
    }
    /* counted first: a child that ends waits for what is counted, alone */
    apr_atomic_inc32(&store->taken);
    if (apr_atomic_read32(&store->ended)) {
        apr_atomic_dec32(&store->taken);
        return NULL;
    }
    slot = take_slot(store, writes);
    if (!slot) {
        apr_atomic_dec32(&store->taken);
        store->options.complain(store->options.baton,
                                is_away(store)
                                    ? "the database was away a moment ago"
                                    : "every database connection is busy");
        return NULL;
    }
    if (!slot->pool && open_slot(store, slot) != 0) {
        cp2fa_pool_give(store, slot);
        return NULL;
    }
    cp2fa_watch_begin(store, slot);
    return slot;
}

void cp2fa_pool_give(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    int turn;

    cp2fa_watch_end(store, slot);
    if (slot->cut) {
        note_away(store);
        cp2fa_pool_close(store, slot);
        slot->cut = 0;
    }
    turn = slot->turn;
    apr_reslist_release(store->slots, slot);
    if (turn) {
        cp2fa_turn_pass(store);
    }
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

    if (rv != APR_SUCCESS) {
        return rv;
    }
    slot = apr_pcalloc(place, sizeof(*slot));
    slot->place = place;
    slot->socket = -1;
    cp2fa_watch_add(params, slot);
    *resource = slot;
    return APR_SUCCESS;
}

static apr_status_t unmake_slot(void *resource, void *params, apr_pool_t *p)
{
    struct cp2fa_slot *slot = resource;

    (void)p;
    cp2fa_pool_close(params, slot);
    cp2fa_watch_remove(params, slot);
    apr_pool_destroy(slot->place);
    return APR_SUCCESS;
}

void cp2fa_store_end(struct cp2fa_store *store)
{
    apr_atomic_set32(&store->ended, 1);
    cp2fa_watch_cut(&store->watch);
    for (apr_interval_time_t waited = 0;
         waited < END_PATIENCE && apr_atomic_read32(&store->taken) != 0;
         waited += END_STEP) {
        apr_sleep(END_STEP);
    }
}

/* A pool destroys its children before its cleanups run: the slots must be
 * unmade while their pools still stand. */
static apr_status_t close_all(void *data)
{
    struct cp2fa_store *store = data;

    /* one that is still out apr_reslist would answer with abort() */
    cp2fa_store_end(store);
    cp2fa_watch_stop(&store->watch);
    return apr_atomic_read32(&store->taken) == 0
               ? apr_reslist_destroy(store->slots)
               : APR_SUCCESS;
}

static const char *get_driver(apr_pool_t *p, const char *name,
                              const apr_dbd_driver_t **driver)
{
    if (apr_dbd_init(p) == APR_SUCCESS
        && apr_dbd_get_driver(p, name, driver) == APR_SUCCESS) {
        return NULL;
    }
    return apr_psprintf(p,
                        "apr_dbd has no driver %s here (Debian: install "
                        "libaprutil1-dbd-%s)",
                        name, name);
}

const char *cp2fa_store_driver_problem(apr_pool_t *p, const char *driver)
{
    const apr_dbd_driver_t *found;

    return get_driver(p, driver, &found);
}

const struct cp2fa_dialect *cp2fa_store_dialect(const struct cp2fa_store *store)
{
    return store->dialect;
}

static apr_status_t make_slots(struct cp2fa_store *store, apr_pool_t *p)
{
    int most = store->options.connections < store->dialect->connections
                       || !store->dialect->server
                   ? store->options.connections
                   : store->dialect->connections;
    apr_pool_t *place;
    apr_status_t rv = make_place(&place, p, 1);

    if (rv == APR_SUCCESS) {
        rv = apr_thread_mutex_create(&store->proving, APR_THREAD_MUTEX_DEFAULT,
                                     place);
    }
    if (rv == APR_SUCCESS) {
        rv = cp2fa_turn_make(store, place);
    }
    if (rv == APR_SUCCESS) {
        rv = cp2fa_watch_start(store, place);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_reslist_create(&store->slots, 0, most, most, 0, make_slot,
                                unmake_slot, store, place);
    }
    if (rv == APR_SUCCESS) {
        apr_pool_pre_cleanup_register(place, store, close_all);
        apr_reslist_timeout_set(store->slots, store->options.patience);
    }
    return rv;
}

const char *cp2fa_store_open(apr_pool_t *p,
                             const struct cp2fa_store_options *options,
                             struct cp2fa_store **store)
{
    struct cp2fa_store *made = apr_pcalloc(p, sizeof(*made));
    const char *problem = get_driver(p, options->driver, &made->driver);
    apr_status_t rv;

    if (problem) {
        return problem;
    }
    made->options = *options;
    made->dialect = cp2fa_dialect_find(options->driver);
    if (!made->dialect) {
        return apr_psprintf(p, "there is no schema for the driver %s",
                            options->driver);
    }
    made->params = cp2fa_dialect_params(made->dialect, p, options->params);
    apr_atomic_set32(&made->proven, options->prove == NULL);
    if (made->dialect->descriptor) {
        /* apr_dbd's driver has loaded its client library for all to see */
        *(void **)&made->socket_of =
            dlsym(RTLD_DEFAULT, made->dialect->descriptor);
    }
    rv = make_slots(made, p);
    if (rv != APR_SUCCESS) {
        return apr_psprintf(p, "no memory for the database pool: %pm", &rv);
    }
    *store = made;
    return NULL;
}
