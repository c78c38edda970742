/* SPDX-License-Identifier: Apache-2.0 */
#include "store/outbox.h"

#include <apr_strings.h>

enum cp2fa_db_result cp2fa_outbox_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const struct cp2fa_mail *mail)
{
    const char *args[] = {
        mail->id,
        mail->account,
        mail->recipient,
        mail->kind,
        mail->language,
        mail->params,
        mail->secret,
        cp2fa_db_number(p, mail->created),
        cp2fa_db_number(p, mail->next_try),
        cp2fa_db_number(p, mail->expires),
    };

    return cp2fa_tx_run(tx, CP2FA_SQL_OUTBOX_ADD, args) == CP2FA_DB_OK
               ? CP2FA_DB_OK
               : CP2FA_DB_FAILED;
}

struct cp2fa_mail cp2fa_outbox_mail(const char *const *row)
{
    return (struct cp2fa_mail){
        .id = row[0],
        .recipient = row[1],
        .kind = row[2],
        .language = row[3],
        .params = row[4],
        .secret = row[5],
        .tries = cp2fa_db_int(row[6]),
        .created = cp2fa_db_int(row[7]),
        .next_try = cp2fa_db_int(row[8]),
        .expires = cp2fa_db_int(row[9]),
        .realm = row[10],
        .name = row[11],
    };
}

enum cp2fa_db_result cp2fa_outbox_due(struct cp2fa_store *store, apr_pool_t *p,
                                      int64_t now, struct cp2fa_mail **mails,
                                      int *count)
{
    const char *args[] = {cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_OUTBOX_DUE, args, &rows);

    *count = rows.count;
    *mails = apr_pcalloc(p, sizeof(**mails) * (size_t)(rows.count + 1));
    for (int i = 0; i < rows.count; i++) {
        (*mails)[i] = cp2fa_outbox_mail(rows.row[i]);
    }
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_outbox_claim(struct cp2fa_store *store,
                                        apr_pool_t *p,
                                        const struct cp2fa_mail *mail,
                                        int64_t until)
{
    const char *args[] = {cp2fa_db_number(p, until), mail->id,
                          cp2fa_db_number(p, mail->next_try)};

    return cp2fa_db_run(store, p, CP2FA_SQL_OUTBOX_CLAIM, args);
}

enum cp2fa_db_result cp2fa_outbox_done(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *id)
{
    return cp2fa_db_run(store, p, CP2FA_SQL_OUTBOX_DONE, &id);
}

enum cp2fa_db_result cp2fa_outbox_retry(struct cp2fa_store *store,
                                        apr_pool_t *p, const char *id,
                                        int64_t when, const char *problem)
{
    const char *args[] = {cp2fa_db_number(p, when), problem, id};

    return cp2fa_db_run(store, p, CP2FA_SQL_OUTBOX_RETRY, args);
}

enum cp2fa_db_result cp2fa_outbox_dead(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *id, const char *problem)
{
    const char *args[] = {problem, id};

    return cp2fa_db_run(store, p, CP2FA_SQL_OUTBOX_DEAD, args);
}

enum cp2fa_db_result cp2fa_outbox_revive(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *id,
                                         int64_t now)
{
    const char *args[] = {cp2fa_db_number(p, now), cp2fa_db_number(p, now), id};

    return cp2fa_db_run(store, p, CP2FA_SQL_OUTBOX_REVIVE, args);
}
