/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/cache.h"

#include <ap_provider.h>
#include <ap_socache.h>
#include <apr_strings.h>
#include <http_config.h>
#include <util_mutex.h>

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/token.h"
#include "gate/log.h"
#include "gate/near.h"
#include "gate/record.h"
#include "gate/segment.h"

#define MUTEX_TYPE   "cp2fa-sessions"
#define LOCAL        "shmcb" /* the provider that no other machine writes to */
#define DEFAULT_SIZE (8 * 1024 * 1024)

struct cp2fa_cache {
    const ap_socache_provider_t *provider;
    ap_socache_instance_t *instance;
    apr_global_mutex_t *mutex;  /* NULL where the provider needs none */
    _Atomic uint32_t *versions; /* NULL: what was read can't be kept */
    struct cp2fa_near *near;    /* NULL: nothing is near */
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

/* Room for some 25,000 sessions; httpd's own default has room for 1,800, and
 * what falls out of it asks the database. NULL: that default. */
static const char *default_args(apr_pool_t *p)
{
    const char *path = ap_runtime_dir_relative(p, "socache-shmcb-" MUTEX_TYPE);

    return path && !ap_strchr_c(path, '(')
               ? apr_psprintf(p, "%s(%d)", path, DEFAULT_SIZE)
               : NULL;
}

const char *cp2fa_cache_create(server_rec *s, apr_pool_t *pconf,
                               apr_pool_t *ptemp, const char *spec,
                               struct cp2fa_cache **cache)
{
    struct cp2fa_cache *made = apr_pcalloc(pconf, sizeof(*made));
    const char *name = spec ? spec : LOCAL;
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
    if (!spec) {
        args = default_args(ptemp);
    }
    error = made->provider->create(&made->instance, args, ptemp, pconf);
    if (error) {
        return apr_pstrcat(pconf, "TwoFactorSessionCache: ", error,
                           (char *)NULL);
    }
    error = start(s, pconf, made);
    if (!error && ap_cstr_casecmp(name, LOCAL) == 0) {
        /* without them it is slower, and still right */
        made->versions = cp2fa_segment_create(
            pconf, CP2FA_VERSIONS * sizeof(*made->versions));
        made->near = cp2fa_near_create(pconf);
    }
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

struct cp2fa_version cp2fa_cache_version(const struct cp2fa_cache *cache,
                                         const char *hash)
{
    struct cp2fa_version version = {NULL, 0};
    int which = cp2fa_version_of(hash);

    if (cache && cache->versions && which >= 0) {
        version.at = cache->versions + which;
        version.number = atomic_load(version.at);
    }
    return version;
}

/* After the cache itself, so that who reads it with the new number reads what
 * is new; and whether or not that could be done. */
static void change(struct cp2fa_cache *cache, const char *hash)
{
    int which = cp2fa_version_of(hash);

    if (cache->versions && which >= 0) {
        atomic_fetch_add(cache->versions + which, 1);
    }
}

int cp2fa_cache_read(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                     const uint8_t *key, char *out, unsigned *len)
{
    unsigned size = *len;
    apr_status_t rv;

    if (!cache || !lock(cache)) {
        return -1;
    }
    rv = cache->provider->retrieve(cache->instance, s, key, CP2FA_SHA256_LEN,
                                   (unsigned char *)out, len, p);
    unlock(cache);
    return rv == APR_SUCCESS && *len <= size ? 0 : -1;
}

void cp2fa_cache_write(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                       const uint8_t *key, apr_time_t ends, const char *value,
                       unsigned len)
{
    if (cache && lock(cache)) {
        cache->provider->store(cache->instance, s, key, CP2FA_SHA256_LEN, ends,
                               (unsigned char *)value, len, p);
        unlock(cache);
    }
}

/* A record that is ours, from p, or NULL. */
static char *read_record(struct cp2fa_cache *cache, server_rec *s,
                         apr_pool_t *p, const char *hash, size_t *len)
{
    uint8_t key[CP2FA_SHA256_LEN];
    char record[CP2FA_RECORD_MAX];
    unsigned size = CP2FA_RECORD_MAX;

    if (key_of(hash, key) != 0
        || cp2fa_cache_read(cache, s, p, key, record, &size) != 0) {
        return NULL;
    }
    *len = cp2fa_record_open(s, hash, record, size);
    return *len > 0 ? apr_pmemdup(p, record, *len) : NULL;
}

struct cp2fa_session *cp2fa_cache_get(struct cp2fa_cache *cache, server_rec *s,
                                      apr_pool_t *p, const char *hash,
                                      struct cp2fa_version *version)
{
    char *record = NULL;
    size_t len;

    *version = cp2fa_cache_version(cache, hash); /* before it is read */
    if (cache && cache->near) {
        record = cp2fa_near_get(cache->near, p, hash, version, &len);
    }
    if (!record) {
        record = read_record(cache, s, p, hash, &len);
        if (record && cache->near) {
            cp2fa_near_put(cache->near, hash, version, record, len);
        }
    }
    return record ? cp2fa_record_read(p, hash, record, len) : NULL;
}

void cp2fa_cache_put(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                     const struct cp2fa_session *session,
                     const struct cp2fa_version *version)
{
    uint8_t key[CP2FA_SHA256_LEN];
    char record[CP2FA_RECORD_MAX];
    size_t len;

    if (!cache || key_of(session->hash, key) != 0) {
        return;
    }
    len = cp2fa_record_seal(s, session->hash, record,
                            cp2fa_record_write(session, record));
    if (!lock(cache)) {
        change(cache, session->hash);
        return;
    }
    if (!version || cp2fa_version_stands(version)) {
        if (len > 0) {
            cache->provider->store(cache->instance, s, key, sizeof(key),
                                   apr_time_from_sec(session->ends),
                                   (unsigned char *)record, (unsigned)len, p);
        }
        change(cache, session->hash);
    }
    unlock(cache);
}

void cp2fa_cache_remove(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                        const char *hash)
{
    uint8_t key[CP2FA_SHA256_LEN];
    int locked;

    if (!cache || key_of(hash, key) != 0) {
        return;
    }
    locked = lock(cache);
    if (locked) {
        cache->provider->remove(cache->instance, s, key, sizeof(key), p);
    }
    change(cache, hash);
    if (locked) {
        unlock(cache);
    }
}
