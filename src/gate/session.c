/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/session.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include "core/cookie.h"
#include "core/token.h"
#include "gate/behind.h"
#include "gate/cache.h"
#include "gate/clock.h"
#include "gate/conf.h"
#include "gate/header.h"
#include "gate/log.h"
#include "gate/keep.h"
#include "gate/memo.h"
#include "gate/request.h"
#include "gate/tally.h"

#define TOUCH_EVERY 60 /* seconds between notes that a session was seen */

/* A realm with pages of its own in this virtual host, and no cookie name of
 * its own, has their path in the name: one browser can be in several. */
static const char *realm_suffix(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    const struct cp2fa_dir *host = cp2fa_conf_in(r->server->lookup_defaults);
    char *suffix;

    if (conf->path == host->path || strcmp(conf->path, host->path) == 0
        || strcmp(conf->cookie_name, host->cookie_name) != 0) {
        return "";
    }
    suffix = apr_pstrdup(r->pool, conf->path);
    for (char *at = suffix; *at; at++) {
        if (*at == '/') {
            *at = CP2FA_COOKIE_REALM; /* no path of pages has it */
        }
    }
    return suffix;
}

static const char *cookie_name(request_rec *r, const char *suffix)
{
    const char *realm = realm_suffix(r);

    return *realm || *suffix
               ? apr_pstrcat(r->pool, cp2fa_conf_cookie_name(cp2fa_conf_of(r)),
                             realm, suffix, (char *)NULL)
               : cp2fa_conf_cookie_name(cp2fa_conf_of(r));
}

int cp2fa_session_insecure(request_rec *r)
{
    return cp2fa_conf_of(r)->cookie_secure
           && strcmp(ap_http_scheme(r), "https") != 0;
}

/* The hash of the id in a cookie, or NULL. What is malformed, or there twice
 * because somebody tossed one in, is as good as none; nobody is asked. */
static const char *hash_in_cookie(request_rec *r, const char *name)
{
    const char *header = cp2fa_request_cookies(r);

    return header && cp2fa_conf_shared(r->server)->crypto
                   && !cp2fa_session_insecure(r)
               ? cp2fa_memo_hash(r, header, name)
               : NULL;
}

/* When it is to be noted again that a session is used. */
static int64_t touch_due(const struct cp2fa_rules *rules,
                         const struct cp2fa_session *session)
{
    int64_t every = rules->session_idle / 8;

    return session->last_seen + (every < TOUCH_EVERY ? every : TOUCH_EVERY);
}

/* Notes once a minute that a session is used, and at once if it can have ended
 * unheard: in the database, which nobody else waits for, and in the cache, at
 * once where it can tell that nothing has ended it meanwhile. */
static enum cp2fa_known touch(request_rec *r, struct cp2fa_session *session,
                              int64_t seconds)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(r->server);
    const struct cp2fa_version *version =
        &cp2fa_request_of(cp2fa_request_first(r))->loaded_version;
    int vouched =
        cp2fa_keep_vouches(r->server, apr_time_from_sec(session->last_seen));
    enum cp2fa_known known;

    if (vouched && seconds < touch_due(&cp2fa_conf_of(r)->rules, session)) {
        return CP2FA_YES;
    }
    session->last_seen = seconds;
    if (!shared->behind || !vouched) {
        known = cp2fa_keep_seen(r->server, r->pool, session);
        return known == CP2FA_UNKNOWN && vouched ? CP2FA_YES : known;
    }
    if (version->at) {
        cp2fa_cache_put(shared->cache, r->server, r->pool, session, version);
    }
    cp2fa_behind_seen(shared->behind, session);
    return CP2FA_YES;
}

/* What the cache says; the connection notes it. */
static struct cp2fa_session *cached(request_rec *r, const char *hash)
{
    struct cp2fa_version version;
    struct cp2fa_session *session =
        cp2fa_cache_get(cp2fa_conf_shared(r->server)->cache, r->server, r->pool,
                        hash, &version);

    if (session) {
        cp2fa_memo_note(r, session, &version);
    }
    return session;
}

static enum cp2fa_known load(request_rec *r, const char *hash,
                             struct cp2fa_session **session)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(r->server);
    int fresh = cp2fa_request_of(cp2fa_request_first(r))->fresh;

    *session =
        !fresh && cp2fa_keep_is_current(r->server, r->pool, apr_time_now())
            ? cached(r, hash)
            : NULL;
    if (!fresh) {
        cp2fa_tally_count(shared->tally, *session ? CP2FA_COUNT_CACHE_HIT
                                                  : CP2FA_COUNT_CACHE_MISS);
    }
    if (*session) {
        return CP2FA_YES;
    }
    switch (
        cp2fa_sessions_find(shared->service.store, r->pool, hash, session)) {
    case CP2FA_DB_OK:
        if (cp2fa_facts_is_browser(*session)) {
            return CP2FA_NO;
        }
        return fresh ? CP2FA_YES : cp2fa_keep_put(r->server, r->pool, *session);
    case CP2FA_DB_NONE:
        return CP2FA_NO;
    case CP2FA_DB_FAILED:
        break;
    }
    return CP2FA_UNKNOWN;
}

/* What is over stays over, whatever the clock says next. */
static void bury(request_rec *r, const struct cp2fa_session *session,
                 apr_time_t now)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(r->server);
    int64_t ahead = cp2fa_facts_session_ahead(session, now);

    if (ahead > 0) {
        cp2fa_clock_session(r, session->hash, session->name, ahead);
    }
    if (cp2fa_facts_session_over(&cp2fa_conf_of(r)->rules, session, now)) {
        cp2fa_cache_remove(shared->cache, r->server, r->pool, session->hash);
        if (cp2fa_sessions_end(shared->service.store, NULL, r->pool,
                               session->hash)
            == CP2FA_DB_FAILED) {
            ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                          "CP2FA108: session %.8s is over, and can't be "
                          "removed from the database",
                          session->hash);
        }
    }
}

/* Read once for the request that arrived and all that it leads to. */
static enum cp2fa_known load_once(request_rec *r,
                                  struct cp2fa_session **session)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);
    const char *name =
        state->granted ? state->granted->hash : cookie_name(r, "");
    const char *hash;

    if (!state->loaded_as || strcmp(state->loaded_as, name) != 0) {
        hash = state->granted ? name : hash_in_cookie(r, name);
        state->loaded_row = NULL;
        if (hash) {
            state->loaded_version =
                cp2fa_cache_version(cp2fa_conf_shared(r->server)->cache, hash);
        }
        state->loaded = hash ? load(first, hash, &state->loaded_row) : CP2FA_NO;
        state->loaded_as = r == first ? name : apr_pstrdup(first->pool, name);
    }
    *session = state->loaded_row;
    return state->loaded;
}

static enum cp2fa_known look(request_rec *r, const char *user,
                             const struct cp2fa_session **session)
{
    struct cp2fa_request *state = cp2fa_request_of(r);
    struct cp2fa_session *found;
    enum cp2fa_known known;
    apr_time_t now;

    *session = state->seen;
    if (state->seen && state->seen_under == r->per_dir_config
        && (!user || strcmp(user, state->seen->name) == 0)) {
        return CP2FA_YES;
    }
    now = apr_time_now();
    known = load_once(r, &found);
    *session = NULL;
    if (known == CP2FA_YES
        && (!cp2fa_facts_session_alive(&cp2fa_conf_of(r)->rules,
                                       cp2fa_conf_realm(r), found, now)
            || (user && strcmp(user, found->name) != 0))) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "CP2FA101: session %.8s is not, or no longer, good for "
                      "user %s",
                      found->hash,
                      user ? CP2FA_LOGGED(r->pool, user) : "(whoever)");
        bury(r, found, now);
        known = CP2FA_NO;
    }
    if (known == CP2FA_YES) {
        known = touch(r, found, apr_time_sec(now));
    }
    if (known == CP2FA_YES) {
        *session = found;
        state->seen = found;
        state->seen_under = r->per_dir_config;
    }
    return known;
}

enum cp2fa_known cp2fa_session_find(request_rec *r, const struct cp2fa_who *who,
                                    const struct cp2fa_session **session)
{
    return look(r, who->user, session);
}

enum cp2fa_known cp2fa_session_any(request_rec *r,
                                   const struct cp2fa_session **session)
{
    return look(r, NULL, session);
}

int64_t cp2fa_session_settled(const struct cp2fa_rules *rules,
                              const struct cp2fa_session *session)
{
    int64_t until = touch_due(rules, session);

    until = session->ends < until ? session->ends : until;
    return session->created + rules->session_lifetime < until
               ? session->created + rules->session_lifetime
               : until;
}

/* For so many seconds, or with 0 until the browser is closed; an empty value
 * takes the cookie back. */
static void set_cookie(request_rec *r, const char *name, const char *value,
                       int64_t seconds)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    const char *age =
        seconds == 0 && *value
            ? ""
            : apr_psprintf(r->pool, "; Max-Age=%" APR_INT64_T_FMT, seconds);

    apr_table_addn(r->err_headers_out, "Set-Cookie",
                   apr_pstrcat(r->pool, name, "=", value, "; Path=/; HttpOnly",
                               conf->cookie_secure ? "; Secure" : "",
                               "; SameSite=Lax", age, (char *)NULL));
}

const char *cp2fa_session_binding(request_rec *r,
                                  const struct cp2fa_session *session, int make)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(r->server);
    const char *name = cookie_name(r, CP2FA_COOKIE_PRE);
    const char *hash = session ? session->hash : hash_in_cookie(r, name);
    uint8_t token[CP2FA_TOKEN_LEN];
    char text[CP2FA_TOKEN_TEXT + 1];
    char made[CP2FA_HASH_TEXT + 1];

    if (hash || !make || !shared->crypto) {
        return hash;
    }
    if (shared->service.random(token, sizeof(token)) == 0
        && cp2fa_token_hash(shared->crypto, token, made) == 0) {
        cp2fa_token_format(token, text);
        set_cookie(r, name, text, 0);
        hash = apr_pstrdup(r->pool, made);
        cp2fa_bytes_wipe(text, sizeof(text));
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    return hash;
}

static void put_ahead(void *baton, const struct cp2fa_session *session)
{
    request_rec *r = baton;

    cp2fa_cache_put(cp2fa_conf_shared(r->server)->cache, r->server, r->pool,
                    session, NULL);
}

void cp2fa_session_expect(request_rec *r, struct cp2fa_grant *grant)
{
    grant->foretell = put_ahead;
    grant->baton = r;
}

void cp2fa_session_begin(request_rec *r, struct cp2fa_grant *grant)
{
    cp2fa_request_of(r)->seen = NULL;
    cp2fa_session_forget(r, &grant->ended);
    set_cookie(r, cookie_name(r, ""), grant->id, 0);
    set_cookie(r, cookie_name(r, CP2FA_COOKIE_PRE), "", 0);
    if (*grant->browser_id) {
        set_cookie(r, cookie_name(r, CP2FA_COOKIE_BROWSER), grant->browser_id,
                   grant->browser.ends - grant->browser.created);
    }
    cp2fa_grant_wipe(grant);
}

const char *cp2fa_session_browser(request_rec *r)
{
    return cp2fa_conf_of(r)->rules.remember > 0
               ? hash_in_cookie(r, cookie_name(r, CP2FA_COOKIE_BROWSER))
               : NULL;
}

void cp2fa_session_forget_browser(request_rec *r)
{
    set_cookie(r, cookie_name(r, CP2FA_COOKIE_BROWSER), "", 0);
}

void cp2fa_session_forget(request_rec *r, const struct cp2fa_rows *hashes)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(r->server);

    for (int i = 0; i < hashes->count; i++) {
        cp2fa_cache_remove(shared->cache, r->server, r->pool,
                           hashes->row[i][0]);
    }
}

int cp2fa_session_end(request_rec *r, const struct cp2fa_session *session)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(r->server);

    cp2fa_request_of(r)->seen = NULL;
    if (session) {
        if (cp2fa_sessions_end(shared->service.store, NULL, r->pool,
                               session->hash)
            == CP2FA_DB_FAILED) {
            return -1;
        }
        cp2fa_cache_remove(shared->cache, r->server, r->pool, session->hash);
    }
    set_cookie(r, cookie_name(r, ""), "", 0);
    set_cookie(r, cookie_name(r, CP2FA_COOKIE_PRE), "", 0);
    return 0;
}
