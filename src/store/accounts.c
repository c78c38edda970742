/* SPDX-License-Identifier: Apache-2.0 */
#include "store/accounts.h"

#include <string.h>

#include <apr_strings.h>

/* Columns of CP2FA_SQL_ACCOUNT_WITH_DEVICES before the device's own. */
#define DEVICE_AT 7

int cp2fa_accounts_device(const char *const *row, struct cp2fa_device *device)
{
    int64_t digits = cp2fa_db_int(row[5]);
    int64_t period = cp2fa_db_int(row[6]);

    device->id = row[0];
    device->type = row[1];
    device->name = row[2];
    device->secret = row[3];
    device->last_step = cp2fa_db_int(row[7]);
    device->skew = cp2fa_db_int(row[8]);
    device->created = cp2fa_db_int(row[9]);
    device->last_used = cp2fa_db_int(row[10]);
    device->half_step = cp2fa_db_int(row[11]);
    device->totp.digits = digits > 0 && digits < 100 ? (unsigned)digits : 0;
    device->totp.period = period > 0 && period < 1000 ? (unsigned)period : 0;
    if (strcmp(device->type, "totp") != 0
        || cp2fa_totp_alg_find(row[4], &device->totp.alg) != 0
        || !cp2fa_totp_supported(&device->totp)) {
        return -1;
    }
    return 0;
}

static int read_devices(apr_pool_t *p, const struct cp2fa_rows *rows,
                        struct cp2fa_account *account)
{
    struct cp2fa_device *devices =
        apr_pcalloc(p, sizeof(*devices) * (size_t)rows->count);

    account->devices = devices;
    if (rows->row[0][DEVICE_AT][0] == '\0') {
        return 0; /* the outer join found none */
    }
    for (int i = 0; i < rows->count; i++) {
        if (cp2fa_accounts_device(rows->row[i] + DEVICE_AT, &devices[i]) != 0) {
            return -1;
        }
    }
    account->device_count = rows->count;
    return 0;
}

enum cp2fa_db_result cp2fa_accounts_find(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *realm,
                                         const char *name,
                                         struct cp2fa_account **account)
{
    const char *args[] = {realm, name};
    struct cp2fa_account *found;
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_ACCOUNT_WITH_DEVICES, args, &rows);

    *account = NULL;
    if (result != CP2FA_DB_OK) {
        return result;
    }
    found = apr_pcalloc(p, sizeof(*found));
    found->id = rows.row[0][0];
    found->realm = apr_pstrdup(p, realm);
    found->name = apr_pstrdup(p, name);
    found->email = rows.row[0][4];
    found->mail_times = rows.row[0][5];
    found->clock = cp2fa_db_clock(store, rows.row[0][6]);
    found->attempts.next_try = cp2fa_db_int(rows.row[0][2]);
    found->attempts.locked_at = cp2fa_db_int(rows.row[0][3]);
    if (!cp2fa_throttle_valid(rows.row[0][1])
        || read_devices(p, &rows, found) != 0) {
        return CP2FA_DB_FAILED;
    }
    apr_cpystrn(found->attempts.failures, rows.row[0][1],
                sizeof(found->attempts.failures));
    *account = found;
    return CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_accounts_begin(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *id,
                                          struct cp2fa_tx **tx)
{
    struct cp2fa_rows rows;
    enum cp2fa_db_result result = cp2fa_db_begin(store, p, tx);

    /* sqlite has one writer at a time anyway. An account that is gone meets
     * the steps of the transaction: none finds its row. */
    if (result == CP2FA_DB_OK && cp2fa_tx_dialect(*tx)->server
        && cp2fa_tx_read(*tx, CP2FA_SQL_ACCOUNT_LOCK, &id, &rows)
               == CP2FA_DB_FAILED) {
        result = cp2fa_tx_end(*tx, CP2FA_DB_FAILED);
    }
    return result;
}

enum cp2fa_db_result cp2fa_accounts_ensure(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *id,
                                           const char *realm, const char *name,
                                           int64_t now)
{
    const char *args[] = {id, realm, name, cp2fa_db_number(p, now)};
    enum cp2fa_db_result result =
        cp2fa_db_run(store, p, CP2FA_SQL_ACCOUNT_ADD, args);

    return result == CP2FA_DB_NONE ? CP2FA_DB_OK : result;
}

enum cp2fa_db_result cp2fa_accounts_reserve(struct cp2fa_store *store,
                                            apr_pool_t *p,
                                            const struct cp2fa_account *account,
                                            const struct cp2fa_attempts *after)
{
    const char *args[] = {
        after->failures,
        cp2fa_db_number(p, after->next_try),
        cp2fa_db_number(p, after->locked_at),
        account->id,
        account->attempts.failures,
        cp2fa_db_number(p, account->attempts.next_try),
        cp2fa_db_number(p, account->attempts.locked_at),
    };

    return cp2fa_db_run(store, p, CP2FA_SQL_ATTEMPT_RESERVE, args);
}

enum cp2fa_db_result cp2fa_accounts_give_back(struct cp2fa_store *store,
                                              struct cp2fa_tx *tx,
                                              apr_pool_t *p, const char *id,
                                              const char *entry)
{
    const char *args[] = {
        entry,
        /* the lock's time is the time noted of the attempt that set it */
        cp2fa_db_number(p, cp2fa_db_int(entry)),
        id,
    };

    return tx ? cp2fa_tx_run(tx, CP2FA_SQL_ATTEMPT_RETURN, args)
              : cp2fa_db_run(store, p, CP2FA_SQL_ATTEMPT_RETURN, args);
}

enum cp2fa_db_result cp2fa_accounts_forgive(struct cp2fa_tx *tx, const char *id)
{
    return cp2fa_tx_run_any(tx, CP2FA_SQL_ACCOUNT_FORGIVE, &id);
}

enum cp2fa_db_result cp2fa_accounts_set_email(struct cp2fa_tx *tx,
                                              const char *id, const char *email)
{
    const char *args[] = {email, id};

    return cp2fa_tx_run(tx, CP2FA_SQL_ACCOUNT_SET_EMAIL, args);
}

enum cp2fa_db_result cp2fa_accounts_note_mail(
    struct cp2fa_tx *tx, const struct cp2fa_account *account, const char *after)
{
    const char *args[] = {after, account->id, account->mail_times};

    return cp2fa_tx_run(tx, CP2FA_SQL_MAIL_RESERVE, args);
}

enum cp2fa_db_result cp2fa_accounts_standing(struct cp2fa_tx *tx,
                                             const char *id,
                                             const char *session)
{
    const char *args[] = {id, session};
    struct cp2fa_rows rows;

    return cp2fa_tx_read(tx, CP2FA_SQL_ACCOUNT_STANDING, args, &rows);
}
