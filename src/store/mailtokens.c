/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mailtokens.h"

enum cp2fa_db_result cp2fa_mailtokens_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const struct cp2fa_mailtoken *token)
{
    const char *drop[] = {token->account, token->purpose};
    const char *add[] = {
        token->mac,
        token->account,
        token->purpose,
        token->session,
        token->email,
        cp2fa_db_number(p, token->created),
        cp2fa_db_number(p, token->expires),
    };

    if (cp2fa_tx_run_any(tx, CP2FA_SQL_MAILTOKENS_DROP, drop) != CP2FA_DB_OK
        || cp2fa_tx_run(tx, CP2FA_SQL_MAILTOKEN_ADD, add) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    return CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_mailtokens_pending(
    struct cp2fa_store *store, apr_pool_t *p,
    const struct cp2fa_mailtoken *token, int64_t now, const char **email)
{
    const char *args[] = {token->account, token->purpose, token->session,
                          cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_MAILTOKEN_PENDING, args, &rows);

    *email = result == CP2FA_DB_OK ? rows.row[0][0] : "";
    return result;
}

enum cp2fa_db_result cp2fa_mailtokens_find(struct cp2fa_store *store,
                                           apr_pool_t *p,
                                           const struct cp2fa_mailtoken *token,
                                           int64_t now, const char **email)
{
    const char *args[] = {token->account, token->purpose, token->session,
                          token->mac, cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_MAILTOKEN_FIND, args, &rows);

    *email = result == CP2FA_DB_OK ? rows.row[0][0] : "";
    return result;
}

enum cp2fa_db_result cp2fa_mailtokens_use(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const struct cp2fa_mailtoken *token,
                                          int64_t now)
{
    const char *args[] = {token->account, token->purpose, token->session,
                          token->mac, cp2fa_db_number(p, now)};

    return cp2fa_tx_run(tx, CP2FA_SQL_MAILTOKEN_USE, args);
}

enum cp2fa_db_result cp2fa_mailtokens_drop_all(struct cp2fa_tx *tx,
                                               const char *account)
{
    return cp2fa_tx_run_any(tx, CP2FA_SQL_MAILTOKENS_DROP_ALL, &account);
}

enum cp2fa_db_result cp2fa_mailtokens_drop_old(struct cp2fa_tx *tx,
                                               apr_pool_t *p,
                                               const char *account,
                                               int64_t until)
{
    const char *args[] = {account, cp2fa_db_number(p, until)};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_MAILTOKENS_DROP_OLD, args);
}
