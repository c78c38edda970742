/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_CONNECTION_H
#define CP2FA_STORE_CONNECTION_H

#include <sys/types.h>

#include <apr_atomic.h>
#include <apr_dbd.h>
#include <apr_portable.h>
#include <apr_reslist.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#include "store/db.h"
#include "store/dialect.h"
#include "store/pool.h"
#include "store/sql.h"

struct cp2fa_slot;

/* Cuts off connections that are held for too long: watch.c. */
struct cp2fa_watch {
    apr_thread_mutex_t *mutex;
    apr_thread_t *thread; /* NULL: nothing is watched */
    struct cp2fa_slot *first;
    int stop;
};

/* Whether it is somebody's turn at sqlite's file: turn.c. */
struct cp2fa_turn {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *passed;
    int taken;
};

struct cp2fa_store {
    struct cp2fa_store_options options;
    const struct cp2fa_dialect *dialect;
    const char *params; /* as the driver gets them */
    const apr_dbd_driver_t *driver;
    apr_reslist_t *slots;
    apr_uint32_t taken;          /* slots in somebody's hands */
    volatile apr_uint32_t ended; /* no more are given out */
    struct cp2fa_turn turn;
    struct cp2fa_watch watch;
    int (*socket_of)(const void *connection); /* or NULL */
    volatile apr_uint64_t away_until;         /* a server that did not answer */
    apr_thread_mutex_t *proving;
    volatile apr_uint32_t proven;
    apr_os_thread_t prover; /* while it is proving */
};

/* A place for one connection. The connection itself is opened by the thread
 * that took the place: apr_reslist makes its resources under its lock, and a
 * database that doesn't answer would hold up everyone. */
struct cp2fa_slot {
    apr_pool_t *place; /* lives as long as the slot */
    apr_pool_t *pool;  /* the connection's, NULL when closed */
    apr_dbd_t *handle;
    apr_dbd_prepared_t *prepared[CP2FA_SQL_COUNT];
    struct cp2fa_slot *next; /* in the watch's list */
    int socket;              /* of the connection, or -1 */
    ino_t socket_name;       /* of that very socket */
    apr_time_t until;        /* when it is cut off; 0: nobody holds it */
    int cut;
    int turn; /* who holds it has the turn */
};

/* Takes a slot with an open connection, to write or only to read; or NULL;
 * complains itself. */
struct cp2fa_slot *cp2fa_pool_take(struct cp2fa_store *store, int writes);

/* Gives it back, and the turn with it. */
void cp2fa_pool_give(struct cp2fa_store *store, struct cp2fa_slot *slot);

/* Closes a connection after an error, before it is given back. */
void cp2fa_pool_close(struct cp2fa_store *store, struct cp2fa_slot *slot);

/* Says a line to the admin, as one. */
void cp2fa_pool_say(struct cp2fa_store *store, char *line);

/* One line to the admin: what failed, and the driver's own words. */
void cp2fa_pool_complain(struct cp2fa_store *store,
                         const struct cp2fa_slot *slot, const char *what,
                         int rc);

/* Opens the slot's connection and sets it up: 0, or -1, having complained. */
int cp2fa_connection_open(struct cp2fa_store *store, struct cp2fa_slot *slot);

/* A SELECT on this connection, as cp2fa_db_read. */
enum cp2fa_db_result cp2fa_slot_read(struct cp2fa_store *store,
                                     struct cp2fa_slot *slot, apr_pool_t *p,
                                     enum cp2fa_sql sql, const char **args,
                                     struct cp2fa_rows *rows);

/* One thread of this process at sqlite's file at a time. take: 1, or 0 for no
 * turn, without which nobody may write there. */
apr_status_t cp2fa_turn_make(struct cp2fa_store *store, apr_pool_t *p);
int cp2fa_turn_take(struct cp2fa_store *store, int writes);
void cp2fa_turn_pass(struct cp2fa_store *store);

/* Starts the thread, where there is a limit and a server. */
apr_status_t cp2fa_watch_start(struct cp2fa_store *store, apr_pool_t *p);
void cp2fa_watch_stop(struct cp2fa_watch *watch);

/* Cuts off at once whoever waits. */
void cp2fa_watch_cut(struct cp2fa_watch *watch);

/* What tells a socket from those that had or will have its number; or 0. */
ino_t cp2fa_watch_name(int socket);

/* From begin to end a held connection lives no longer than the limit. */
void cp2fa_watch_begin(struct cp2fa_store *store, struct cp2fa_slot *slot);
void cp2fa_watch_end(struct cp2fa_store *store, struct cp2fa_slot *slot);

/* A slot comes and goes. */
void cp2fa_watch_add(struct cp2fa_store *store, struct cp2fa_slot *slot);
void cp2fa_watch_remove(struct cp2fa_store *store, struct cp2fa_slot *slot);

#endif
