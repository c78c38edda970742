/* SPDX-License-Identifier: Apache-2.0 */
#include "store/apptokens.h"

#include <apr_strings.h>

enum cp2fa_db_result cp2fa_apptokens_offer(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const struct cp2fa_app_token *token,
                                           const char *session, int64_t until)
{
    const char *add[] = {
        token->id,
        token->account,
        token->name,
        token->path,
        session,
        cp2fa_db_number(p, until),
        cp2fa_db_number(p, token->created),
        cp2fa_db_number(p, token->expires),
    };
    const char *account = token->account;

    if (cp2fa_tx_run_any(tx, CP2FA_SQL_APPTOKENS_DROP_OFFERED, &account)
            != CP2FA_DB_OK
        || cp2fa_tx_run(tx, CP2FA_SQL_APPTOKEN_OFFER, add) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    return CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_apptokens_offered(struct cp2fa_tx *tx, apr_pool_t *p,
                                             const char *account,
                                             const char *session, int64_t now,
                                             struct cp2fa_app_token *token)
{
    const char *args[] = {account, session, cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_tx_read(tx, CP2FA_SQL_APPTOKEN_OFFERED, args, &rows);

    if (result == CP2FA_DB_OK) {
        /* the rows may be of the transaction's pool */
        token->id = apr_pstrdup(p, rows.row[0][0]);
        token->name = apr_pstrdup(p, rows.row[0][1]);
        token->path = apr_pstrdup(p, rows.row[0][2]);
        token->expires = cp2fa_db_int(rows.row[0][3]);
    }
    return result;
}

enum cp2fa_db_result cp2fa_apptokens_take(struct cp2fa_tx *tx, apr_pool_t *p,
                                          const char *id, const char *mac,
                                          const char *session, int64_t now)
{
    const char *args[] = {mac, cp2fa_db_number(p, now), id, session,
                          cp2fa_db_number(p, now)};

    return cp2fa_tx_run(tx, CP2FA_SQL_APPTOKEN_TAKE, args);
}

enum cp2fa_db_result cp2fa_apptokens_find(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *id,
                                          struct cp2fa_app_token **token)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_APPTOKEN_FIND, &id, &rows);
    struct cp2fa_app_token *found;

    *token = NULL;
    if (result == CP2FA_DB_OK) {
        const char *const *row = rows.row[0];

        found = apr_pcalloc(p, sizeof(*found));
        found->id = apr_pstrdup(p, id);
        found->mac = row[0];
        found->account = row[1];
        found->realm = row[2];
        found->user = row[3];
        found->name = row[4];
        found->path = row[5];
        found->created = cp2fa_db_int(row[6]);
        found->expires = cp2fa_db_int(row[7]);
        found->last_used = cp2fa_db_int(row[8]);
        *token = found;
    }
    return result;
}

enum cp2fa_db_result cp2fa_apptokens_list(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *account,
                                          struct cp2fa_app_token **tokens,
                                          int *count)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_APPTOKENS_LIST, &account, &rows);

    *tokens = NULL;
    *count = result == CP2FA_DB_OK ? rows.count : 0;
    if (*count > 0) {
        *tokens = apr_pcalloc(p, (apr_size_t)*count * sizeof(**tokens));
    }
    for (int i = 0; i < *count; i++) {
        const char *const *row = rows.row[i];
        struct cp2fa_app_token *one = &(*tokens)[i];

        one->id = row[0];
        one->account = account;
        one->name = row[1];
        one->path = row[2];
        one->created = cp2fa_db_int(row[3]);
        one->expires = cp2fa_db_int(row[4]);
        one->last_used = cp2fa_db_int(row[5]);
        one->last_address = row[6];
    }
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_apptokens_touch(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *id,
                                           const char *address, int64_t now,
                                           int64_t before)
{
    const char *args[] = {cp2fa_db_number(p, now), address, id,
                          cp2fa_db_number(p, before)};

    return cp2fa_db_run(store, p, CP2FA_SQL_APPTOKEN_TOUCH, args);
}

enum cp2fa_db_result cp2fa_apptokens_end(struct cp2fa_tx *tx,
                                         const char *account, const char *id)
{
    const char *args[] = {account, id};

    return cp2fa_tx_run(tx, CP2FA_SQL_APPTOKEN_END, args);
}

enum cp2fa_db_result cp2fa_apptokens_end_all(struct cp2fa_tx *tx,
                                             const char *account)
{
    return cp2fa_tx_run_any(tx, CP2FA_SQL_APPTOKENS_END, &account);
}

enum cp2fa_db_result cp2fa_apptokens_end_old(struct cp2fa_tx *tx, apr_pool_t *p,
                                             const char *account, int64_t until)
{
    const char *args[] = {account, cp2fa_db_number(p, until)};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_APPTOKENS_END_OLD, args);
}
