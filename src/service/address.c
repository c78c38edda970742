/* SPDX-License-Identifier: Apache-2.0 */
#include "service/address.h"

#include <string.h>

#include "core/address.h"
#include "service/mailtoken.h"
#include "service/notify.h"

enum cp2fa_outcome cp2fa_address_ask(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *email, const char *session,
                                     int64_t lifetime, int64_t now,
                                     unsigned *wait)
{
    const struct cp2fa_account *account;

    *wait = 0;
    if (!cp2fa_address_valid(email)) {
        return CP2FA_OUTCOME_BAD_NAME;
    }
    account = cp2fa_service_account(service, p, who, now);
    return account ? cp2fa_mailtoken_ask(service, p, who, account,
                                         &(struct cp2fa_mailtoken_wish){
                                             .purpose = CP2FA_MAILTOKEN_EMAIL,
                                             .kind = "email-token",
                                             .session = session,
                                             .recipient = email,
                                             .lifetime = lifetime,
                                         },
                                         now, wait)
                   : CP2FA_OUTCOME_UNAVAILABLE;
}

enum cp2fa_db_result cp2fa_address_pending(const struct cp2fa_service *service,
                                           apr_pool_t *p, const char *account,
                                           const char *session, int64_t now,
                                           const char **email)
{
    const struct cp2fa_mailtoken token = {
        .account = account,
        .purpose = CP2FA_MAILTOKEN_EMAIL,
        .session = session,
    };

    return cp2fa_mailtokens_pending(service->store, p, &token,
                                    now / CP2FA_SECOND, email);
}

static enum cp2fa_outcome commit(const struct cp2fa_service *service,
                                 apr_pool_t *p, const struct cp2fa_who *who,
                                 const struct cp2fa_account *account,
                                 const struct cp2fa_mailtoken_found *found,
                                 int64_t now)
{
    const char *email = found->token.email;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, account->id, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_accounts_standing(tx, account->id, found->token.session);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_mailtoken_use(tx, p, found, now);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_set_email(tx, account->id, email);
    }
    /* whoever reads the old address's mail is to have no token left */
    if (result == CP2FA_DB_OK) {
        result = cp2fa_mailtokens_drop_all(tx, account->id);
    }
    /* the account as it was read: this tells the old address */
    if (result == CP2FA_DB_OK) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_EMAIL_CHANGED, email, now);
    }
    if (result == CP2FA_DB_OK && strcmp(account->email, email) != 0) {
        result = cp2fa_notify_mail(service, tx, p, who, account->id, email,
                                   CP2FA_NOTICE_EMAIL_CHANGED, email, now);
    }
    /* NONE: used meanwhile, or the session ended */
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_INVALID);
}

enum cp2fa_outcome cp2fa_address_confirm(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_rules *rules,
                                         const struct cp2fa_who *who,
                                         const char *session, const char *typed,
                                         int64_t now, unsigned *wait)
{
    struct cp2fa_mailtoken_found found;
    struct cp2fa_account *account;
    enum cp2fa_outcome outcome;
    enum cp2fa_db_result known;

    *wait = 0;
    known =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);
    if (known != CP2FA_DB_OK) {
        return cp2fa_service_outcome(known, CP2FA_OUTCOME_INVALID);
    }
    outcome = cp2fa_mailtoken_check(service, p, rules, CP2FA_MAILTOKEN_EMAIL,
                                    session, typed, now, &account, &found);
    *wait = found.attempt.wait;
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = commit(service, p, who, account, &found, now);
        if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
            cp2fa_attempt_void(service, p, &found.attempt);
        }
    }
    if (outcome == CP2FA_OUTCOME_INVALID && found.attempt.account) {
        cp2fa_attempt_failed(service, p, who, account, &found.attempt, now);
    }
    return outcome;
}
