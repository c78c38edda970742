/* SPDX-License-Identifier: Apache-2.0 */
#include "service/enrol.h"

#include <string.h>

#include "core/text.h"
#include "service/attempt.h"
#include "service/notify.h"
#include "service/secret.h"
#include "store/codes.h"
#include "store/devices.h"

#define DEFAULT_NAME "Authenticator"

static enum cp2fa_outcome add(const struct cp2fa_service *service,
                              apr_pool_t *p, const char *account,
                              const struct cp2fa_device *device,
                              const char *session, int64_t expires)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, account, &tx);

    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_standing(tx, account, session);
        if (result == CP2FA_DB_OK) {
            result =
                cp2fa_devices_add(tx, p, account, device, session, expires);
        }
        result = cp2fa_tx_end(tx, result);
    }
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_NOT_ALLOWED);
}

enum cp2fa_outcome cp2fa_enrol_start(const struct cp2fa_service *service,
                                     apr_pool_t *p,
                                     const struct cp2fa_rules *rules,
                                     const struct cp2fa_who *who,
                                     const char *name, const char *session,
                                     int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;
    struct cp2fa_device device = {
        .id = cp2fa_service_new_id(service, p),
        .type = "totp",
        .name = name && *name ? name : DEFAULT_NAME,
        .totp = rules->totp,
        .created = seconds,
    };
    struct cp2fa_account *account;
    uint8_t secret[CP2FA_TOTP_SECRET_LEN];
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_UNAVAILABLE;

    if (!cp2fa_text_is_name(device.name)) {
        return CP2FA_OUTCOME_BAD_NAME;
    }
    account = cp2fa_service_account(service, p, who, now);
    if (account && device.id && service->random(secret, sizeof(secret)) == 0
        && cp2fa_secret_seal(service, p, who, &device, secret, sizeof(secret))
               == 0) {
        outcome = add(service, p, account->id, &device, session,
                      seconds + CP2FA_ENROL_LIFETIME);
    }
    cp2fa_bytes_wipe(secret, sizeof(secret));
    return outcome;
}

/* The account and what this session has pending there. */
static enum cp2fa_outcome find(const struct cp2fa_service *service,
                               apr_pool_t *p, const struct cp2fa_who *who,
                               const char *session, int64_t now,
                               struct cp2fa_account **account,
                               struct cp2fa_device **device)
{
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, account);

    if (result == CP2FA_DB_OK) {
        result = cp2fa_devices_pending(service->store, p, (*account)->id,
                                       session, now / CP2FA_SECOND, device);
    }
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_NOT_PENDING);
}

enum cp2fa_outcome cp2fa_enrol_show(const struct cp2fa_service *service,
                                    apr_pool_t *p, const struct cp2fa_who *who,
                                    const char *session, int64_t now,
                                    struct cp2fa_pending *pending)
{
    struct cp2fa_account *account;
    enum cp2fa_outcome outcome =
        find(service, p, who, session, now, &account, &pending->device);
    int len;

    if (outcome != CP2FA_OUTCOME_DONE) {
        return outcome;
    }
    len = cp2fa_secret_open(service, p, who, pending->device, pending->secret);
    if (len < 0) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    pending->len = (size_t)len;
    return CP2FA_OUTCOME_DONE;
}

/* What goes with the first device, and with any further one. */
static enum cp2fa_db_result tell(const struct cp2fa_service *service,
                                 struct cp2fa_tx *tx, apr_pool_t *p,
                                 const struct cp2fa_who *who,
                                 const struct cp2fa_account *account,
                                 const struct cp2fa_device *device,
                                 const struct cp2fa_grant *grant, int64_t now)
{
    int first = account->device_count == 0;
    enum cp2fa_db_result result =
        cp2fa_notify(service, tx, p, who, account,
                     first ? CP2FA_NOTICE_ENABLED : CP2FA_NOTICE_DEVICE_ADDED,
                     device->name, now);

    if (result == CP2FA_DB_OK && first) {
        result = cp2fa_codes_offer(tx, p, account->id, grant->session.hash,
                                   now / CP2FA_SECOND + CP2FA_ENROL_LIFETIME);
    }
    return result;
}

static enum cp2fa_outcome commit(const struct cp2fa_service *service,
                                 apr_pool_t *p, const struct cp2fa_who *who,
                                 const struct cp2fa_account *account,
                                 const struct cp2fa_attempt *attempt,
                                 const struct cp2fa_device *device,
                                 const struct cp2fa_match *match,
                                 const char *session, int64_t now,
                                 struct cp2fa_grant *grant)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, account->id, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_accounts_standing(tx, account->id, session);
    if (result == CP2FA_DB_OK) {
        result =
            cp2fa_devices_confirm(tx, p, account->id, device, session,
                                  match->step, match->skew, now / CP2FA_SECOND);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_attempt_succeed(tx, p, attempt);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_all(tx, account->id, &grant->ended);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_add(tx, p, &grant->session);
    }
    if (result == CP2FA_DB_OK) {
        result = tell(service, tx, p, who, account, device, grant, now);
    }
    /* NONE: confirmed, dropped, or logged out */
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_NOT_PENDING);
}

enum cp2fa_outcome cp2fa_enrol_confirm(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_rules *rules,
                                       const struct cp2fa_who *who,
                                       const char *session, const char *typed,
                                       int64_t now, struct cp2fa_grant *grant)
{
    struct cp2fa_account *account;
    struct cp2fa_device *device;
    struct cp2fa_attempt attempt;
    struct cp2fa_match match = {0, 0};
    enum cp2fa_outcome outcome =
        find(service, p, who, session, now, &account, &device);
    char token[CP2FA_TOTP_DIGITS_MAX + 1];

    if (outcome != CP2FA_OUTCOME_DONE) {
        return outcome;
    }
    if (cp2fa_totp_normalise(&device->totp, typed, strlen(typed), token) != 0) {
        return CP2FA_OUTCOME_MALFORMED;
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    outcome = cp2fa_attempt_reserve(service, p, rules, now, &account, &attempt);
    grant->wait = attempt.wait;
    if (outcome != CP2FA_OUTCOME_DONE) {
        return outcome;
    }
    outcome = cp2fa_secret_match(service, p, rules, who, device,
                                 attempt.failures, 1, typed, now, &match);
    if (outcome == CP2FA_OUTCOME_DONE
        && cp2fa_grant_make(service, p, rules, who, account->id, "pwd otp", now,
                            grant)
               != 0) {
        outcome = CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = commit(service, p, who, account, &attempt, device, &match,
                         session, now, grant);
    }
    if (outcome == CP2FA_OUTCOME_UNAVAILABLE
        || outcome == CP2FA_OUTCOME_NOT_PENDING) {
        cp2fa_attempt_void(service, p, &attempt);
    }
    /* whose first device it is, mistypes; nobody else can */
    if (outcome == CP2FA_OUTCOME_INVALID && account->device_count > 0) {
        cp2fa_attempt_failed(service, p, who, account, &attempt, now);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        cp2fa_grant_wipe(grant);
    }
    return outcome;
}

enum cp2fa_outcome cp2fa_enrol_cancel(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who,
                                      const char *session, int64_t now)
{
    struct cp2fa_account *account;
    struct cp2fa_device *device;
    enum cp2fa_outcome outcome =
        find(service, p, who, session, now, &account, &device);

    if (outcome == CP2FA_OUTCOME_NOT_PENDING) {
        return CP2FA_OUTCOME_DONE;
    }
    if (outcome == CP2FA_OUTCOME_DONE
        && cp2fa_devices_drop_pending(service->store, p, account->id)
               == CP2FA_DB_FAILED) {
        outcome = CP2FA_OUTCOME_UNAVAILABLE;
    }
    return outcome;
}
