/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/keep.h"

#include <stdatomic.h>

#include "gate/cache.h"
#include "gate/conf.h"
#include "gate/log.h"

#define ASK_EVERY apr_time_from_sec(2)
/* After that as of which something was heard last. What is promised is that a
 * session ended elsewhere is dead in 5 seconds; and a database that takes 2 for
 * an answer must not turn anyone away. */
#define TRUSTED_FOR apr_time_from_msec(4800)
#define LOOK_BACK   75 /* seconds; a transaction may commit late */
/* Who asks again within that has missed nothing. A session is looked at after
 * as long, at the latest: TOUCH_EVERY in gate/session.c. */
#define NO_GAP apr_time_from_sec(60)

/* Whether so long has passed since a time, or the clock was set back. */
static int is_past(apr_time_t now, apr_time_t since, apr_time_t span)
{
    return now < since || now - since >= span;
}

static void ask(server_rec *s, apr_pool_t *p, struct cp2fa_store *store,
                apr_time_t now)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    struct cp2fa_rows ended;

    if (cp2fa_sessions_ended(store, p, LOOK_BACK, &ended) == CP2FA_DB_OK) {
        for (int i = 0; i < ended.count; i++) {
            cp2fa_cache_remove(shared->cache, s, p, ended.row[i][0]);
        }
        if (is_past(now, atomic_load(&shared->keep.heard), NO_GAP)) {
            /* a session is seen in whole seconds */
            atomic_store(&shared->keep.since,
                         apr_time_from_sec(apr_time_sec(now)));
        }
        atomic_store(&shared->keep.heard, now);
    }
}

void cp2fa_keep_ask(server_rec *s, apr_pool_t *p, struct cp2fa_store *store)
{
    struct cp2fa_keep *keep = &cp2fa_conf_shared(s)->keep;
    apr_time_t now = apr_time_now();

    if (is_past(now, atomic_load(&keep->asked), ASK_EVERY)
        && atomic_exchange(&keep->wanted, 0)) {
        atomic_store(&keep->asked, now);
        ask(s, p, store, now);
    }
}

CP2FA_SELDOM static int ask_at_once(server_rec *s, apr_pool_t *p,
                                    apr_time_t now)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    apr_time_t tried = atomic_load(&shared->keep.tried);

    if (is_past(now, tried, ASK_EVERY)
        && atomic_compare_exchange_strong(&shared->keep.tried, &tried, now)) {
        ask(s, p, shared->service.store, now);
    }
    return !is_past(now, atomic_load(&shared->keep.heard), TRUSTED_FOR);
}

int cp2fa_keep_is_current(server_rec *s, apr_pool_t *p, apr_time_t now)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);

    if (!shared->cache) {
        return 0;
    }
    if (!atomic_load_explicit(&shared->keep.wanted, memory_order_relaxed)) {
        atomic_store(&shared->keep.wanted, 1);
    }
    return !is_past(now, atomic_load(&shared->keep.heard), TRUSTED_FOR)
           || ask_at_once(s, p, now);
}

int cp2fa_keep_vouches(server_rec *s, apr_time_t seen)
{
    return seen >= atomic_load(&cp2fa_conf_shared(s)->keep.since);
}

enum cp2fa_known cp2fa_keep_put(server_rec *s, apr_pool_t *p,
                                const struct cp2fa_session *session)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    struct cp2fa_version version =
        cp2fa_cache_version(shared->cache, session->hash);
    struct cp2fa_session *stored;
    enum cp2fa_known known = CP2FA_UNKNOWN;

    if (!shared->cache) {
        return CP2FA_YES;
    }
    /* An end that comes between our reading and our writing would be undone:
     * it changes the version. Without one, we read after we wrote, and who
     * looks there meanwhile may see what has ended. */
    if (!version.at) {
        cp2fa_cache_put(shared->cache, s, p, session, NULL);
    }
    switch (
        cp2fa_sessions_find(shared->service.store, p, session->hash, &stored)) {
    case CP2FA_DB_OK:
        if (version.at) {
            cp2fa_cache_put(shared->cache, s, p, session, &version);
        }
        return CP2FA_YES;
    case CP2FA_DB_NONE:
        known = CP2FA_NO;
        break;
    case CP2FA_DB_FAILED:
        if (version.at) {
            return CP2FA_UNKNOWN; /* nothing was put */
        }
        break;
    }
    cp2fa_cache_remove(shared->cache, s, p, session->hash);
    return known;
}

enum cp2fa_known cp2fa_keep_seen(server_rec *s, apr_pool_t *p,
                                 const struct cp2fa_session *session)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(s);

    if (cp2fa_sessions_touch(shared->service.store, p, session->hash,
                             session->last_seen)
        == CP2FA_DB_FAILED) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     "CP2FA102: can't note in the database that session %.8s "
                     "is in use",
                     session->hash);
    }
    return cp2fa_keep_put(s, p, session);
}
