/* SPDX-License-Identifier: Apache-2.0 */
#include "store/devices.h"

#include <apr_strings.h>

enum cp2fa_db_result cp2fa_devices_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                       const char *account,
                                       const struct cp2fa_device *device,
                                       const char *session, int64_t expires)
{
    const char *args[] = {
        device->id,
        account,
        device->type,
        device->name,
        device->secret,
        cp2fa_totp_alg_name(device->totp.alg),
        cp2fa_db_number(p, device->totp.digits),
        cp2fa_db_number(p, device->totp.period),
        session,
        cp2fa_db_number(p, device->created),
        cp2fa_db_number(p, expires),
    };

    if (cp2fa_tx_run_any(tx, CP2FA_SQL_DEVICES_DROP_PENDING, &account)
        != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    return cp2fa_tx_run(tx, CP2FA_SQL_DEVICE_ADD, args);
}

enum cp2fa_db_result cp2fa_devices_pending(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *account,
                                           const char *session, int64_t now,
                                           struct cp2fa_device **device)
{
    const char *args[] = {account, session, cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_db_read(store, p, CP2FA_SQL_DEVICE_PENDING, args, &rows);

    *device = NULL;
    if (result == CP2FA_DB_OK) {
        *device = apr_pcalloc(p, sizeof(**device));
        if (cp2fa_accounts_device(rows.row[0], *device) != 0) {
            result = CP2FA_DB_FAILED;
        }
    }
    return result;
}

enum cp2fa_db_result cp2fa_devices_confirm(struct cp2fa_tx *tx, apr_pool_t *p,
                                           const char *account,
                                           const struct cp2fa_device *device,
                                           const char *session, int64_t step,
                                           int64_t skew, int64_t now)
{
    const char *confirm[] = {
        cp2fa_db_number(p, step),
        cp2fa_db_number(p, skew),
        cp2fa_db_number(p, now),
        device->id,
        session,
        cp2fa_db_number(p, now),
    };
    const char *namesake[] = {account, device->name, device->id};
    enum cp2fa_db_result result =
        cp2fa_tx_run(tx, CP2FA_SQL_DEVICE_CONFIRM, confirm);

    if (result == CP2FA_DB_OK) {
        result = cp2fa_tx_run_any(tx, CP2FA_SQL_DEVICE_DROP_NAMESAKE, namesake);
    }
    return result;
}

enum cp2fa_db_result cp2fa_devices_use_step(struct cp2fa_tx *tx, apr_pool_t *p,
                                            const char *id, int64_t step,
                                            int64_t skew, int64_t now)
{
    const char *args[] = {
        cp2fa_db_number(p, step), cp2fa_db_number(p, skew),
        cp2fa_db_number(p, now),  id,
        cp2fa_db_number(p, step),
    };

    return cp2fa_tx_run(tx, CP2FA_SQL_DEVICE_STEP, args);
}

enum cp2fa_db_result cp2fa_devices_note_half(struct cp2fa_tx *tx, apr_pool_t *p,
                                             const char *id, int64_t step)
{
    const char *args[] = {
        cp2fa_db_number(p, step),
        id,
        cp2fa_db_number(p, step),
        cp2fa_db_number(p, step),
    };

    return cp2fa_tx_run(tx, CP2FA_SQL_DEVICE_HALF, args);
}

enum cp2fa_db_result cp2fa_devices_drop_pending(struct cp2fa_store *store,
                                                apr_pool_t *p,
                                                const char *account)
{
    return cp2fa_db_run(store, p, CP2FA_SQL_DEVICES_DROP_PENDING, &account);
}

/* Looked at after the delete, which holds the lock: of two that remove the
 * last two devices at once, one sees that it must not. */
enum cp2fa_db_result cp2fa_devices_drop(struct cp2fa_tx *tx,
                                        const char *account, const char *id)
{
    const char *args[] = {account, id};
    struct cp2fa_rows left;
    enum cp2fa_db_result result = cp2fa_tx_run(tx, CP2FA_SQL_DEVICE_DROP, args);

    return result == CP2FA_DB_OK
               ? cp2fa_tx_read(tx, CP2FA_SQL_DEVICES_LEFT, &account, &left)
               : result;
}

enum cp2fa_db_result cp2fa_devices_drop_all(struct cp2fa_tx *tx,
                                            const char *account)
{
    return cp2fa_tx_run_any(tx, CP2FA_SQL_DEVICES_DROP, &account);
}

enum cp2fa_db_result cp2fa_devices_reseal(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *id,
                                          const char *before, const char *after)
{
    const char *args[] = {after, id, before};

    return cp2fa_db_run(store, p, CP2FA_SQL_DEVICE_RESEAL, args);
}

enum cp2fa_db_result cp2fa_devices_burn(struct cp2fa_tx *tx, apr_pool_t *p,
                                        const char *id, int64_t step,
                                        int64_t before)
{
    const char *args[] = {cp2fa_db_number(p, step), id,
                          cp2fa_db_number(p, before), cp2fa_db_number(p, step)};

    return cp2fa_tx_run_any(tx, CP2FA_SQL_DEVICE_BURN, args);
}
