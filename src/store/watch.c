/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "connection.h"

#define EVERY apr_time_from_msec(100)

/* A client library waits for its server's answer without end, and none that
 * apr_dbd drives can be told otherwise once a connection stands. Shutting the
 * socket down ends that wait with an error, in the thread that waits. */
static void look(struct cp2fa_watch *watch, apr_time_t now)
{
    for (struct cp2fa_slot *slot = watch->first; slot; slot = slot->next) {
        if (slot->until != 0 && now > slot->until && slot->socket >= 0) {
            /* the library may have closed it, and who took the number since
             * is none of ours */
            if (cp2fa_watch_name(slot->socket) == slot->socket_name) {
                shutdown(slot->socket, SHUT_RDWR);
            }
            slot->cut = 1;
            slot->until = 0;
        }
    }
}

void cp2fa_watch_cut(struct cp2fa_watch *watch)
{
    apr_thread_mutex_lock(watch->mutex);
    look(watch, INT64_MAX);
    apr_thread_mutex_unlock(watch->mutex);
}

ino_t cp2fa_watch_name(int socket)
{
    struct stat found;

    return fstat(socket, &found) == 0 ? found.st_ino : 0;
}

apr_time_t cp2fa_watch_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000;
}

/* It sleeps, where a condition would have a time to wait until: a clock that
 * is set back makes that late. */
static void *APR_THREAD_FUNC watch_all(apr_thread_t *thread, void *data)
{
    struct cp2fa_watch *watch = data;
    int stop = 0;

    (void)thread;
    while (!stop) {
        apr_sleep(EVERY);
        apr_thread_mutex_lock(watch->mutex);
        look(watch, cp2fa_watch_now());
        stop = watch->stop;
        apr_thread_mutex_unlock(watch->mutex);
    }
    return NULL;
}

apr_status_t cp2fa_watch_start(struct cp2fa_store *store, apr_pool_t *p)
{
    struct cp2fa_watch *watch = &store->watch;
    apr_status_t rv =
        apr_thread_mutex_create(&watch->mutex, APR_THREAD_MUTEX_DEFAULT, p);

    if (rv == APR_SUCCESS && store->dialect->server
        && store->options.limit > 0) {
        rv = apr_thread_create(&watch->thread, NULL, watch_all, watch, p);
    }
    return rv;
}

void cp2fa_watch_stop(struct cp2fa_watch *watch)
{
    apr_status_t ended;

    if (watch->thread) {
        apr_thread_mutex_lock(watch->mutex);
        watch->stop = 1;
        apr_thread_mutex_unlock(watch->mutex);
        apr_thread_join(&ended, watch->thread);
        watch->thread = NULL;
    }
}

void cp2fa_watch_begin(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    if (store->watch.thread) {
        apr_thread_mutex_lock(store->watch.mutex);
        slot->until = cp2fa_watch_now() + store->options.limit;
        slot->cut = 0;
        apr_thread_mutex_unlock(store->watch.mutex);
    }
}

void cp2fa_watch_end(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    if (store->watch.thread) {
        apr_thread_mutex_lock(store->watch.mutex);
        slot->until = 0;
        apr_thread_mutex_unlock(store->watch.mutex);
    }
}

void cp2fa_watch_add(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    apr_thread_mutex_lock(store->watch.mutex);
    slot->next = store->watch.first;
    store->watch.first = slot;
    apr_thread_mutex_unlock(store->watch.mutex);
}

void cp2fa_watch_remove(struct cp2fa_store *store, struct cp2fa_slot *slot)
{
    struct cp2fa_slot **at = &store->watch.first;

    apr_thread_mutex_lock(store->watch.mutex);
    while (*at && *at != slot) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = slot->next;
    }
    apr_thread_mutex_unlock(store->watch.mutex);
}
