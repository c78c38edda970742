/* SPDX-License-Identifier: Apache-2.0 */
#include "store/survey.h"

enum cp2fa_db_result cp2fa_survey_accounts(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *realm,
                                           const char *after_realm,
                                           const char *after_name, int64_t now,
                                           struct cp2fa_account_line **lines,
                                           int *count)
{
    const char *args[] = {cp2fa_db_number(p, now),
                          realm,
                          realm,
                          after_realm,
                          after_realm,
                          after_name};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_ACCOUNTS_LIST, args, &rows);

    *count = rows.count;
    *lines = apr_pcalloc(p, sizeof(**lines) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        const char *const *row = rows.row[i];

        (*lines)[i] = (struct cp2fa_account_line){
            .id = row[0],
            .realm = row[1],
            .name = row[2],
            .created = cp2fa_db_int(row[3]),
            .failures = row[4],
            .next_try = cp2fa_db_int(row[5]),
            .locked_at = cp2fa_db_int(row[6]),
            .email = row[7],
            .devices = (int)cp2fa_db_int(row[8]),
            .codes = (int)cp2fa_db_int(row[9]),
            .sessions = (int)cp2fa_db_int(row[10]),
        };
    }
    return result;
}

enum cp2fa_db_result cp2fa_survey_sessions(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *after,
                                           int64_t now,
                                           struct cp2fa_session **sessions,
                                           int *count)
{
    const char *args[] = {cp2fa_db_number(p, now), after};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_SESSIONS_ALL, args, &rows);

    *count = rows.count;
    *sessions = apr_pcalloc(p, sizeof(**sessions) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        const char *const *row = rows.row[i];

        (*sessions)[i] = (struct cp2fa_session){
            .hash = row[0],
            .account = row[1],
            .realm = row[2],
            .name = row[3],
            .amr = row[4],
            .created = cp2fa_db_int(row[5]),
            .auth_time = cp2fa_db_int(row[6]),
            .last_seen = cp2fa_db_int(row[7]),
            .ends = cp2fa_db_int(row[8]),
            .address = row[9],
            .agent = row[10],
        };
    }
    return result;
}

enum cp2fa_db_result cp2fa_survey_devices(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *after,
                                          struct cp2fa_device_line **lines,
                                          int *count)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_DEVICES_SEALED, &after, &rows);

    *count = rows.count;
    *lines = apr_pcalloc(p, sizeof(**lines) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        struct cp2fa_device_line *line = &(*lines)[i];

        if (cp2fa_accounts_device(rows.row[i], &line->device) != 0) {
            return CP2FA_DB_FAILED;
        }
        line->state = rows.row[i][12];
        line->realm = rows.row[i][13];
        line->name = rows.row[i][14];
    }
    return result;
}

enum cp2fa_db_result cp2fa_survey_mails(struct cp2fa_store *store,
                                        apr_pool_t *p, const char *after,
                                        struct cp2fa_mail_line **lines,
                                        int *count)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_OUTBOX_ALL, &after, &rows);

    *count = rows.count;
    *lines = apr_pcalloc(p, sizeof(**lines) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        const char *const *row = rows.row[i];

        (*lines)[i] = (struct cp2fa_mail_line){
            .mail = cp2fa_outbox_mail(row),
            .state = row[12],
            .problem = row[13],
        };
    }
    return result;
}

enum cp2fa_db_result cp2fa_survey_events(struct cp2fa_store *store,
                                         apr_pool_t *p,
                                         const struct cp2fa_trail *trail,
                                         struct cp2fa_event **events,
                                         int *count)
{
    const char *args[] = {
        cp2fa_db_number(p, trail->since),
        cp2fa_db_number(p, trail->since),
        trail->after,
        trail->realm,
        trail->realm,
        trail->name,
        trail->name,
        cp2fa_db_number(p, trail->until),
    };
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_EVENTS_LIST, args, &rows);

    *count = rows.count;
    *events = apr_pcalloc(p, sizeof(**events) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        const char *const *row = rows.row[i];

        (*events)[i] = (struct cp2fa_event){
            .id = row[0],
            .at = cp2fa_db_int(row[1]),
            .account = row[2],
            .realm = row[3],
            .name = row[4],
            .kind = row[5],
            .address = row[6],
            .agent = row[7],
            .detail = row[8],
        };
    }
    return result;
}

enum cp2fa_db_result cp2fa_survey_macs(struct cp2fa_store *store, apr_pool_t *p,
                                       int mailed, const char *account,
                                       const char *mac, struct cp2fa_rows *rows)
{
    const char *args[] = {account, account, mac};

    return cp2fa_db_read(
        store, p, mailed ? CP2FA_SQL_MAILTOKENS_ALL : CP2FA_SQL_CODES_ALL, args,
        rows);
}

int64_t cp2fa_survey_clock(struct cp2fa_store *store, apr_pool_t *p)
{
    struct cp2fa_rows rows;

    return cp2fa_db_read(store, p, CP2FA_SQL_NOW, NULL, &rows) == CP2FA_DB_OK
               ? cp2fa_db_int(rows.row[0][0])
               : -1;
}
