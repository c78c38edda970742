/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/behind.h"

#include <stdatomic.h>

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#include "core/token.h"
#include "gate/conf.h"
#include "gate/keep.h"
#include "gate/log.h"
#include "gate/record.h"
#include "store/dialect.h"

#define EVERY apr_time_from_msec(100)
#define NOTES 64

/* A session in use, written as the cache would have it. */
struct note {
    char hash[CP2FA_HASH_TEXT + 1];
    char record[CP2FA_RECORD_MAX];
    size_t len;
};

struct cp2fa_behind {
    server_rec *s;
    struct cp2fa_store *asker;
    volatile int stop;
    apr_thread_mutex_t *mutex; /* of the notes */
    struct note notes[NOTES];
    int count;
};

static void ask(struct cp2fa_behind *behind, apr_pool_t *p)
{
    cp2fa_keep_ask(behind->s, p, behind->asker);
}

static int take(struct cp2fa_behind *behind, struct note *note)
{
    int taken;

    apr_thread_mutex_lock(behind->mutex);
    taken = behind->count > 0;
    if (taken) {
        *note = behind->notes[--behind->count];
    }
    apr_thread_mutex_unlock(behind->mutex);
    return taken;
}

static void write_down(struct cp2fa_behind *behind, apr_pool_t *p)
{
    const struct cp2fa_session *session;
    struct note note;

    while (!behind->stop && take(behind, &note)) {
        session = cp2fa_record_read(p, note.hash, note.record, note.len);
        if (session) {
            (void)cp2fa_keep_seen(behind->s, p, session);
        }
    }
}

static void repeat(struct cp2fa_behind *behind,
                   void (*work)(struct cp2fa_behind *, apr_pool_t *))
{
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    while (!behind->stop) {
        work(behind, p);
        apr_pool_clear(p);
        apr_sleep(EVERY);
    }
    apr_pool_destroy(p);
}

static void *APR_THREAD_FUNC run_asker(apr_thread_t *thread, void *data)
{
    (void)thread;
    repeat(data, ask);
    return NULL;
}

static void *APR_THREAD_FUNC run_writer(apr_thread_t *thread, void *data)
{
    (void)thread;
    repeat(data, write_down);
    return NULL;
}

/* Threads end before what they use does: pools below p, and what is p's. */
static apr_status_t join(void *data)
{
    apr_status_t ended;

    apr_thread_join(&ended, data);
    return APR_SUCCESS;
}

static apr_status_t stop(void *data)
{
    struct cp2fa_behind *behind = data;

    behind->stop = 1;
    cp2fa_store_end(behind->asker);
    cp2fa_store_end(cp2fa_conf_shared(behind->s)->service.store);
    return APR_SUCCESS;
}

static int start(apr_pool_t *p, struct cp2fa_behind *behind,
                 apr_thread_start_t run)
{
    apr_thread_t *thread;

    if (apr_thread_create(&thread, NULL, run, behind, p) != APR_SUCCESS) {
        return -1;
    }
    apr_pool_pre_cleanup_register(p, thread, join);
    return 0;
}

struct cp2fa_behind *cp2fa_behind_start(apr_pool_t *p, server_rec *s,
                                        struct cp2fa_store *asker)
{
    struct cp2fa_behind *behind = apr_pcalloc(p, sizeof(*behind));
    int rv = -1;

    behind->s = s;
    behind->asker = asker;
    /* a server is connected to before anybody waits for it */
    atomic_store(&cp2fa_conf_shared(s)->keep.wanted,
                 cp2fa_store_dialect(asker)->server);
    if (apr_thread_mutex_create(&behind->mutex, APR_THREAD_MUTEX_DEFAULT, p)
        == APR_SUCCESS) {
        rv = start(p, behind, run_asker);
        if (rv == 0) {
            rv = start(p, behind, run_writer);
        }
        /* registered last, so that it is run first */
        apr_pool_pre_cleanup_register(p, behind, stop);
    }
    if (rv != 0) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "CP2FA016: no thread for what is done behind requests: "
                     "now and then one of them waits for the database");
        return NULL;
    }
    return behind;
}

void cp2fa_behind_seen(struct cp2fa_behind *behind,
                       const struct cp2fa_session *session)
{
    struct note *note = NULL;

    apr_thread_mutex_lock(behind->mutex);
    for (int i = 0; i < behind->count && !note; i++) {
        if (strcmp(behind->notes[i].hash, session->hash) == 0) {
            note = &behind->notes[i];
        }
    }
    if (!note && behind->count < NOTES) {
        note = &behind->notes[behind->count];
        note->len = cp2fa_record_write(session, note->record);
        apr_cpystrn(note->hash, session->hash, sizeof(note->hash));
        behind->count += note->len > 0;
    }
    apr_thread_mutex_unlock(behind->mutex);
}
