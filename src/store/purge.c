/* SPDX-License-Identifier: Apache-2.0 */
#include "store/purge.h"

#define DAY   86400
#define BATCH 100 /* rows, as sql.c has it */

/* PURGE_LEFT counts them in this order */
static const struct {
    enum cp2fa_sql sql;
    int64_t age;  /* seconds that a row is kept after its time */
    int relative; /* the database reckons with its own clock */
} purges[] = {
    {CP2FA_SQL_PURGE_SESSIONS, 0, 0},
    {CP2FA_SQL_PURGE_DEVICES, 0, 0},
    {CP2FA_SQL_PURGE_MAILTOKENS, 0, 0},
    {CP2FA_SQL_PURGE_OUTBOX, 30 * DAY, 0},
    {CP2FA_SQL_LOGIN_EXPIRE, DAY, 0},
    {CP2FA_SQL_PURGE_APPTOKENS, 30 * DAY, 0},
    {CP2FA_SQL_PURGE_APPTOKENS_OFFERED, 0, 0},
    {CP2FA_SQL_PURGE_ENDED, 3600, 1},
};

enum cp2fa_db_result cp2fa_purge_run(struct cp2fa_store *store, apr_pool_t *p,
                                     int64_t now, int *more)
{
    *more = 0;
    for (size_t i = 0; i < sizeof(purges) / sizeof(*purges); i++) {
        const char *args[] = {cp2fa_db_number(
            p, purges[i].relative ? purges[i].age : now - purges[i].age)};

        int changed = 0;

        if (cp2fa_db_run_any(store, p, purges[i].sql, args, &changed)
            == CP2FA_DB_FAILED) {
            return CP2FA_DB_FAILED;
        }
        *more |= changed >= BATCH;
    }
    return CP2FA_DB_OK;
}

int64_t cp2fa_purge_left(struct cp2fa_store *store, apr_pool_t *p, int64_t now)
{
    const char *args[sizeof(purges) / sizeof(*purges)];
    struct cp2fa_rows rows;

    for (size_t i = 0; i < sizeof(purges) / sizeof(*purges); i++) {
        args[i] = cp2fa_db_number(p, now - purges[i].age);
    }
    return cp2fa_db_read(store, p, CP2FA_SQL_PURGE_LEFT, args, &rows)
                   == CP2FA_DB_OK
               ? cp2fa_db_int(rows.row[0][0])
               : -1;
}
