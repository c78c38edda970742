/* SPDX-License-Identifier: Apache-2.0 */
#include "service/attempt.h"

#include "service/notify.h"

/* Attempts that race for one account: after so many lost rounds the request
 * is turned away, which takes a flood of them. */
#define ROUNDS 8

int64_t cp2fa_attempt_clock(const struct cp2fa_account *account, int64_t now)
{
    return account->clock ? account->clock : now;
}

/* One round: DONE, WAIT, LOCKED or UNAVAILABLE, or NOT_ENROLLED if the row is
 * to be read again: another attempt came between. */
static enum cp2fa_outcome reserve_once(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_rules *rules,
                                       int64_t now, int through_lock,
                                       const struct cp2fa_account *account,
                                       struct cp2fa_attempt *attempt)
{
    struct cp2fa_attempts before = account->attempts;
    struct cp2fa_attempts after;

    now = cp2fa_attempt_clock(account, now);
    if (cp2fa_throttle_ahead(&before, now, &after)) {
        return cp2fa_accounts_reserve(service->store, p, account, &after)
                       == CP2FA_DB_FAILED
                   ? CP2FA_OUTCOME_UNAVAILABLE
                   : CP2FA_OUTCOME_NOT_ENROLLED;
    }
    if (through_lock) {
        before.locked_at = 0;
    }
    switch (cp2fa_throttle_ask(&before, now, &attempt->wait)) {
    case CP2FA_THROTTLE_WAIT:
        return CP2FA_OUTCOME_WAIT;
    case CP2FA_THROTTLE_LOCKED:
        return CP2FA_OUTCOME_LOCKED;
    case CP2FA_THROTTLE_GO:
        break;
    }
    cp2fa_throttle_reserve(&rules->throttle, &account->attempts, now, &after,
                           attempt->entry);
    attempt->account = account->id;
    attempt->failures =
        cp2fa_throttle_count(&rules->throttle, &account->attempts, now);
    attempt->tells = cp2fa_throttle_tells(after.failures);
    attempt->locks = after.locked_at != account->attempts.locked_at;
    switch (cp2fa_accounts_reserve(service->store, p, account, &after)) {
    case CP2FA_DB_OK:
        attempt->wait = (unsigned)((after.next_try - now) / CP2FA_SECOND);
        return CP2FA_OUTCOME_DONE;
    case CP2FA_DB_NONE:
        return CP2FA_OUTCOME_NOT_ENROLLED;
    case CP2FA_DB_FAILED:
        break;
    }
    return CP2FA_OUTCOME_UNAVAILABLE;
}

static enum cp2fa_outcome reserve(const struct cp2fa_service *service,
                                  apr_pool_t *p,
                                  const struct cp2fa_rules *rules, int64_t now,
                                  int through_lock,
                                  struct cp2fa_account **account,
                                  struct cp2fa_attempt *attempt)
{
    for (int round = 0; round < ROUNDS; round++) {
        enum cp2fa_outcome outcome = reserve_once(
            service, p, rules, now, through_lock, *account, attempt);

        if (outcome != CP2FA_OUTCOME_NOT_ENROLLED) {
            return outcome;
        }
        switch (cp2fa_accounts_find(service->store, p, (*account)->realm,
                                    (*account)->name, account)) {
        case CP2FA_DB_OK:
            break;
        case CP2FA_DB_NONE:
            return CP2FA_OUTCOME_NOT_ENROLLED;
        case CP2FA_DB_FAILED:
            return CP2FA_OUTCOME_UNAVAILABLE;
        }
    }
    attempt->wait = 1;
    return CP2FA_OUTCOME_WAIT;
}

enum cp2fa_outcome cp2fa_attempt_reserve(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_rules *rules,
                                         int64_t now,
                                         struct cp2fa_account **account,
                                         struct cp2fa_attempt *attempt)
{
    return reserve(service, p, rules, now, 0, account, attempt);
}

enum cp2fa_outcome cp2fa_attempt_reserve_recovery(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, int64_t now,
    struct cp2fa_account **account, struct cp2fa_attempt *attempt)
{
    return reserve(service, p, rules, now, 1, account, attempt);
}

void cp2fa_attempt_failed(const struct cp2fa_service *service, apr_pool_t *p,
                          const struct cp2fa_who *who,
                          const struct cp2fa_account *account,
                          const struct cp2fa_attempt *attempt, int64_t now)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    if (!attempt->tells && !attempt->locks) {
        return;
    }
    result = cp2fa_db_begin(service->store, p, &tx);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_notify(service, tx, p, who, account,
                              attempt->locks ? CP2FA_NOTICE_LOCKED
                                             : CP2FA_NOTICE_THIRD_FAILURE,
                              "", now);
        result = cp2fa_tx_end(tx, result);
    }
    if (result != CP2FA_DB_OK) {
        service->complain(service->baton,
                          "an owner could not be told of wrong tokens");
    }
}

enum cp2fa_db_result cp2fa_attempt_succeed(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const struct cp2fa_attempt *attempt)
{
    return cp2fa_accounts_give_back(NULL, tx, p, attempt->account,
                                    attempt->entry);
}

void cp2fa_attempt_void(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_attempt *attempt)
{
    if (cp2fa_accounts_give_back(service->store, NULL, p, attempt->account,
                                 attempt->entry)
        != CP2FA_DB_OK) {
        service->complain(service->baton,
                          "an attempt that a fault cut short stays counted");
    }
}
