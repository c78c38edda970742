/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_CACHE_H
#define CP2FA_GATE_CACHE_H

#include <httpd.h>

#include "gate/version.h"
#include "store/sessions.h"

/* Sessions in shared memory, or wherever a socache provider keeps them, so
 * that the steady state asks no database. The database stays the truth: what
 * is not found here, or can't be read, is looked up there. */

struct cp2fa_cache;

/** Registers the mutex that some providers need; in pre_config. */
apr_status_t cp2fa_cache_register(apr_pool_t *pconf);

/**
 * Makes the cache that spec names ("none", "provider" or "provider:args";
 * NULL is the default). *cache is NULL for none. Returns NULL, or what is
 * wrong. Lives as long as pconf.
 */
const char *cp2fa_cache_create(server_rec *s, apr_pool_t *pconf,
                               apr_pool_t *ptemp, const char *spec,
                               struct cp2fa_cache **cache);

/** Prepares it in a child. */
apr_status_t cp2fa_cache_child_init(struct cp2fa_cache *cache, server_rec *s,
                                    apr_pool_t *p);

/** A session by the hash of its id, from p, and its version, as of before it
 * was read; NULL if it isn't there. */
struct cp2fa_session *cp2fa_cache_get(struct cp2fa_cache *cache, server_rec *s,
                                      apr_pool_t *p, const char *hash,
                                      struct cp2fa_version *version);

/** The version of a session, to be asked for before it is read. There is
 * none where other machines write to the cache, or there is no cache. */
struct cp2fa_version cp2fa_cache_version(const struct cp2fa_cache *cache,
                                         const char *hash);

/** Any small value under 32 bytes of a hash. read: 0 with *len set, or -1. */
int cp2fa_cache_read(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                     const uint8_t *key, char *out,
                     unsigned *len) CP2FA_USE_RESULT;
void cp2fa_cache_write(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                       const uint8_t *key, apr_time_t ends, const char *value,
                       unsigned len);

/** Puts a session in. With a version, only if nothing has changed since: what
 * ended between reading it and this stays ended. */
void cp2fa_cache_put(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                     const struct cp2fa_session *session,
                     const struct cp2fa_version *version);

void cp2fa_cache_remove(struct cp2fa_cache *cache, server_rec *s, apr_pool_t *p,
                        const char *hash);

#endif
