/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/setup.h"

#include <unistd.h>

#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_core.h>
#include <openssl/rand.h>
#include <unixd.h>

#include "gate/cache.h"
#include "gate/child.h"
#include "gate/conf.h"
#include "gate/conftree.h"
#include "gate/headcount.h"
#include "gate/janitor.h"
#include "gate/log.h"
#include "gate/prover.h"
#include "gate/sections.h"
#include "gate/tally.h"
#include "service/keyfile.h"
#include "service/prepare.h"
#include "store/dialect.h"

/* What the pages need, and what a Debian admin types. */
static const struct {
    const char *file;
    const char *name;
} needed_modules[] = {
    {"mod_include.c", "include"},
    {"mod_negotiation.c", "negotiation"},
    {"mod_mime.c", "mime"},
    {"mod_alias.c", "alias"},
    {"mod_authn_core.c", "authn_core"},
};

int cp2fa_setup_pre_config(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    return cp2fa_cache_register(pconf) == APR_SUCCESS
               ? OK
               : HTTP_INTERNAL_SERVER_ERROR;
}

static int refuse(server_rec *s, const char *problem)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, s, "CP2FA001: %s", problem);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static const char *check_modules(apr_pool_t *p)
{
    for (size_t i = 0; i < sizeof(needed_modules) / sizeof(*needed_modules);
         i++) {
        if (!ap_find_linked_module(needed_modules[i].file)) {
            return apr_psprintf(p,
                                "mod_cp2fa's pages need mod_%s: add "
                                "LoadModule %s_module (Debian: a2enmod %s)",
                                needed_modules[i].name, needed_modules[i].name,
                                needed_modules[i].name);
        }
    }
    return NULL;
}

static apr_status_t free_keys(void *data)
{
    struct cp2fa_shared *shared = data;

    cp2fa_keyring_free(shared->keys);
    cp2fa_crypto_free(shared->crypto);
    shared->keys = NULL;
    shared->crypto = NULL;
    return APR_SUCCESS;
}

static int random_bytes(uint8_t *out, size_t n)
{
    return RAND_bytes(out, (int)n) == 1 ? 0 : -1;
}

/* Reads the key file, as the user who starts the server; a missing one is
 * made at the start, not by configtest. */
static const char *load_keys(apr_pool_t *pconf, server_rec *s, int *missing)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const char *problem;

    *missing = 0;
    if (!shared->driver || !shared->key_file) {
        return "TwoFactorDatabase and TwoFactorKeyFile must be set: Include "
               "conf/cp2fa.conf";
    }
    problem = cp2fa_store_driver_problem(pconf, shared->driver);
    if (problem) {
        return problem;
    }
    free_keys(shared);
    shared->crypto = cp2fa_crypto_new();
    if (!shared->crypto) {
        return "libcrypto lacks HMAC, SHA-256, AES-256-GCM or HKDF";
    }
    apr_pool_cleanup_register(pconf, shared, free_keys, apr_pool_cleanup_null);
    problem = cp2fa_keyfile_read(pconf, shared->key_file, shared->crypto,
                                 &shared->keys, missing);
    return *missing ? NULL : problem;
}

int cp2fa_setup_check_config(apr_pool_t *pconf, apr_pool_t *plog,
                             apr_pool_t *ptemp, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const char *problem = NULL;
    int missing;
    int used = 0;

    (void)plog;
    for (server_rec *one = s; one; one = one->next) {
        used |= cp2fa_conf_guards(one);
    }
    cp2fa_conf_gather(s);
    shared->mod_cache = ap_find_linked_module("mod_cache.c") != NULL;
    /* first: what it refuses, the sections can't be looked at with */
    if (used) {
        problem = cp2fa_conftree_check(ptemp, s);
    }
    for (server_rec *one = s; one && !problem; one = one->next) {
        problem = cp2fa_sections_check(ptemp, one);
    }
    if (!problem && used) {
        problem = check_modules(ptemp);
    }
    if (!problem && used) {
        problem = load_keys(pconf, s, &missing);
    }
    if (!problem && used) {
        problem = cp2fa_janitor_check(pconf, s);
    }
    for (server_rec *one = s; one && !problem; one = one->next) {
        cp2fa_conf_merge_locations(pconf, one);
    }
    return problem ? refuse(s, problem) : OK;
}

static const char *make_keys(apr_pool_t *pconf, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const char *problem =
        cp2fa_keyfile_make(pconf, shared->key_file, random_bytes);
    int missing;

    return problem ? problem
                   : cp2fa_keyfile_read(pconf, shared->key_file, shared->crypto,
                                        &shared->keys, &missing);
}

static const char *start(apr_pool_t *pconf, apr_pool_t *ptemp, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    struct cp2fa_service *service = &shared->service;
    gid_t group = geteuid() == 0 ? ap_unixd_config.group_id : (gid_t)-1;
    const char *problem = cp2fa_prepare_folder(ptemp, shared->key_file, group);
    int new_keys = !shared->keys;
    int made = 0;

    if (!problem && !cp2fa_dialect_find(shared->driver)->server) {
        problem = cp2fa_prepare_folder(ptemp, shared->params, group);
    }
    if (!problem && new_keys) {
        problem = make_keys(pconf, s);
    }
    service->crypto = shared->crypto;
    service->keys = shared->keys;
    service->random = random_bytes;
    service->complain = cp2fa_child_complain;
    service->baton = s;
    if (!problem) {
        problem = cp2fa_prover_run(ptemp, shared->driver, shared->params,
                                   service, &made);
        /* Nothing was sealed with it, and the right one may come back. */
        if (problem && new_keys) {
            unlink(shared->key_file);
        }
    }
    if (!problem && new_keys) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "CP2FA004: made key file %s: keep a copy of it apart "
                     "from the database's",
                     shared->key_file);
    }
    shared->unproven = made == CP2FA_PREPARE_AWAY;
    if (!problem && shared->unproven) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     "CP2FA014: database %s can't be reached: guarded "
                     "requests are answered 503 until it can",
                     shared->driver);
    }
    if (!problem && made == 1) {
        ap_log_error(
            APLOG_MARK, APLOG_NOTICE, 0, s,
            "CP2FA005: made the tables in database %s",
            cp2fa_prover_database(ptemp, shared->driver, shared->params));
        if (!new_keys) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                         "CP2FA006: the key file is older than the tables: if "
                         "there was a database before, it is gone, and nobody "
                         "is enrolled");
        }
    }
    return problem;
}

int cp2fa_setup_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                            apr_pool_t *ptemp, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const char *problem;

    (void)plog;
    /* httpd runs this twice at start; and unused, there is no crypto */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG
        || !shared->crypto) {
        return OK;
    }
    shared->tally = cp2fa_tally_create(pconf);
    shared->headcount = cp2fa_headcount_create(pconf);
    problem = start(pconf, ptemp, s);
    if (!problem) {
        problem = cp2fa_cache_create(s, pconf, ptemp, shared->cache_spec,
                                     &shared->cache);
    }
    if (!problem) {
        problem = cp2fa_janitor_hire(pconf, s);
    }
    return problem ? refuse(s, problem) : OK;
}
