/* SPDX-License-Identifier: Apache-2.0 */
#include "service/disable.h"

#include <string.h>

#include "service/notify.h"
#include "store/apptokens.h"
#include "store/codes.h"
#include "store/devices.h"
#include "store/mailtokens.h"
#include "store/sessions.h"

enum cp2fa_db_result cp2fa_disable_step(const struct cp2fa_service *service,
                                        struct cp2fa_tx *tx, apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const struct cp2fa_account *account,
                                        enum cp2fa_notice notice, int64_t now,
                                        struct cp2fa_rows *ended)
{
    enum cp2fa_db_result result = cp2fa_devices_drop_all(tx, account->id);

    ended->count = 0;
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_all(tx, account->id, ended);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_forgive(tx, account->id);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_codes_drop(tx, account->id);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_mailtokens_drop_all(tx, account->id);
    }
    /* they stand for a second factor, which is no more */
    if (result == CP2FA_DB_OK) {
        result = cp2fa_apptokens_end_all(tx, account->id);
    }
    /* where nothing was on, the owner isn't told that it is off */
    if (result == CP2FA_DB_OK && account->device_count > 0) {
        result = cp2fa_notify(service, tx, p, who, account, notice, "", now);
    }
    return result;
}

enum cp2fa_outcome cp2fa_disable_all(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *session,
                                     enum cp2fa_notice notice, int64_t now,
                                     struct cp2fa_rows *ended)
{
    struct cp2fa_account *account;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    ended->count = 0;
    if (result == CP2FA_DB_NONE) {
        return CP2FA_OUTCOME_DONE; /* nothing to disable */
    }
    if (result != CP2FA_DB_OK
        || cp2fa_accounts_begin(service->store, p, account->id, &tx)
               != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = session ? cp2fa_accounts_standing(tx, account->id, session)
                     : CP2FA_DB_OK;
    if (result == CP2FA_DB_OK) {
        result = cp2fa_disable_step(service, tx, p, who, account, notice, now,
                                    ended);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_NOT_ALLOWED);
}

static const struct cp2fa_device *device_of(const struct cp2fa_account *account,
                                            const char *id)
{
    for (int i = 0; i < account->device_count; i++) {
        if (strcmp(account->devices[i].id, id) == 0) {
            return &account->devices[i];
        }
    }
    return NULL;
}

static enum cp2fa_outcome remove_one(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const struct cp2fa_account *account,
                                     const struct cp2fa_device *device,
                                     const char *session, int64_t now,
                                     struct cp2fa_rows *ended)
{
    struct cp2fa_tx *tx;
    enum cp2fa_outcome none = CP2FA_OUTCOME_NOT_ALLOWED;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(service->store, p, account->id, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = cp2fa_accounts_standing(tx, account->id, session);
    if (result == CP2FA_DB_OK) {
        /* NONE: somebody removed it, or all others, meanwhile */
        none = CP2FA_OUTCOME_NO_DEVICE;
        result = cp2fa_devices_drop(tx, account->id, device->id);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_others(tx, account->id, session, ended);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_DEVICE_REMOVED, device->name, now);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result), none);
}

enum cp2fa_outcome cp2fa_disable_device(const struct cp2fa_service *service,
                                        apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const char *id, const char *session,
                                        int64_t now, struct cp2fa_rows *ended)
{
    struct cp2fa_account *account;
    const struct cp2fa_device *device;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    ended->count = 0;
    if (result == CP2FA_DB_FAILED) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    device = account ? device_of(account, id) : NULL;
    if (!device) {
        return CP2FA_OUTCOME_NO_DEVICE;
    }
    if (account->device_count == 1) {
        return CP2FA_OUTCOME_LAST_DEVICE;
    }
    return remove_one(service, p, who, account, device, session, now, ended);
}
