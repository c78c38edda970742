/* SPDX-License-Identifier: Apache-2.0 */
#include "store/logins.h"

enum cp2fa_db_result cp2fa_logins_read(struct cp2fa_store *store,
                                       struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *origin,
                                       struct cp2fa_slowness *state,
                                       int64_t *now)
{
    struct cp2fa_rows rows;
    int64_t clock;
    enum cp2fa_db_result result =
        tx ? cp2fa_tx_read(tx, CP2FA_SQL_LOGIN_FAILURES, &origin, &rows)
           : cp2fa_db_read(store, p, CP2FA_SQL_LOGIN_FAILURES, &origin, &rows);

    *state = (struct cp2fa_slowness){0, 0};
    if (result == CP2FA_DB_OK) {
        state->failures = cp2fa_db_int(rows.row[0][0]);
        state->at = cp2fa_db_int(rows.row[0][1]);
        clock = cp2fa_db_clock(store, rows.row[0][2]);
        *now = clock ? clock / 1000000 : *now;
    }
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_logins_swap(struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *origin,
                                       const struct cp2fa_slowness *before,
                                       const struct cp2fa_slowness *after)
{
    const char *swap[] = {
        cp2fa_db_number(p, after->failures),
        cp2fa_db_number(p, after->at),
        origin,
        cp2fa_db_number(p, before->failures),
        cp2fa_db_number(p, before->at),
    };
    const char *add[] = {origin, swap[0], swap[1]};
    enum cp2fa_db_result result = cp2fa_tx_run(tx, CP2FA_SQL_LOGIN_SWAP, swap);

    return result == CP2FA_DB_NONE ? cp2fa_tx_run(tx, CP2FA_SQL_LOGIN_ADD, add)
                                   : result;
}

enum cp2fa_db_result cp2fa_logins_forgive(struct cp2fa_tx *tx,
                                          const char *origin)
{
    return cp2fa_tx_run_any(tx, CP2FA_SQL_LOGIN_FORGIVE, &origin);
}

enum cp2fa_db_result cp2fa_logins_expire(struct cp2fa_tx *tx, apr_pool_t *p,
                                         int64_t before)
{
    const char *args[] = {cp2fa_db_number(p, before)};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_LOGIN_EXPIRE, args);
}
