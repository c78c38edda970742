/* SPDX-License-Identifier: Apache-2.0 */
#include "service/attempt.h"

/* Attempts that race for one account: after so many lost rounds the request
 * is turned away, which takes a flood of them. */
#define ROUNDS 8

enum cp2fa_outcome cp2fa_attempt_reserve(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_rules *rules,
                                         int64_t now,
                                         struct cp2fa_account **account,
                                         struct cp2fa_attempt *attempt)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct cp2fa_attempts after;
        enum cp2fa_db_result result;

        attempt->account = (*account)->id;
        switch (
            cp2fa_throttle_ask(&(*account)->attempts, now, &attempt->wait)) {
        case CP2FA_THROTTLE_WAIT:
            return CP2FA_OUTCOME_WAIT;
        case CP2FA_THROTTLE_LOCKED:
            return CP2FA_OUTCOME_LOCKED;
        case CP2FA_THROTTLE_GO:
            break;
        }
        cp2fa_throttle_reserve(&rules->throttle, &(*account)->attempts, now,
                               &after, attempt->entry);
        result = cp2fa_accounts_reserve(service->store, p, *account, &after);
        if (result == CP2FA_DB_OK) {
            attempt->wait = (unsigned)((after.next_try - now) / CP2FA_SECOND);
            return CP2FA_OUTCOME_DONE;
        }
        if (result == CP2FA_DB_NONE) {
            result = cp2fa_accounts_find(service->store, p, (*account)->realm,
                                         (*account)->name, account);
        }
        if (result == CP2FA_DB_FAILED) {
            return CP2FA_OUTCOME_UNAVAILABLE;
        }
        if (result == CP2FA_DB_NONE) {
            return CP2FA_OUTCOME_NOT_ENROLLED;
        }
    }
    attempt->wait = 1;
    return CP2FA_OUTCOME_WAIT;
}

enum cp2fa_db_result cp2fa_attempt_succeed(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const struct cp2fa_attempt *attempt)
{
    return cp2fa_accounts_give_back(NULL, tx, p, attempt->account,
                                    attempt->entry, 0);
}

void cp2fa_attempt_void(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_attempt *attempt)
{
    if (cp2fa_accounts_give_back(service->store, NULL, p, attempt->account,
                                 attempt->entry, 0)
        != CP2FA_DB_OK) {
        service->complain(service->baton,
                          "an attempt that a fault cut short stays counted");
    }
}
