/* SPDX-License-Identifier: Apache-2.0 */
#include "store/codes.h"

enum cp2fa_db_result cp2fa_codes_offer(struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *account, const char *session,
                                       int64_t until)
{
    const char *args[] = {session, cp2fa_db_number(p, until), account};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_CODES_OFFER, args);
}

enum cp2fa_db_result cp2fa_codes_take(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const char *account, const char *session,
                                      int64_t now)
{
    const char *args[] = {account, session, cp2fa_db_number(p, now)};

    return cp2fa_tx_run(tx, CP2FA_SQL_CODES_TAKE, args);
}

enum cp2fa_db_result cp2fa_codes_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                     const char *account, const char *mac,
                                     int64_t now)
{
    const char *args[] = {mac, account, cp2fa_db_number(p, now)};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_CODE_ADD, args);
}

enum cp2fa_db_result cp2fa_codes_find(struct cp2fa_store *store, apr_pool_t *p,
                                      const char *account, const char *mac)
{
    const char *args[] = {account, mac};
    struct cp2fa_rows rows;

    return cp2fa_db_read(store, p, CP2FA_SQL_CODE_FIND, args, &rows);
}

enum cp2fa_db_result cp2fa_codes_use(struct cp2fa_tx *tx, const char *account,
                                     const char *mac)
{
    const char *args[] = {account, mac};

    return cp2fa_tx_run(tx, CP2FA_SQL_CODE_USE, args);
}

enum cp2fa_db_result cp2fa_codes_drop(struct cp2fa_tx *tx, const char *account)
{
    return cp2fa_tx_run_any(tx, CP2FA_SQL_CODES_DROP, &account);
}

enum cp2fa_db_result cp2fa_codes_count(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *account, int *count)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_CODES_COUNT, &account, &rows);

    *count = result == CP2FA_DB_OK ? (int)cp2fa_db_int(rows.row[0][0]) : 0;
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_codes_drop_old(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const char *account, int64_t until)
{
    const char *args[] = {account, cp2fa_db_number(p, until)};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_CODES_DROP_OLD, args);
}
