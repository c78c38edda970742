/* SPDX-License-Identifier: Apache-2.0 */
#include "store/purge.h"

#define DAY 86400

static const struct {
    enum cp2fa_sql sql;
    int64_t age;  /* seconds that a row is kept after its time */
    int relative; /* the database reckons with its own clock */
} purges[] = {
    {CP2FA_SQL_PURGE_SESSIONS, 0, 0},   {CP2FA_SQL_PURGE_DEVICES, 0, 0},
    {CP2FA_SQL_PURGE_MAILTOKENS, 0, 0}, {CP2FA_SQL_PURGE_OUTBOX, 30 * DAY, 0},
    {CP2FA_SQL_LOGIN_EXPIRE, DAY, 0},   {CP2FA_SQL_PURGE_ENDED, 3600, 1},
};

enum cp2fa_db_result cp2fa_purge_run(struct cp2fa_store *store, apr_pool_t *p,
                                     int64_t now)
{
    for (size_t i = 0; i < sizeof(purges) / sizeof(*purges); i++) {
        const char *args[] = {cp2fa_db_number(
            p, purges[i].relative ? purges[i].age : now - purges[i].age)};

        if (cp2fa_db_run(store, p, purges[i].sql, args) == CP2FA_DB_FAILED) {
            return CP2FA_DB_FAILED;
        }
    }
    return CP2FA_DB_OK;
}
