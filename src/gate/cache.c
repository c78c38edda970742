/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/cache.h"

#include <ap_provider.h>
#include <ap_socache.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <util_mutex.h>

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/text.h"
#include "gate/log.h"
#include "gate/record.h"

#define MUTEX_TYPE "cp2fa-sessions"
#define FIELDS     8
#define RECORD_MAX 1024

#define ASK_EVERY   apr_time_from_sec(2)
#define TRUSTED_FOR apr_time_from_sec(4) /* after what was heard last */
#define LOOK_BACK   60 /* seconds; a transaction may commit late */

struct cp2fa_cache {
    const ap_socache_provider_t *provider;
    ap_socache_instance_t *instance;
    apr_global_mutex_t *mutex; /* NULL where the provider needs none */
    /* Of each child: when it last asked what other nodes have ended, and when
     * it last heard. */
    volatile apr_uint64_t asked;
    volatile apr_uint64_t heard;
};

apr_status_t cp2fa_cache_register(apr_pool_t *pconf)
{
    return ap_mutex_register(pconf, MUTEX_TYPE, NULL, APR_LOCK_DEFAULT, 0);
}

struct cleanup {
    struct cp2fa_cache *cache;
    server_rec *s;
};

static apr_status_t destroy(void *data)
{
    struct cleanup *c = data;

    c->cache->provider->destroy(c->cache->instance, c->s);
    return APR_SUCCESS;
}

static const char *start(server_rec *s, apr_pool_t *pconf,
                         struct cp2fa_cache *cache)
{
    static const struct ap_socache_hints hints = {CP2FA_SHA256_LEN, 256,
                                                  APR_USEC_PER_SEC * 60};
    struct cleanup *c = apr_pcalloc(pconf, sizeof(*c));
    apr_status_t rv = APR_SUCCESS;

    if (cache->provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE) {
        rv = ap_global_mutex_create(&cache->mutex, NULL, MUTEX_TYPE, NULL, s,
                                    pconf, 0);
    }
    if (rv == APR_SUCCESS) {
        rv = cache->provider->init(cache->instance, MUTEX_TYPE, &hints, s,
                                   pconf);
    }
    if (rv != APR_SUCCESS) {
        return apr_psprintf(pconf, "TwoFactorSessionCache can't be made: %pm",
                            &rv);
    }
    c->cache = cache;
    c->s = s;
    apr_pool_cleanup_register(pconf, c, destroy, apr_pool_cleanup_null);
    return NULL;
}

const char *cp2fa_cache_create(server_rec *s, apr_pool_t *pconf,
                               apr_pool_t *ptemp, const char *spec,
                               struct cp2fa_cache **cache)
{
    struct cp2fa_cache *made = apr_pcalloc(pconf, sizeof(*made));
    const char *name = spec ? spec : "shmcb";
    const char *args = ap_strchr_c(name, ':');
    const char *error;

    *cache = NULL;
    if (ap_cstr_casecmp(name, "none") == 0) {
        return NULL;
    }
    if (args) {
        name = apr_pstrmemdup(ptemp, name, (apr_size_t)(args - name));
        args++;
    }
    made->provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, name,
                                        AP_SOCACHE_PROVIDER_VERSION);
    if (!made->provider && !spec) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "CP2FA010: mod_socache_shmcb is not loaded: every "
                     "request of a session asks the database. Load it, or "
                     "say TwoFactorSessionCache none");
        return NULL;
    }
    if (!made->provider) {
        return apr_psprintf(pconf,
                            "TwoFactorSessionCache %s needs "
                            "mod_socache_%s: load that module",
                            spec, name);
    }
    error = made->provider->create(&made->instance, args, ptemp, pconf);
    if (error) {
        return apr_pstrcat(pconf, "TwoFactorSessionCache: ", error,
                           (char *)NULL);
    }
    error = start(s, pconf, made);
    if (!error) {
        *cache = made;
    }
    return error;
}

apr_status_t cp2fa_cache_child_init(struct cp2fa_cache *cache, server_rec *s,
                                    apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;

    if (cache && cache->mutex) {
        rv = apr_global_mutex_child_init(
            &cache->mutex, apr_global_mutex_lockfile(cache->mutex), p);
        if (rv != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_ERR, rv, s,
                         "CP2FA011: the session cache's mutex can't be used "
                         "in this child");
        }
    }
    return rv;
}

static int lock(struct cp2fa_cache *cache)
{
    return !cache->mutex || apr_global_mutex_lock(cache->mutex) == APR_SUCCESS;
}

static void unlock(struct cp2fa_cache *cache)
{
    if (cache->mutex) {
        apr_global_mutex_unlock(cache->mutex);
    }
}

/* The hash as bytes: a third of the memory, and shmcb compares less. */
static int key_of(const char *hash, uint8_t key[CP2FA_SHA256_LEN])
{
    return cp2fa_bytes_from_hex(hash, strlen(hash), key, CP2FA_SHA256_LEN);
}

/* A record is eight lines. The cache can be a server elsewhere: what it says
 * is checked like any input. */
static struct cp2fa_session *parse(apr_pool_t *p, const char *hash,
                                   char *record)
{
    struct cp2fa_session *session;
    char *field[FIELDS];
    int64_t number[4];
    char *rest = record;

    for (int i = 0; i < FIELDS; i++) {
        field[i] = rest;
        rest = strchr(rest, '\n');
        if (!rest) {
            return NULL;
        }
        *rest++ = '\0';
    }
    for (int i = 0; i < 4; i++) {
        if (cp2fa_text_number(field[4 + i], 0, INT64_MAX / 2, &number[i])
            != 0) {
            return NULL;
        }
    }
    if (*rest != '\0') {
        return NULL;
    }
    session = apr_pcalloc(p, sizeof(*session));
    session->hash = apr_pstrdup(p, hash);
    session->account = field[0];
    session->realm = field[1];
    session->name = field[2];
    session->amr = field[3];
    session->created = number[0];
    session->auth_time = number[1];
    session->last_seen = number[2];
    session->ends = number[3];
    return session;
}

struct cp2fa_session *cp2fa_cache_get(struct cp2fa_cache *cache, server_rec *s,
                                      apr_pool_t *p, const char *hash)
{
    uint8_t key[CP2FA_SHA256_LEN];
    char record[RECORD_MAX + 1];
    unsigned len = RECORD_MAX;
    apr_status_t rv;

    if (!cache || key_of(hash, key) != 0 || !lock(cache)) {
        return NULL;
    }
    rv = cache->provider->retrieve(cache->instance, s, key, sizeof(key),
                                   (unsigned char *)record, &len, p);
    unlock(cache);
    if (rv != APR_SUCCESS || len > RECORD_MAX
        || cp2fa_record_open(s, hash, record, &len) != 0) {
        return NULL;
    }
    record[len] = '\0';
    return parse(p, hash, apr_pstrdup(p, record));
}

void cp2fa_cache_put(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                     const struct cp2fa_session *session)
{
    uint8_t key[CP2FA_SHA256_LEN];
    char record[RECORD_MAX];
    int len;

    if (!cache || key_of(session->hash, key) != 0) {
        return;
    }
    len = apr_snprintf(
        record, sizeof(record),
        "%s\n%s\n%s\n%s\n%" APR_INT64_T_FMT "\n%" APR_INT64_T_FMT
        "\n%" APR_INT64_T_FMT "\n%" APR_INT64_T_FMT "\n",
        session->account, session->realm, session->name, session->amr,
        (apr_int64_t)session->created, (apr_int64_t)session->auth_time,
        (apr_int64_t)session->last_seen, (apr_int64_t)session->ends);
    if (len >= (int)sizeof(record) - 1
        || (len = cp2fa_record_seal(s, session->hash, record, len,
                                    sizeof(record)))
               < 0
        || !lock(cache)) {
        return;
    }
    cache->provider->store(cache->instance, s, key, sizeof(key),
                           apr_time_from_sec(session->ends),
                           (unsigned char *)record, (unsigned)len, p);
    unlock(cache);
}

void cp2fa_cache_remove(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                        const char *hash)
{
    uint8_t key[CP2FA_SHA256_LEN];

    if (!cache || key_of(hash, key) != 0 || !lock(cache)) {
        return;
    }
    cache->provider->remove(cache->instance, s, key, sizeof(key), p);
    unlock(cache);
}

/* Whether so long has passed since a time, or the clock was set back. */
static int is_past(apr_time_t now, apr_uint64_t since, apr_time_t span)
{
    return now < (apr_time_t)since || now - (apr_time_t)since >= span;
}

int cp2fa_cache_is_current(struct cp2fa_cache *cache, server_rec *s,
                           apr_pool_t *p, struct cp2fa_store *store)
{
    apr_time_t now = apr_time_now();
    apr_uint64_t asked;
    struct cp2fa_rows ended;

    if (!cache) {
        return 0;
    }
    asked = apr_atomic_read64(&cache->asked);
    /* one request of many asks; the others go on meanwhile */
    if (is_past(now, asked, ASK_EVERY)
        && apr_atomic_cas64(&cache->asked, (apr_uint64_t)now, asked) == asked
        && cp2fa_sessions_ended(store, p, LOOK_BACK, &ended) == CP2FA_DB_OK) {
        for (int i = 0; i < ended.count; i++) {
            cp2fa_cache_remove(cache, s, p, ended.row[i][0]);
        }
        apr_atomic_set64(&cache->heard, (apr_uint64_t)now);
    }
    return !is_past(now, apr_atomic_read64(&cache->heard), TRUSTED_FOR);
}
