/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

/* sqlite has one writer at a time, and apr_dbd's driver one lock for all its
 * connections in this process, which it holds while sqlite waits for that
 * writer. If the writer is a thread of this process, it waits for the lock: both
 * stand still for sqlite's time-out of 80 ms, and who came second sleeps 100 ms
 * more. So threads take turns before they come there; at a second connection
 * they would wait for the driver anyway, and each finds its pages changed by
 * the other. Who only reads waits no longer for a writer that another process
 * holds up than this. */
#define READER apr_time_from_msec(100)

apr_status_t cp2fa_turn_make(struct cp2fa_store *store, apr_pool_t *p)
{
    struct cp2fa_turn *turn = &store->turn;
    apr_status_t rv =
        apr_thread_mutex_create(&turn->mutex, APR_THREAD_MUTEX_DEFAULT, p);

    return rv == APR_SUCCESS ? apr_thread_cond_create(&turn->passed, p) : rv;
}

int cp2fa_turn_take(struct cp2fa_store *store, int writes)
{
    struct cp2fa_turn *turn = &store->turn;
    apr_time_t now = cp2fa_watch_now();
    apr_time_t until = now + (writes ? store->options.patience : READER);
    int mine;

    apr_thread_mutex_lock(turn->mutex);
    while (turn->taken && now < until) {
        apr_thread_cond_timedwait(turn->passed, turn->mutex, until - now);
        now = cp2fa_watch_now();
    }
    mine = !turn->taken;
    turn->taken = 1;
    apr_thread_mutex_unlock(turn->mutex);
    return mine;
}

void cp2fa_turn_pass(struct cp2fa_store *store)
{
    struct cp2fa_turn *turn = &store->turn;

    apr_thread_mutex_lock(turn->mutex);
    turn->taken = 0;
    apr_thread_mutex_unlock(turn->mutex);
    apr_thread_cond_signal(turn->passed);
}
