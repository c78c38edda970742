/* SPDX-License-Identifier: Apache-2.0 */
#include "service/recover.h"

#include <string.h>

#include "core/crockford.h"
#include "service/attempt.h"
#include "service/notify.h"
#include "service/tokenmac.h"
#include "store/codes.h"

#define PURPOSE        "recovery"
#define OFFER_LIFETIME 600 /* seconds */
#define CODE_BYTES     16
#define SPARE_BITS     0x07 /* of the last byte: 16 bytes are 128 bits */
#define TYPED_MAX      128

enum cp2fa_outcome cp2fa_recover_offer(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const char *session, int64_t now)
{
    struct cp2fa_account *account;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (result == CP2FA_DB_NONE
        || (result == CP2FA_DB_OK && account->device_count == 0)) {
        return CP2FA_OUTCOME_NOT_ENABLED;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_begin(service->store, p, account->id, &tx);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_codes_offer(tx, p, account->id, session,
                                   now / CP2FA_SECOND + OFFER_LIFETIME);
        result = cp2fa_tx_end(tx, result);
    }
    return result == CP2FA_DB_OK ? CP2FA_OUTCOME_DONE
                                 : CP2FA_OUTCOME_UNAVAILABLE;
}

/* 25 digits of 5 bits; a 26th, always 0, is neither shown nor typed. */
static int make_code(const struct cp2fa_service *service, const char *account,
                     char code[CP2FA_RECOVER_TEXT + 1],
                     char mac[CP2FA_TOKENMAC_TEXT + 1])
{
    uint8_t bytes[CODE_BYTES];
    char text[CP2FA_CROCKFORD_LEN(CODE_BYTES) + 1];
    int rv = service->random(bytes, sizeof(bytes));

    if (rv == 0) {
        bytes[CODE_BYTES - 1] &= (uint8_t)~SPARE_BITS;
        cp2fa_crockford_encode(bytes, sizeof(bytes), text);
        memcpy(code, text, CP2FA_RECOVER_TEXT);
        code[CP2FA_RECOVER_TEXT] = '\0';
        rv = cp2fa_tokenmac_make(service, cp2fa_keyring_active(service->keys),
                                 PURPOSE, account, bytes, sizeof(bytes), mac);
    }
    cp2fa_bytes_wipe(bytes, sizeof(bytes));
    cp2fa_bytes_wipe(text, sizeof(text));
    return rv;
}

static enum cp2fa_db_result renew(const struct cp2fa_service *service,
                                  struct cp2fa_tx *tx, apr_pool_t *p,
                                  const struct cp2fa_account *account,
                                  int64_t seconds,
                                  struct cp2fa_recover_set *set)
{
    enum cp2fa_db_result result = cp2fa_codes_drop(tx, account->id);

    for (int i = 0; result == CP2FA_DB_OK && i < CP2FA_RECOVER_CODES; i++) {
        char mac[CP2FA_TOKENMAC_TEXT + 1];

        result = make_code(service, account->id, set->code[i], mac) == 0
                     ? cp2fa_codes_add(tx, p, account->id, mac, seconds)
                     : CP2FA_DB_FAILED;
    }
    return result;
}

enum cp2fa_outcome cp2fa_recover_take(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who,
                                      const char *session, int64_t now,
                                      struct cp2fa_recover_set *set)
{
    int64_t seconds = now / CP2FA_SECOND;
    struct cp2fa_account *account;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (result == CP2FA_DB_OK && account->device_count == 0) {
        result = CP2FA_DB_NONE;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_begin(service->store, p, account->id, &tx);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_codes_take(tx, p, account->id, session, seconds);
        if (result == CP2FA_DB_OK) {
            result = renew(service, tx, p, account, seconds, set);
        }
        if (result == CP2FA_DB_OK) {
            result = cp2fa_notify(service, tx, p, who, account,
                                  CP2FA_NOTICE_CODES_MADE, "", now);
        }
        result = cp2fa_tx_end(tx, result);
    }
    if (result != CP2FA_DB_OK) {
        cp2fa_bytes_wipe(set, sizeof(*set));
    }
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_NOT_PENDING);
}

static int read_code(const char *typed, uint8_t bytes[CODE_BYTES])
{
    char text[TYPED_MAX + 2];
    size_t len = strlen(typed);
    int rv = -1;

    if (len <= TYPED_MAX) {
        memcpy(text, typed, len);
        text[len] = '0'; /* the 26th digit */
        rv = cp2fa_crockford_decode(text, len + 1, bytes, CODE_BYTES);
        cp2fa_bytes_wipe(text, sizeof(text));
    }
    return rv;
}

/* As attempt's, but a locked factor is no obstacle: 125 bits can't be
 * guessed, and who locked it may well be someone else. Nothing is counted
 * then, so that nobody can prolong the owner's wait. */
static enum cp2fa_outcome reserve(const struct cp2fa_service *service,
                                  apr_pool_t *p,
                                  const struct cp2fa_rules *rules, int64_t now,
                                  struct cp2fa_account **account,
                                  struct cp2fa_attempt *attempt, int *locked)
{
    enum cp2fa_outcome outcome =
        cp2fa_attempt_reserve(service, p, rules, now, account, attempt);
    struct cp2fa_attempts delay;

    *locked = outcome == CP2FA_OUTCOME_LOCKED;
    if (!*locked) {
        return outcome;
    }
    delay = (*account)->attempts;
    delay.locked_at = 0;
    return cp2fa_throttle_ask(&delay, cp2fa_attempt_clock(*account, now),
                              &attempt->wait)
                   == CP2FA_THROTTLE_GO
               ? CP2FA_OUTCOME_DONE
               : CP2FA_OUTCOME_WAIT;
}

/* Under which key it was stored, if it is there; no lock is held. */
static enum cp2fa_outcome look_up(const struct cp2fa_service *service,
                                  apr_pool_t *p, const char *account,
                                  const uint8_t bytes[CODE_BYTES],
                                  char mac[CP2FA_TOKENMAC_TEXT + 1])
{
    const char *id;

    for (size_t i = 0; (id = cp2fa_keyring_id(service->keys, i)) != NULL; i++) {
        if (cp2fa_tokenmac_make(service, id, PURPOSE, account, bytes,
                                CODE_BYTES, mac)
            != 0) {
            return CP2FA_OUTCOME_UNAVAILABLE;
        }
        switch (cp2fa_codes_find(service->store, p, account, mac)) {
        case CP2FA_DB_OK:
            return CP2FA_OUTCOME_DONE;
        case CP2FA_DB_NONE:
            break;
        case CP2FA_DB_FAILED:
            return CP2FA_OUTCOME_UNAVAILABLE;
        }
    }
    return CP2FA_OUTCOME_BAD_CODE;
}

static enum cp2fa_outcome commit(const struct cp2fa_service *service,
                                 apr_pool_t *p, const struct cp2fa_who *who,
                                 const struct cp2fa_account *account,
                                 const struct cp2fa_attempt *attempt,
                                 const char *mac, int64_t now,
                                 struct cp2fa_grant *grant)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, account->id, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_codes_use(tx, account->id, mac);
    if (result == CP2FA_DB_OK) {
        result = attempt ? cp2fa_attempt_succeed(tx, p, attempt)
                         : cp2fa_accounts_forgive(tx, account->id);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_all(tx, account->id, &grant->ended);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_add(tx, p, &grant->session);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_RECOVERY_USED, "", now);
    }
    /* NONE: somebody else was faster */
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_BAD_CODE);
}

enum cp2fa_outcome cp2fa_recover_use(const struct cp2fa_service *service,
                                     apr_pool_t *p,
                                     const struct cp2fa_rules *rules,
                                     const struct cp2fa_who *who,
                                     const char *typed, int64_t now,
                                     struct cp2fa_grant *grant)
{
    struct cp2fa_account *account;
    struct cp2fa_attempt attempt = {.wait = 0};
    uint8_t bytes[CODE_BYTES];
    char mac[CP2FA_TOKENMAC_TEXT + 1];
    int locked = 0;
    enum cp2fa_outcome outcome;
    enum cp2fa_db_result found =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (found == CP2FA_DB_FAILED) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (found == CP2FA_DB_NONE || account->device_count == 0) {
        return CP2FA_OUTCOME_NOT_ENROLLED;
    }
    outcome = CP2FA_OUTCOME_BAD_CODE; /* what is none costs no attempt */
    if (read_code(typed, bytes) != 0) {
        goto done;
    }
    outcome = reserve(service, p, rules, now, &account, &attempt, &locked);
    grant->wait = attempt.wait;
    if (outcome != CP2FA_OUTCOME_DONE) {
        goto done;
    }
    outcome = look_up(service, p, account->id, bytes, mac);
    if (outcome == CP2FA_OUTCOME_DONE
        && cp2fa_grant_make(service, p, rules, who, account->id, "pwd rc", now,
                            grant)
               != 0) {
        outcome = CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = commit(service, p, who, account, locked ? NULL : &attempt,
                         mac, now, grant);
    }
    if (outcome == CP2FA_OUTCOME_UNAVAILABLE && !locked) {
        cp2fa_attempt_void(service, p, &attempt);
    }
    if (outcome == CP2FA_OUTCOME_BAD_CODE && !locked) {
        cp2fa_attempt_failed(service, p, who, account, &attempt, now);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        cp2fa_grant_wipe(grant);
    }
done:
    cp2fa_bytes_wipe(bytes, sizeof(bytes));
    return outcome;
}
