/* SPDX-License-Identifier: Apache-2.0 */
#include "store/redeem.h"

#include <string.h>

#include "store/devices.h"

/* Where the sessions' values are among those of CP2FA_SQL_STEP_REDEEM. */
#define SESSION_AT 13
#define BROWSER_AT (SESSION_AT + CP2FA_SESSION_VALUES)

/* A server is asked once, or each of the steps below would be a round trip
 * with the account's row locked. An answer that got lost is asked for again,
 * and is NONE then: the session's id is known to nobody. */
static enum cp2fa_db_result at_once(struct cp2fa_store *store, apr_pool_t *p,
                                    const struct cp2fa_redeem *redeem)
{
    static const struct cp2fa_session none = {
        .hash = "", .account = "", .amr = ""};
    const struct cp2fa_session *browser =
        redeem->browser ? redeem->browser : &none;
    const char *step = cp2fa_db_number(p, redeem->step);
    const char *now = cp2fa_db_number(p, redeem->session->created);
    const char *old = redeem->old ? redeem->old : "";
    const char *args[BROWSER_AT + CP2FA_SESSION_VALUES + 1] = {
        redeem->account,
        /* the step */
        step, cp2fa_db_number(p, redeem->skew), now, redeem->device, step,
        /* the attempt: cp2fa_accounts_give_back */
        redeem->entry, cp2fa_db_number(p, cp2fa_db_int(redeem->entry)),
        redeem->account,
        /* the old session, noted and ended */
        old, redeem->account, now, old};
    int changed = 0;
    enum cp2fa_db_result result;

    cp2fa_sessions_values(p, redeem->session, args + SESSION_AT);
    cp2fa_sessions_values(p, browser, args + BROWSER_AT);
    args[BROWSER_AT + CP2FA_SESSION_VALUES] = browser->hash;
    result = cp2fa_db_run_any(store, p, CP2FA_SQL_STEP_REDEEM, args, &changed);
    return result == CP2FA_DB_OK && changed == 0 ? CP2FA_DB_NONE : result;
}

static enum cp2fa_db_result step_by_step(struct cp2fa_store *store,
                                         apr_pool_t *p,
                                         const struct cp2fa_redeem *redeem)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_begin(store, p, redeem->account, &tx);

    if (result != CP2FA_DB_OK) {
        return result;
    }
    result = cp2fa_devices_use_step(tx, p, redeem->device, redeem->step,
                                    redeem->skew, redeem->session->created);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_accounts_give_back(NULL, tx, p, redeem->account,
                                          redeem->entry);
    }
    if (result == CP2FA_DB_OK && redeem->old
        && cp2fa_sessions_end(store, tx, p, redeem->old) == CP2FA_DB_FAILED) {
        result = CP2FA_DB_FAILED;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_add(tx, p, redeem->session);
    }
    if (result == CP2FA_DB_OK && redeem->browser) {
        result = cp2fa_sessions_add(tx, p, redeem->browser);
    }
    return cp2fa_tx_end(tx, result);
}

enum cp2fa_db_result cp2fa_redeem_step(struct cp2fa_store *store, apr_pool_t *p,
                                       const struct cp2fa_redeem *redeem)
{
    return store && cp2fa_store_dialect(store)->server
               ? at_once(store, p, redeem)
               : step_by_step(store, p, redeem);
}
