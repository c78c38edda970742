/* SPDX-License-Identifier: Apache-2.0 */
#include "service/verify.h"

#include <string.h>

#include "service/attempt.h"
#include "service/remember.h"
#include "service/secret.h"
#include "store/devices.h"
#include "store/redeem.h"

/* A token that no device could show is no guess, and costs no attempt. */
static int is_well_formed(const struct cp2fa_account *account,
                          const char *typed)
{
    char token[CP2FA_TOTP_DIGITS_MAX + 1];
    int well_formed = 0;

    for (int i = 0; i < account->device_count; i++) {
        well_formed |= cp2fa_totp_normalise(&account->devices[i].totp, typed,
                                            strlen(typed), token)
                       == 0;
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    return well_formed;
}

/* Every device is compared, whichever matches. */
static enum cp2fa_outcome match_any(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const struct cp2fa_account *account, unsigned failures, const char *typed,
    int64_t now, const struct cp2fa_device **device, struct cp2fa_match *match,
    int *compared)
{
    enum cp2fa_outcome best = CP2FA_OUTCOME_INVALID;

    for (int i = 0; i < account->device_count; i++) {
        struct cp2fa_match one;
        enum cp2fa_outcome outcome = cp2fa_secret_match(
            service, p, rules, who, &account->devices[i], failures,
            (unsigned)account->device_count, typed, now, &one);

        *compared |= outcome != CP2FA_OUTCOME_UNAVAILABLE
                     && outcome != CP2FA_OUTCOME_MALFORMED;
        if (best != CP2FA_OUTCOME_DONE
            && (outcome == CP2FA_OUTCOME_DONE
                || (outcome == CP2FA_OUTCOME_HALF && !*device))) {
            *device = &account->devices[i];
            *match = one;
            best = outcome;
        }
        else if (best == CP2FA_OUTCOME_INVALID
                 && outcome != CP2FA_OUTCOME_MALFORMED) {
            best = outcome;
        }
    }
    return best;
}

/* The most that any device is ahead. */
static int64_t ahead_of_clock(const struct cp2fa_rules *rules,
                              const struct cp2fa_account *account, int64_t now)
{
    int64_t most = 0;

    for (int i = 0; i < account->device_count; i++) {
        int64_t one = cp2fa_secret_ahead(rules, &account->devices[i], now);

        most = one > most ? one : most;
    }
    return most;
}

/* The first of two in a row: noted so that it works once, and no failure. */
static enum cp2fa_outcome note_half(const struct cp2fa_service *service,
                                    apr_pool_t *p,
                                    const struct cp2fa_attempt *attempt,
                                    const struct cp2fa_device *device,
                                    int64_t step)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, attempt->account, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_devices_note_half(tx, p, device->id, step);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_attempt_succeed(tx, p, attempt);
    }
    result = cp2fa_tx_end(tx, result);
    return result == CP2FA_DB_OK
               ? CP2FA_OUTCOME_HALF
               : cp2fa_service_outcome(result, CP2FA_OUTCOME_USED);
}

static enum cp2fa_outcome commit(const struct cp2fa_service *service,
                                 apr_pool_t *p,
                                 const struct cp2fa_attempt *attempt,
                                 const struct cp2fa_device *device,
                                 const struct cp2fa_match *match,
                                 const char *old,
                                 const struct cp2fa_grant *grant)
{
    const struct cp2fa_redeem redeem = {
        .account = attempt->account,
        .entry = attempt->entry,
        .device = device->id,
        .step = match->step,
        .skew = match->skew,
        .old = old,
        .session = &grant->session,
        .browser = *grant->browser_id ? &grant->browser : NULL,
    };

    /* NONE: somebody else was faster */
    return cp2fa_service_outcome(cp2fa_redeem_step(service->store, p, &redeem),
                                 CP2FA_OUTCOME_USED);
}

/* A guess that any device was compared with, and none matched, is one,
 * though another's secret does not open. */
static int is_guess(enum cp2fa_outcome outcome, int missed)
{
    return outcome == CP2FA_OUTCOME_INVALID || outcome == CP2FA_OUTCOME_USED
           || (outcome == CP2FA_OUTCOME_UNAVAILABLE && missed);
}

/* A session, and with it, if that is asked for, a remembered browser. */
static int make_grant(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_rules *rules,
                      const struct cp2fa_who *who,
                      const struct cp2fa_account *account, int64_t now,
                      struct cp2fa_grant *grant)
{
    int rv = cp2fa_grant_make(service, p, rules, who, account->id, "pwd otp",
                              now, grant);

    return rv == 0 && grant->remember && rules->remember > 0
               ? cp2fa_remember_make(service, p, rules, grant)
               : rv;
}

enum cp2fa_outcome cp2fa_verify_token(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_rules *rules,
                                      const struct cp2fa_who *who,
                                      const char *typed, const char *old,
                                      int64_t now, struct cp2fa_grant *grant)
{
    struct cp2fa_account *account;
    struct cp2fa_attempt attempt;
    const struct cp2fa_device *device = NULL;
    struct cp2fa_match match = {0, 0};
    enum cp2fa_outcome outcome;
    int compared = 0;
    enum cp2fa_db_result found =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (found == CP2FA_DB_FAILED) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (found == CP2FA_DB_NONE || account->device_count == 0) {
        return CP2FA_OUTCOME_NOT_ENROLLED;
    }
    if (!is_well_formed(account, typed)) {
        return CP2FA_OUTCOME_MALFORMED;
    }
    outcome = cp2fa_attempt_reserve(service, p, rules, now, &account, &attempt);
    grant->wait = attempt.wait;
    if (outcome != CP2FA_OUTCOME_DONE) {
        return outcome;
    }
    outcome = match_any(service, p, rules, who, account, attempt.failures,
                        typed, now, &device, &match, &compared);
    if (outcome == CP2FA_OUTCOME_DONE
        && make_grant(service, p, rules, who, account, now, grant) != 0) {
        outcome = CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        if (grant->foretell) {
            grant->foretell(grant->baton, &grant->session);
        }
        outcome = commit(service, p, &attempt, device, &match, old, grant);
    }
    if (outcome == CP2FA_OUTCOME_HALF) {
        outcome = note_half(service, p, &attempt, device, match.step);
    }
    if (is_guess(outcome, compared && !device)) {
        cp2fa_attempt_failed(service, p, who, account, &attempt, now);
    }
    else if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
        cp2fa_attempt_void(service, p, &attempt);
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_grant_replaces(grant, p, old);
    }
    else {
        cp2fa_grant_wipe(grant);
        grant->ahead = ahead_of_clock(rules, account, now);
    }
    return outcome;
}
