/* SPDX-License-Identifier: Apache-2.0 */
#include "store/census.h"

#include <apr_strings.h>

#define STEP 10000 /* rows, as sql.c has it */

enum cp2fa_db_result cp2fa_census_take(struct cp2fa_store *store, apr_pool_t *p,
                                       struct cp2fa_census *census)
{
    struct cp2fa_rows rows;

    if (cp2fa_db_read(store, p, CP2FA_SQL_CENSUS, NULL, &rows) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    *census = (struct cp2fa_census){
        .locked = cp2fa_db_int(rows.row[0][0]),
        .pending = cp2fa_db_int(rows.row[0][1]),
        .queued = cp2fa_db_int(rows.row[0][2]),
        .dead = cp2fa_db_int(rows.row[0][3]),
        .oldest = cp2fa_db_int(rows.row[0][4]),
    };
    return CP2FA_DB_OK;
}

/* Goes along what sql counts, from behind `last`: what is in the column adds
 * up. One statement for all would be cut off, and held to be an outage. */
static enum cp2fa_db_result count_up(struct cp2fa_store *store, apr_pool_t *p,
                                     enum cp2fa_sql sql, const char *last,
                                     int column, int64_t *sum)
{
    enum cp2fa_db_result result = CP2FA_DB_OK;
    int64_t counted = STEP;
    char place[64];
    apr_pool_t *step;

    *sum = 0;
    apr_cpystrn(place, last, sizeof(place));
    apr_pool_create(&step, p);
    while (result == CP2FA_DB_OK && counted >= STEP) {
        const char *args[] = {place, place};
        struct cp2fa_rows rows;

        apr_pool_clear(step);
        result = cp2fa_db_read(store, step, sql, args, &rows);
        if (result == CP2FA_DB_OK) {
            counted = cp2fa_db_int(rows.row[0][0]);
            *sum += cp2fa_db_int(rows.row[0][column]);
            apr_cpystrn(place, rows.row[0][1], sizeof(place));
        }
    }
    apr_pool_destroy(step);
    return result == CP2FA_DB_OK ? CP2FA_DB_OK : CP2FA_DB_FAILED;
}

enum cp2fa_db_result cp2fa_census_count(struct cp2fa_store *store,
                                        apr_pool_t *p, int64_t now,
                                        struct cp2fa_totals *totals)
{
    enum cp2fa_db_result result =
        count_up(store, p, CP2FA_SQL_COUNT_SESSIONS, cp2fa_db_number(p, now), 2,
                 &totals->sessions);

    if (result == CP2FA_DB_OK) {
        result = count_up(store, p, CP2FA_SQL_COUNT_ACCOUNTS, "", 0,
                          &totals->accounts);
    }
    if (result == CP2FA_DB_OK) {
        result = count_up(store, p, CP2FA_SQL_COUNT_DEVICES, "", 0,
                          &totals->devices);
    }
    return result;
}
