/* SPDX-License-Identifier: Apache-2.0 */
#include "service/disable.h"

#include "store/devices.h"
#include "store/sessions.h"

enum cp2fa_outcome cp2fa_disable_all(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *session,
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
    if (result != CP2FA_DB_OK
        || cp2fa_db_begin(service->store, p, &tx) != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result = session ? cp2fa_accounts_standing(tx, account->id, session)
                     : CP2FA_DB_OK;
    if (result == CP2FA_DB_OK) {
        result = cp2fa_devices_drop_all(tx, account->id);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_all(tx, account->id, ended);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_forgive(tx, account->id);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_NOT_ALLOWED);
}
