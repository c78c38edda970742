/* SPDX-License-Identifier: Apache-2.0 */
#include "service/remember.h"

#include "core/throttle.h"
#include "service/facts.h"
#include "store/accounts.h"

int cp2fa_remember_make(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_rules *rules,
                        struct cp2fa_grant *grant)
{
    grant->browser = grant->session;
    grant->browser.amr = CP2FA_AMR_BROWSER;
    grant->browser.ends = grant->session.created + rules->remember;
    return cp2fa_grant_id(service, p, grant->browser_id, &grant->browser.hash);
}

/* What racing calls are judged by again: the browser may be forgotten, and
 * the account's sessions ended, between our reading and our writing. */
static enum cp2fa_db_result add_session(const struct cp2fa_service *service,
                                        apr_pool_t *p, const char *browser,
                                        const char *old,
                                        const struct cp2fa_session *session)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, session->account, &tx);

    if (result != CP2FA_DB_OK) {
        return result;
    }
    result = cp2fa_sessions_use_browser(tx, p, browser, session->created);
    if (result == CP2FA_DB_OK && old
        && cp2fa_sessions_end(service->store, tx, p, old) == CP2FA_DB_FAILED) {
        result = CP2FA_DB_FAILED;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_add(tx, p, session);
    }
    return cp2fa_tx_end(tx, result);
}

/* DONE if the account still has a device, and the factor is not locked. */
static enum cp2fa_outcome may_come(const struct cp2fa_service *service,
                                   apr_pool_t *p, const struct cp2fa_who *who,
                                   int64_t now)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result found;
    unsigned wait;

    found =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);
    if (found != CP2FA_DB_OK) {
        return cp2fa_service_outcome(found, CP2FA_OUTCOME_INVALID);
    }
    if (account->device_count == 0) {
        return CP2FA_OUTCOME_INVALID;
    }
    return cp2fa_throttle_ask(&account->attempts, now, &wait)
                   == CP2FA_THROTTLE_LOCKED
               ? CP2FA_OUTCOME_LOCKED
               : CP2FA_OUTCOME_DONE;
}

enum cp2fa_outcome cp2fa_remember_redeem(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_rules *rules,
                                         const struct cp2fa_who *who,
                                         const char *hash, const char *old,
                                         int64_t now, struct cp2fa_grant *grant)
{
    struct cp2fa_session *browser;
    enum cp2fa_outcome outcome;
    enum cp2fa_db_result found =
        cp2fa_sessions_find(service->store, p, hash, &browser);

    if (found != CP2FA_DB_OK) {
        return cp2fa_service_outcome(found, CP2FA_OUTCOME_INVALID);
    }
    if (!cp2fa_facts_browser_good(rules, who, browser, now)) {
        return CP2FA_OUTCOME_INVALID;
    }
    outcome = may_come(service, p, who, now);
    if (outcome == CP2FA_OUTCOME_DONE
        && cp2fa_grant_make(service, p, rules, who, browser->account,
                            CP2FA_AMR_REMEMBERED, now, grant)
               != 0) {
        outcome = CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        grant->session.auth_time = browser->auth_time;
        outcome = cp2fa_service_outcome(
            add_session(service, p, hash, old, &grant->session),
            CP2FA_OUTCOME_INVALID);
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_grant_replaces(grant, p, old);
    }
    else {
        cp2fa_grant_wipe(grant);
    }
    return outcome;
}
