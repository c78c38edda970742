/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sessions.h"

#include <string.h>

#include <apr_strings.h>

void cp2fa_sessions_values(apr_pool_t *p, const struct cp2fa_session *session,
                           const char *values[CP2FA_SESSION_VALUES])
{
    const char *row[CP2FA_SESSION_VALUES] = {
        session->hash,
        session->account,
        session->amr,
        cp2fa_db_number(p, session->created),
        cp2fa_db_number(p, session->auth_time),
        cp2fa_db_number(p, session->last_seen),
        cp2fa_db_number(p, session->ends),
        session->address ? session->address : "",
        session->agent ? session->agent : "",
    };

    memcpy(values, row, sizeof(row));
}

enum cp2fa_db_result cp2fa_sessions_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                        const struct cp2fa_session *session)
{
    const char *expire[] = {session->account,
                            cp2fa_db_number(p, session->created)};
    const char *add[CP2FA_SESSION_VALUES];

    cp2fa_sessions_values(p, session, add);
    if (cp2fa_tx_run_any(tx, CP2FA_SQL_SESSIONS_EXPIRE, expire) != CP2FA_DB_OK
        || cp2fa_tx_run(tx, CP2FA_SQL_SESSION_ADD, add) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    return CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_sessions_find(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *hash,
                                         struct cp2fa_session **session)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_SESSION_FIND, &hash, &rows);
    struct cp2fa_session *found;

    *session = NULL;
    if (result != CP2FA_DB_OK) {
        return result;
    }
    found = apr_pcalloc(p, sizeof(*found));
    found->hash = apr_pstrdup(p, hash);
    found->account = rows.row[0][0];
    found->realm = rows.row[0][1];
    found->name = rows.row[0][2];
    found->amr = rows.row[0][3];
    found->created = cp2fa_db_int(rows.row[0][4]);
    found->auth_time = cp2fa_db_int(rows.row[0][5]);
    found->last_seen = cp2fa_db_int(rows.row[0][6]);
    found->ends = cp2fa_db_int(rows.row[0][7]);
    *session = found;
    return CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_sessions_touch(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *hash,
                                          int64_t now)
{
    const char *args[] = {cp2fa_db_number(p, now), hash,
                          cp2fa_db_number(p, now)};

    return cp2fa_db_run(store, p, CP2FA_SQL_SESSION_TOUCH, args);
}

enum cp2fa_db_result cp2fa_sessions_use_browser(struct cp2fa_tx *tx,
                                                apr_pool_t *p, const char *hash,
                                                int64_t now)
{
    const char *args[] = {cp2fa_db_number(p, now), cp2fa_db_number(p, now),
                          hash};

    return cp2fa_tx_run(tx, CP2FA_SQL_BROWSER_USE, args);
}

/* What ends before its time is noted, for the caches of other nodes. */
static const struct end {
    enum cp2fa_sql note;
    enum cp2fa_sql end;
} end_one = {CP2FA_SQL_ENDED_ONE, CP2FA_SQL_SESSION_END},
  end_own = {CP2FA_SQL_ENDED_OWN, CP2FA_SQL_SESSION_END_OWN},
  end_all = {CP2FA_SQL_ENDED_ALL, CP2FA_SQL_SESSIONS_END},
  end_others = {CP2FA_SQL_ENDED_OTHERS, CP2FA_SQL_SESSIONS_END_OTHERS};

static enum cp2fa_db_result end_in(struct cp2fa_tx *tx, const struct end *how,
                                   const char **args)
{
    return cp2fa_tx_run_any(tx, how->note, args) == CP2FA_DB_FAILED
               ? CP2FA_DB_FAILED
               : cp2fa_tx_run(tx, how->end, args);
}

static enum cp2fa_db_result end_any(struct cp2fa_tx *tx, const struct end *how,
                                    const char **args)
{
    enum cp2fa_db_result result = end_in(tx, how, args);

    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

static enum cp2fa_db_result end_now(struct cp2fa_store *store, apr_pool_t *p,
                                    const struct end *how, const char **args)
{
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result = cp2fa_db_begin(store, p, &tx);

    return result == CP2FA_DB_OK ? cp2fa_tx_end(tx, end_in(tx, how, args))
                                 : result;
}

enum cp2fa_db_result cp2fa_sessions_ended(struct cp2fa_store *store,
                                          apr_pool_t *p, int64_t seconds,
                                          struct cp2fa_rows *hashes)
{
    const char *args[] = {cp2fa_db_number(p, seconds)};
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_ENDED_LIST, args, hashes);

    return result == CP2FA_DB_NONE ? CP2FA_DB_OK : result;
}

enum cp2fa_db_result cp2fa_sessions_end(struct cp2fa_store *store,
                                        struct cp2fa_tx *tx, apr_pool_t *p,
                                        const char *hash)
{
    return tx ? end_in(tx, &end_one, &hash)
              : end_now(store, p, &end_one, &hash);
}

enum cp2fa_db_result cp2fa_sessions_end_all(struct cp2fa_tx *tx,
                                            const char *account,
                                            struct cp2fa_rows *hashes)
{
    if (cp2fa_tx_read(tx, CP2FA_SQL_SESSIONS_LIST, &account, hashes)
        == CP2FA_DB_FAILED) {
        return CP2FA_DB_FAILED;
    }
    return end_any(tx, &end_all, &account);
}

enum cp2fa_db_result cp2fa_sessions_show(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *account,
                                         int64_t now,
                                         struct cp2fa_session **sessions,
                                         int *count)
{
    const char *args[] = {account, cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_SESSIONS_SHOW, args, &rows);

    *count = rows.count;
    *sessions = apr_pcalloc(p, sizeof(**sessions) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        (*sessions)[i] = (struct cp2fa_session){
            .hash = rows.row[i][0],
            .account = account,
            .amr = rows.row[i][1],
            .created = cp2fa_db_int(rows.row[i][2]),
            .auth_time = cp2fa_db_int(rows.row[i][3]),
            .last_seen = cp2fa_db_int(rows.row[i][4]),
            .ends = cp2fa_db_int(rows.row[i][5]),
            .address = rows.row[i][6],
            .agent = rows.row[i][7],
        };
    }
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_sessions_end_own(struct cp2fa_store *store,
                                            apr_pool_t *p, const char *account,
                                            const char *hash)
{
    const char *args[] = {account, hash};

    return end_now(store, p, &end_own, args);
}

enum cp2fa_db_result cp2fa_sessions_end_others(struct cp2fa_tx *tx,
                                               const char *account,
                                               const char *hash,
                                               struct cp2fa_rows *hashes)
{
    const char *args[] = {account, hash};

    if (cp2fa_tx_read(tx, CP2FA_SQL_SESSIONS_LIST_OTHERS, args, hashes)
        == CP2FA_DB_FAILED) {
        return CP2FA_DB_FAILED;
    }
    return end_any(tx, &end_others, args);
}

enum cp2fa_db_result cp2fa_sessions_end_old(struct cp2fa_tx *tx, apr_pool_t *p,
                                            const char *account, int64_t until)
{
    const char *args[] = {account, cp2fa_db_number(p, until)};
    struct cp2fa_rows hashes;
    enum cp2fa_db_result result =
        cp2fa_tx_read(tx, CP2FA_SQL_SESSIONS_OLD, args, &hashes);

    for (int i = 0; result == CP2FA_DB_OK && i < hashes.count; i++) {
        result = end_any(tx, &end_one, (const char **)hashes.row[i]);
    }
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}
