/* SPDX-License-Identifier: Apache-2.0 */
#include "service/login.h"

#include <string.h>

#include "core/network.h"
#include "service/notify.h"
#include "store/accounts.h"
#include "store/logins.h"

#define ROUNDS 8     /* tries that race for one origin */
#define KEEP   86400 /* seconds that a failure stays on record */

/* A name from one address is slowed most; an address, which may be a whole
 * office's, later. A name alone is slowed a little, and only for addresses that
 * have failed with it: its owner gets in from elsewhere. */
static const struct cp2fa_slowdown rules_of[CP2FA_LOGIN_ORIGINS] = {
    [CP2FA_LOGIN_PAIR] = {3, 5, 3600, 3600},
    [CP2FA_LOGIN_NAME] = {10, 1, 15, 60},
    [CP2FA_LOGIN_ADDRESS] = {20, 5, 600, 120},
};

/* Keyed, since people type passwords where their name belongs: who reads the
 * table can't try them out. */
static int make_key(const struct cp2fa_service *service, const char *kind,
                    const struct cp2fa_who *who, const char *name,
                    const char *network, char out[CP2FA_HASH_TEXT + 1])
{
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text("cp2fa_login_failure"),
        cp2fa_crypto_text(kind),
        cp2fa_crypto_text(who->realm),
        cp2fa_crypto_text(name),
        cp2fa_crypto_text(network),
    };
    const uint8_t *key =
        cp2fa_keyring_key(service->keys, cp2fa_keyring_active(service->keys),
                          CP2FA_PURPOSE_TOKEN);
    uint8_t mac[CP2FA_SHA256_LEN];

    if (!key || cp2fa_crypto_mac(service->crypto, key, parts, 5, mac) != 0) {
        return -1;
    }
    cp2fa_bytes_to_hex(mac, sizeof(mac), out);
    return 0;
}

static int make_keys(const struct cp2fa_service *service,
                     const struct cp2fa_who *who, struct cp2fa_login_try *try)
{
    char network[CP2FA_NETWORK_MAX];

    cp2fa_network_of(who->address ? who->address : "", network);
    return make_key(service, "pair", who, who->user, network,
                    try->origin[CP2FA_LOGIN_PAIR].key)
                       != 0
                   || make_key(service, "name", who, who->user, "",
                               try->origin[CP2FA_LOGIN_NAME].key)
                          != 0
                   || make_key(service, "address", who, "", network,
                               try->origin[CP2FA_LOGIN_ADDRESS].key)
                          != 0
               ? -1
               : 0;
}

/* Whether an origin has a say in this try. */
static int counts(const struct cp2fa_login_try *try, int i, int64_t now)
{
    return i != CP2FA_LOGIN_NAME
           || cp2fa_slowdown_level(&rules_of[CP2FA_LOGIN_PAIR],
                                   &try->origin[CP2FA_LOGIN_PAIR].before, now)
                  > 0;
}

/* A name that has failed here is counted strictly at once; an origin that
 * others share only when it is slowed, so that honest people don't get into
 * each other's way. */
static int is_strict(const struct cp2fa_login_try *try, int i, int64_t now)
{
    int64_t level =
        cp2fa_slowdown_level(&rules_of[i], &try->origin[i].before, now);

    return i == CP2FA_LOGIN_PAIR
               ? level > 0
               : level >= rules_of[i].free && counts(try, i, now);
}

/* *now goes on by the clock that all nodes have. */
static enum cp2fa_db_result read_all(const struct cp2fa_service *service,
                                     apr_pool_t *p, int64_t *now,
                                     struct cp2fa_login_try *try)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;

    try->wait = 0;
    for (int i = 0; i < CP2FA_LOGIN_ORIGINS && result == CP2FA_DB_OK; i++) {
        result = cp2fa_logins_read(service->store, NULL, p, try->origin[i].key,
                                   &try->origin[i].before, now);
        if (result == CP2FA_DB_OK && counts(try, i, *now)) {
            unsigned wait =
                cp2fa_slowdown_wait(&rules_of[i], &try->origin[i].before, *now);

            try->wait = wait > try->wait ? wait : try->wait;
        }
    }
    return result;
}

static enum cp2fa_db_result reserve(const struct cp2fa_service *service,
                                    apr_pool_t *p, int64_t now,
                                    struct cp2fa_login_try *try)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;
    struct cp2fa_tx *tx = NULL;

    for (int i = 0; i < CP2FA_LOGIN_ORIGINS && result == CP2FA_DB_OK; i++) {
        try->origin[i].reserved = is_strict(try, i, now);
        if (!try->origin[i].reserved) {
            continue;
        }
        if (!tx && cp2fa_db_begin(service->store, p, &tx) != CP2FA_DB_OK) {
            return CP2FA_DB_FAILED;
        }
        cp2fa_slowdown_fail(&rules_of[i], &try->origin[i].before, now,
                            &try->origin[i].after);
        result =
            cp2fa_logins_swap(tx, p, try->origin[i].key, &try->origin[i].before,
                              &try->origin[i].after);
    }
    return tx ? cp2fa_tx_end(tx, result) : result;
}

enum cp2fa_outcome cp2fa_login_reserve(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who, int64_t now,
                                       struct cp2fa_login_try *try)
{
    int64_t seconds = now / CP2FA_SECOND;

    memset(try, 0, sizeof(*try));
    if (make_keys(service, who, try) != 0) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    for (int round = 0; round < ROUNDS; round++) {
        if (read_all(service, p, &seconds, try) != CP2FA_DB_OK) {
            return CP2FA_OUTCOME_UNAVAILABLE;
        }
        if (try->wait > 0) {
            return CP2FA_OUTCOME_WAIT;
        }
        switch (reserve(service, p, seconds, try)) {
        case CP2FA_DB_OK:
            return CP2FA_OUTCOME_DONE;
        case CP2FA_DB_NONE:
            break; /* another try came between: look again */
        case CP2FA_DB_FAILED:
            return CP2FA_OUTCOME_UNAVAILABLE;
        }
    }
    try->wait = 1;
    return CP2FA_OUTCOME_WAIT;
}

/* Counts the origins that were not counted before. */
static enum cp2fa_db_result count(const struct cp2fa_service *service,
                                  apr_pool_t *p, int64_t now,
                                  const struct cp2fa_login_try *try)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;
    struct cp2fa_tx *tx;

    if (cp2fa_db_begin(service->store, p, &tx) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    for (int i = 0; i < CP2FA_LOGIN_ORIGINS && result == CP2FA_DB_OK; i++) {
        const char *key = try->origin[i].key;
        struct cp2fa_slowness before;
        struct cp2fa_slowness after;

        if (try->origin[i].reserved) {
            continue;
        }
        result = cp2fa_logins_read(service->store, tx, p, key, &before, &now);
        if (result == CP2FA_DB_OK) {
            cp2fa_slowdown_fail(&rules_of[i], &before, now, &after);
            result = cp2fa_logins_swap(tx, p, key, &before, &after);
        }
        /* who is new makes room for itself */
        if (result == CP2FA_DB_OK && before.at == 0) {
            result = cp2fa_logins_expire(tx, p, now - KEEP);
        }
    }
    return cp2fa_tx_end(tx, result);
}

enum cp2fa_outcome cp2fa_login_failed(const struct cp2fa_service *service,
                                      apr_pool_t *p, int64_t now,
                                      const struct cp2fa_login_try *try)
{
    enum cp2fa_db_result result = CP2FA_DB_NONE;

    for (int round = 0; round < ROUNDS && result == CP2FA_DB_NONE; round++) {
        result = count(service, p, now / CP2FA_SECOND, try);
    }
    /* what can't be counted can't be answered */
    return result == CP2FA_DB_OK ? CP2FA_OUTCOME_DONE
                                 : CP2FA_OUTCOME_UNAVAILABLE;
}

static enum cp2fa_db_result give_back(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_login_try *try,
                                      int forgive)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;
    struct cp2fa_tx *tx = NULL;

    for (int i = 0; i < CP2FA_LOGIN_ORIGINS && result != CP2FA_DB_FAILED; i++) {
        if (!try->origin[i].reserved) {
            continue;
        }
        if (!tx && cp2fa_db_begin(service->store, p, &tx) != CP2FA_DB_OK) {
            return CP2FA_DB_FAILED;
        }
        /* NONE: another try came after it; then it stays counted */
        result = forgive && i == CP2FA_LOGIN_PAIR
                     ? cp2fa_logins_forgive(tx, try->origin[i].key)
                     : cp2fa_logins_swap(tx, p, try->origin[i].key,
                                         &try->origin[i].after,
                                         &try->origin[i].before);
    }
    result = result == CP2FA_DB_NONE ? CP2FA_DB_OK : result;
    return tx ? cp2fa_tx_end(tx, result) : result;
}

enum cp2fa_outcome cp2fa_login_succeeded(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_login_try *try)
{
    return give_back(service, p, try, 1) == CP2FA_DB_OK
               ? CP2FA_OUTCOME_DONE
               : CP2FA_OUTCOME_UNAVAILABLE;
}

void cp2fa_login_void(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_login_try *try)
{
    if (give_back(service, p, try, 0) == CP2FA_DB_FAILED) {
        service->complain(service->baton,
                          "a log-in that could not be checked stays counted");
    }
}

/* The directory's address is at hand now, and not in later requests; the one
 * that it takes the place of is told. */
static enum cp2fa_db_result keep_address(const struct cp2fa_service *service,
                                         struct cp2fa_tx *tx, apr_pool_t *p,
                                         const struct cp2fa_who *who,
                                         const struct cp2fa_account *account,
                                         int64_t now)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;

    if (strcmp(who->email, account->email) == 0) {
        return CP2FA_DB_OK;
    }
    if (*account->email) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_EMAIL_CHANGED, who->email, now);
    }
    return result == CP2FA_DB_OK
               ? cp2fa_accounts_set_email(tx, account->id, who->email)
               : result;
}

enum cp2fa_outcome cp2fa_login_grant(const struct cp2fa_service *service,
                                     apr_pool_t *p,
                                     const struct cp2fa_rules *rules,
                                     const struct cp2fa_who *who,
                                     const char *old, int64_t now,
                                     struct cp2fa_grant *grant, int *enrolled)
{
    struct cp2fa_account *account = cp2fa_service_account(service, p, who, now);
    enum cp2fa_db_result result = CP2FA_DB_OK;
    struct cp2fa_tx *tx;

    if (!account
        || cp2fa_grant_make(service, p, rules, who, account->id, "pwd", now,
                            grant)
               != 0
        || cp2fa_accounts_begin(service->store, p, account->id, &tx)
               != CP2FA_DB_OK) {
        goto failed;
    }
    *enrolled = account->device_count > 0;
    if (old
        && cp2fa_sessions_end(service->store, tx, p, old) == CP2FA_DB_FAILED) {
        result = CP2FA_DB_FAILED;
    }
    if (result == CP2FA_DB_OK && who->email) {
        result = keep_address(service, tx, p, who, account, now);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_add(tx, p, &grant->session);
    }
    if (cp2fa_tx_end(tx, result) == CP2FA_DB_OK) {
        cp2fa_grant_replaces(grant, p, old);
        return CP2FA_OUTCOME_DONE;
    }
failed:
    cp2fa_grant_wipe(grant);
    return CP2FA_OUTCOME_UNAVAILABLE;
}
