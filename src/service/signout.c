/* SPDX-License-Identifier: Apache-2.0 */
#include "service/signout.h"

#include "service/facts.h"
#include "store/accounts.h"

enum cp2fa_outcome cp2fa_signout_list(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_rules *rules,
                                      const struct cp2fa_who *who, int64_t now,
                                      struct cp2fa_session **sessions,
                                      int *count)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);
    int good = 0;

    *sessions = NULL;
    *count = 0;
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_show(service->store, p, account->id,
                                     now / CP2FA_SECOND, sessions, count);
    }
    /* a row may outlive its session: idle ones are swept later */
    for (int i = 0; i < *count; i++) {
        struct cp2fa_session *one = &(*sessions)[i];

        one->realm = who->realm;
        one->name = who->user;
        if (cp2fa_facts_session_good(rules, who, one, now)
            || cp2fa_facts_browser_good(rules, who, one, now)) {
            (*sessions)[good++] = *one;
        }
    }
    *count = good;
    return result == CP2FA_DB_FAILED ? CP2FA_OUTCOME_UNAVAILABLE
                                     : CP2FA_OUTCOME_DONE;
}

enum cp2fa_outcome cp2fa_signout_one(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *hash)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_own(service->store, p, account->id, hash);
    }
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_NO_SESSION);
}

enum cp2fa_outcome cp2fa_signout_others(const struct cp2fa_service *service,
                                        apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const char *hash,
                                        struct cp2fa_rows *ended)
{
    struct cp2fa_account *account;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    ended->count = 0;
    if (result == CP2FA_DB_NONE) {
        return CP2FA_OUTCOME_DONE;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_begin(service->store, p, account->id, &tx);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_others(tx, account->id, hash, ended);
        result = cp2fa_tx_end(tx, result);
    }
    return result == CP2FA_DB_OK ? CP2FA_OUTCOME_DONE
                                 : CP2FA_OUTCOME_UNAVAILABLE;
}
