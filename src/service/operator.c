/* SPDX-License-Identifier: Apache-2.0 */
#include "service/operator.h"

#include <string.h>

#include "core/address.h"
#include "service/notify.h"
#include "store/apptokens.h"
#include "store/codes.h"
#include "store/devices.h"
#include "store/events.h"
#include "store/mailtokens.h"
#include "store/sessions.h"

enum cp2fa_outcome cp2fa_operator_unlock(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_who *who,
                                         const struct cp2fa_account *account,
                                         int64_t now)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result = cp2fa_db_begin(service->store, p, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_accounts_forgive(tx, account->id);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_UNLOCKED, "", now);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_UNAVAILABLE);
}

enum cp2fa_outcome cp2fa_operator_set_email(const struct cp2fa_service *service,
                                            apr_pool_t *p,
                                            const struct cp2fa_who *who,
                                            const struct cp2fa_account *account,
                                            const char *email, int64_t now)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    if (*email && !cp2fa_address_valid(email)) {
        return CP2FA_OUTCOME_BAD_NAME;
    }
    result = cp2fa_db_begin(service->store, p, &tx);
    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_accounts_set_email(tx, account->id, email);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_mailtokens_drop_all(tx, account->id);
    }
    /* the account as it was read: this tells the old address */
    if (result == CP2FA_DB_OK) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_EMAIL_CHANGED, email, now);
    }
    if (result == CP2FA_DB_OK && *email && strcmp(account->email, email) != 0) {
        result = cp2fa_notify_mail(service, tx, p, who, account->id, email,
                                   CP2FA_NOTICE_EMAIL_CHANGED, email, now);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_UNAVAILABLE);
}

enum cp2fa_outcome cp2fa_operator_end_sessions(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, const struct cp2fa_account *account,
    const char *hash, int64_t now, int *ended)
{
    struct cp2fa_rows hashes = {NULL, 0, 0};
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result = cp2fa_db_begin(service->store, p, &tx);

    *ended = 0;
    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    if (hash) {
        result = cp2fa_sessions_end(service->store, tx, p, hash);
        hashes.count = result == CP2FA_DB_OK;
        result = result == CP2FA_DB_NONE ? CP2FA_DB_OK : result;
    }
    else {
        result = cp2fa_sessions_end_all(tx, account->id, &hashes);
    }
    if (result == CP2FA_DB_OK && hashes.count > 0) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_SESSIONS_ENDED, "", now);
    }
    result = cp2fa_tx_end(tx, result);
    *ended = result == CP2FA_DB_OK ? hashes.count : 0;
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_UNAVAILABLE);
}

static enum cp2fa_db_result burn_devices(struct cp2fa_tx *tx, apr_pool_t *p,
                                         const struct cp2fa_account *account,
                                         int64_t since, int64_t until)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;

    for (int i = 0; result == CP2FA_DB_OK && i < account->device_count; i++) {
        const struct cp2fa_device *device = &account->devices[i];

        result = cp2fa_devices_burn(
            tx, p, device->id, cp2fa_totp_step(&device->totp, until), since);
    }
    return result;
}

enum cp2fa_outcome cp2fa_operator_revoke(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_who *who,
                                         const struct cp2fa_account *account,
                                         int64_t since, int64_t ahead,
                                         int64_t now)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result = cp2fa_db_begin(service->store, p, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = burn_devices(tx, p, account, since, now / CP2FA_SECOND + ahead);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_codes_drop_old(tx, p, account->id, since);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_mailtokens_drop_old(tx, p, account->id, since);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_old(tx, p, account->id, since);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_apptokens_end_old(tx, p, account->id, since);
    }
    if (result == CP2FA_DB_OK && account->device_count > 0) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_CODES_VOIDED, "", now);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_UNAVAILABLE);
}

enum cp2fa_outcome cp2fa_operator_note(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const char *kind, const char *detail,
                                       int64_t now)
{
    const struct cp2fa_event event = {
        .id = cp2fa_service_rising_id(service, p, now),
        .at = now / CP2FA_SECOND,
        .account = "",
        .realm = who->realm ? who->realm : "",
        .name = who->user ? who->user : "",
        .kind = kind,
        .address = who->address,
        .agent = who->agent,
        .detail = detail,
    };
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    if (!event.id || cp2fa_db_begin(service->store, p, &tx) != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_events_add(tx, p, &event);
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_UNAVAILABLE);
}
