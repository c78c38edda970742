/* SPDX-License-Identifier: Apache-2.0 */
#include "service/bypass.h"

#include "service/disable.h"
#include "service/mailtoken.h"

enum cp2fa_outcome cp2fa_bypass_ask(const struct cp2fa_service *service,
                                    apr_pool_t *p, const struct cp2fa_who *who,
                                    const char *session, int64_t lifetime,
                                    int64_t now)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result found =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);
    enum cp2fa_outcome outcome;
    unsigned wait;

    if (found == CP2FA_DB_FAILED) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (found == CP2FA_DB_NONE || account->device_count == 0) {
        return CP2FA_OUTCOME_DONE; /* nothing to disable */
    }
    outcome =
        cp2fa_mailtoken_ask(service, p, who, account,
                            &(struct cp2fa_mailtoken_wish){
                                .purpose = CP2FA_MAILTOKEN_BYPASS,
                                .kind = "bypass-token",
                                .session = session,
                                .recipient = cp2fa_notify_address(who, account),
                                .lifetime = lifetime,
                            },
                            now, &wait);
    return outcome == CP2FA_OUTCOME_WAIT ? CP2FA_OUTCOME_DONE : outcome;
}

static enum cp2fa_outcome commit(const struct cp2fa_service *service,
                                 apr_pool_t *p, const struct cp2fa_who *who,
                                 const struct cp2fa_account *account,
                                 const struct cp2fa_mailtoken_found *found,
                                 int64_t now, struct cp2fa_rows *ended)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, account->id, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_mailtoken_use(tx, p, found, now);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_disable_step(service, tx, p, who, account,
                                    CP2FA_NOTICE_DISABLED_BY_MAIL, now, ended);
    }
    /* NONE: somebody else was faster */
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_INVALID);
}

enum cp2fa_outcome cp2fa_bypass_redeem(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_rules *rules,
                                       const struct cp2fa_who *who,
                                       const char *session, const char *typed,
                                       int64_t now, struct cp2fa_rows *ended,
                                       unsigned *wait)
{
    struct cp2fa_mailtoken_found found;
    struct cp2fa_account *account;
    enum cp2fa_outcome outcome;
    enum cp2fa_db_result known;

    ended->count = 0;
    *wait = 0;
    known =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);
    if (known != CP2FA_DB_OK) {
        return cp2fa_service_outcome(known, CP2FA_OUTCOME_INVALID);
    }
    outcome = cp2fa_mailtoken_check(service, p, rules, CP2FA_MAILTOKEN_BYPASS,
                                    session, typed, now, &account, &found);
    *wait = found.attempt.wait;
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = commit(service, p, who, account, &found, now, ended);
        if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
            cp2fa_attempt_void(service, p, &found.attempt);
        }
    }
    if (outcome == CP2FA_OUTCOME_INVALID && found.attempt.account) {
        cp2fa_attempt_failed(service, p, who, account, &found.attempt, now);
    }
    return outcome;
}
