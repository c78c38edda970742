/* SPDX-License-Identifier: Apache-2.0 */
#include "store/census.h"

enum cp2fa_db_result cp2fa_census_take(struct cp2fa_store *store, apr_pool_t *p,
                                       int64_t now, struct cp2fa_census *census)
{
    const char *args[] = {cp2fa_db_number(p, now)};
    struct cp2fa_rows rows;

    if (cp2fa_db_read(store, p, CP2FA_SQL_CENSUS, args, &rows) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    *census = (struct cp2fa_census){
        .sessions = cp2fa_db_int(rows.row[0][0]),
        .accounts = cp2fa_db_int(rows.row[0][1]),
        .devices = cp2fa_db_int(rows.row[0][2]),
        .locked = cp2fa_db_int(rows.row[0][3]),
        .queued = cp2fa_db_int(rows.row[0][4]),
        .dead = cp2fa_db_int(rows.row[0][5]),
        .oldest = cp2fa_db_int(rows.row[0][6]),
    };
    return CP2FA_DB_OK;
}
