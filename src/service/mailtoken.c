/* SPDX-License-Identifier: Apache-2.0 */
#include "service/mailtoken.h"

#include <string.h>

#include <apr_strings.h>

#include "core/crockford.h"
#include "core/mailrate.h"
#include "service/letter.h"
#include "service/tokenmac.h"

static enum cp2fa_db_result put(const struct cp2fa_service *service,
                                struct cp2fa_tx *tx, apr_pool_t *p,
                                const struct cp2fa_who *who,
                                const struct cp2fa_account *account,
                                const struct cp2fa_mailtoken_wish *wish,
                                const uint8_t *bytes, const char *mac,
                                int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;
    const struct cp2fa_mailtoken token = {
        .mac = mac,
        .account = account->id,
        .purpose = wish->purpose,
        .session = wish->session,
        .email = wish->recipient ? wish->recipient : "",
        .created = seconds,
        .expires = seconds + wish->lifetime,
    };
    const struct cp2fa_letter letter = {
        .account = account->id,
        .recipient = wish->recipient,
        .kind = wish->kind,
        .detail = "",
        .token = bytes,
        .minutes = wish->lifetime / 60,
        .expires = token.expires,
    };

    if (cp2fa_mailtokens_add(tx, p, &token) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    /* Without an address all is done but the mail: neither the answer, nor
     * its time, nor what wrong guesses cost tells whether there is one. */
    return wish->recipient
               ? cp2fa_letter_post(service, tx, p, who, &letter, now)
               : CP2FA_DB_OK;
}

enum cp2fa_outcome cp2fa_mailtoken_ask(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const struct cp2fa_account *account,
                                       const struct cp2fa_mailtoken_wish *wish,
                                       int64_t now, unsigned *wait)
{
    char after[CP2FA_MAILRATE_TEXT + 1];
    char mac[CP2FA_TOKENMAC_TEXT + 1];
    uint8_t bytes[CP2FA_MAILTOKEN_LEN];
    enum cp2fa_db_result result = CP2FA_DB_FAILED;
    struct cp2fa_tx *tx;

    if (cp2fa_mailrate_next(account->mail_times,
                            cp2fa_attempt_clock(account, now), after, wait)
        != 0) {
        return CP2FA_OUTCOME_WAIT;
    }
    if (service->random(bytes, sizeof(bytes)) == 0
        && cp2fa_tokenmac_make(service, NULL, wish->purpose, account->id, bytes,
                               sizeof(bytes), mac)
               == 0
        && cp2fa_accounts_begin(service->store, p, account->id, &tx)
               == CP2FA_DB_OK) {
        result = cp2fa_accounts_note_mail(tx, account, after);
        if (result == CP2FA_DB_OK) {
            result = put(service, tx, p, who, account, wish, bytes, mac, now);
        }
        result = cp2fa_tx_end(tx, result);
    }
    cp2fa_bytes_wipe(bytes, sizeof(bytes));
    switch (result) {
    case CP2FA_DB_OK:
        return CP2FA_OUTCOME_DONE;
    case CP2FA_DB_NONE:
        *wait = 60; /* another request was faster */
        return CP2FA_OUTCOME_WAIT;
    case CP2FA_DB_FAILED:
        break;
    }
    return CP2FA_OUTCOME_UNAVAILABLE;
}

/* Under whichever key it was made. */
static enum cp2fa_db_result find(const struct cp2fa_service *service,
                                 apr_pool_t *p, const uint8_t *bytes,
                                 int64_t now, struct cp2fa_mailtoken *token)
{
    char *mac = apr_palloc(p, CP2FA_TOKENMAC_TEXT + 1);
    enum cp2fa_db_result result = CP2FA_DB_NONE;
    const char *id;

    token->mac = mac;
    for (size_t i = 0; result == CP2FA_DB_NONE
                       && (id = cp2fa_keyring_id(service->keys, i)) != NULL;
         i++) {
        if (cp2fa_tokenmac_make(service, id, token->purpose, token->account,
                                bytes, CP2FA_MAILTOKEN_LEN, mac)
            != 0) {
            return CP2FA_DB_FAILED;
        }
        result = cp2fa_mailtokens_find(service->store, p, token,
                                       now / CP2FA_SECOND, &token->email);
    }
    return result;
}

static enum cp2fa_outcome outcome_of(enum cp2fa_db_result result)
{
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_INVALID);
}

enum cp2fa_outcome cp2fa_mailtoken_check(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const char *purpose, const char *session,
    const char *typed, int64_t now, struct cp2fa_account **account,
    struct cp2fa_mailtoken_found *found)
{
    struct cp2fa_mailtoken *token = &found->token;
    uint8_t bytes[CP2FA_MAILTOKEN_LEN];
    enum cp2fa_outcome outcome;

    memset(found, 0, sizeof(*found));
    if (cp2fa_crockford_decode(typed, strlen(typed), bytes, sizeof(bytes))
        != 0) {
        return CP2FA_OUTCOME_MALFORMED;
    }
    token->account = (*account)->id;
    token->purpose = purpose;
    token->session = session;
    outcome = outcome_of(cp2fa_mailtokens_pending(
        service->store, p, token, now / CP2FA_SECOND, &token->email));
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = cp2fa_attempt_reserve_recovery(service, p, rules, now,
                                                 account, &found->attempt);
    }
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = outcome_of(find(service, p, bytes, now, token));
        if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
            cp2fa_attempt_void(service, p, &found->attempt);
        }
    }
    cp2fa_bytes_wipe(bytes, sizeof(bytes));
    return outcome == CP2FA_OUTCOME_NOT_ENROLLED ? CP2FA_OUTCOME_INVALID
                                                 : outcome;
}

enum cp2fa_db_result cp2fa_mailtoken_use(
    struct cp2fa_tx *tx, apr_pool_t *p,
    const struct cp2fa_mailtoken_found *found, int64_t now)
{
    enum cp2fa_db_result result =
        cp2fa_mailtokens_use(tx, p, &found->token, now / CP2FA_SECOND);

    return result == CP2FA_DB_OK ? cp2fa_attempt_succeed(tx, p, &found->attempt)
                                 : result;
}
