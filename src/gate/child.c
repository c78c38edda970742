/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/child.h"

#include <stdlib.h>

#include <ap_mpm.h>
#include <http_core.h>

#include "gate/behind.h"
#include "gate/cache.h"
#include "gate/conf.h"
#include "gate/log.h"
#include "gate/tally.h"
#include "service/prepare.h"
#include "store/dialect.h"

/* httpd -D: for tests, which set the clock of httpd but not the database's */
#define ANY_CLOCK "CP2FA_ANY_CLOCK"

void cp2fa_child_complain(void *baton, const char *line)
{
    server_rec *s = baton;

    cp2fa_tally_count(cp2fa_conf_shared(s)->tally, CP2FA_COUNT_COMPLAINT);
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "CP2FA003: %s", line);
}

static void skewed(void *baton, int64_t seconds)
{
    server_rec *s = baton;

    if (llabs(seconds) > CP2FA_STORE_SKEW_MAX) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     "CP2FA013: this machine's clock is %" APR_INT64_T_FMT
                     " seconds %s the database's: guarded requests are "
                     "answered 503 until it is set",
                     (apr_int64_t)llabs(seconds),
                     seconds > 0 ? "ahead of" : "behind");
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "CP2FA012: this machine's clock is %" APR_INT64_T_FMT
                     " seconds %s the database's: set it",
                     (apr_int64_t)llabs(seconds),
                     seconds > 0 ? "ahead of" : "behind");
    }
}

/* What the start could not look at, the first request that can does. */
static int prove(void *baton, struct cp2fa_store *store)
{
    server_rec *s = baton;
    struct cp2fa_service service = cp2fa_conf_shared(s)->service;
    const char *problem;
    apr_pool_t *p;
    int made = 0;

    apr_pool_create(&p, NULL);
    service.store = store;
    problem = cp2fa_prepare(&service, p, &made);
    if (problem && made != CP2FA_PREPARE_AWAY) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     "CP2FA015: the database was away at the start, and now: "
                     "%s",
                     problem);
    }
    apr_pool_destroy(p);
    return problem ? -1 : 0;
}

static int threads_of_child(void)
{
    int threads = 1;

    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    return threads;
}

/* A server answers several at once, and one that is slow, or asked for much,
 * must not keep the question what has ended waiting: it has a connection of its
 * own. Not so sqlite, which stalls when there are more; nor where a child has
 * one thread, so that there are many of them. */
static struct cp2fa_store *open_asker(apr_pool_t *p, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    struct cp2fa_store_options options = {
        .driver = shared->driver,
        .params = shared->params,
        .connections = 1,
        .patience = apr_time_from_sec(1),
        .limit = apr_time_from_sec(6), /* three answers, if each takes 2 s */
        .complain = cp2fa_child_complain,
        .baton = s,
    };
    struct cp2fa_store *store = shared->service.store;

    return cp2fa_store_dialect(store)->server && threads_of_child() > 1
                   && cp2fa_store_open(p, &options, &store)
               ? NULL
               : store;
}

static const char *open_store(apr_pool_t *p, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const struct cp2fa_dialect *dialect = cp2fa_dialect_find(shared->driver);
    struct cp2fa_store_options options = {
        .driver = shared->driver,
        .params = shared->params,
        .connections = 1,
        /* together, and with a connection to open, what F2 allows */
        .patience = apr_time_from_sec(dialect->server ? 1 : 2),
        .limit = apr_time_from_sec(2),
        .complain = cp2fa_child_complain,
        .skewed = ap_exists_config_define(ANY_CLOCK) ? NULL : skewed,
        .prove = shared->unproven ? prove : NULL,
        .baton = s,
    };
    int threads = threads_of_child();

    if (threads > 1) {
        options.connections = threads / 2 < dialect->connections
                                  ? threads / 2
                                  : dialect->connections;
    }
    return cp2fa_store_open(p, &options, &shared->service.store);
}

static void start_behind(apr_pool_t *p, server_rec *s)
{
    struct cp2fa_store *asker = open_asker(p, s);

    if (asker) {
        cp2fa_conf_shared(s)->behind = cp2fa_behind_start(p, s, asker);
    }
}

void cp2fa_child_init(apr_pool_t *p, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const char *problem;

    if (!shared->crypto) {
        return;
    }
    problem = open_store(p, s);
    if (!problem
        && cp2fa_cache_child_init(shared->cache, s, p) != APR_SUCCESS) {
        shared->cache = NULL; /* slower, and still right */
    }
    if (!problem && shared->cache) {
        start_behind(p, s);
    }
    if (problem) {
        /* the store stays NULL: this child answers 503 */
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, s, "CP2FA002: %s", problem);
    }
}
