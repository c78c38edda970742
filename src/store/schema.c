/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

/* Times are seconds since 1970, but for next_try, locked_at and the times in
 * failures, which are microseconds. Ids are 32 random hex digits, made before
 * the row, since a sealed secret is bound to the id of its row. */
static const char *const version_1[] = {
    "CREATE TABLE cp2fa_account ("
    " id VARCHAR(32) NOT NULL PRIMARY KEY,"
    " realm VARCHAR(255) NOT NULL,"
    " name VARCHAR(255) NOT NULL,"
    " created BIGINT NOT NULL,"
    " failures VARCHAR(1700) NOT NULL," /* core/throttle.h */
    " next_try BIGINT NOT NULL,"
    " locked_at BIGINT NOT NULL,"
    " UNIQUE (realm, name))",

    "CREATE TABLE cp2fa_device ("
    " id VARCHAR(32) NOT NULL PRIMARY KEY,"
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " type VARCHAR(16) NOT NULL," /* totp */
    " name VARCHAR(255) NOT NULL,"
    " state VARCHAR(16) NOT NULL,"   /* pending, active */
    " secret VARCHAR(255) NOT NULL," /* core/seal.h */
    " algorithm VARCHAR(16) NOT NULL,"
    " digits BIGINT NOT NULL,"
    " period BIGINT NOT NULL,"
    " last_step BIGINT NOT NULL,"    /* the last time step accepted */
    " skew BIGINT NOT NULL,"         /* steps the device's clock is ahead */
    " session VARCHAR(64) NOT NULL," /* that may confirm a pending one */
    " created BIGINT NOT NULL,"
    " expires BIGINT NOT NULL," /* of a pending one */
    " last_used BIGINT NOT NULL)",

    "CREATE INDEX cp2fa_device_account ON cp2fa_device (account)",

    "CREATE TABLE cp2fa_session ("
    " hash VARCHAR(64) NOT NULL PRIMARY KEY," /* core/token.h */
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " amr VARCHAR(64) NOT NULL," /* RFC 8176 words: pwd otp */
    " created BIGINT NOT NULL,"
    " auth_time BIGINT NOT NULL," /* of the last second factor */
    " last_seen BIGINT NOT NULL,"
    " ends BIGINT NOT NULL)",

    "CREATE INDEX cp2fa_session_account ON cp2fa_session (account)",
};

static enum cp2fa_db_result read_version(struct cp2fa_tx *tx, int64_t *version)
{
    const char *args[] = {"schema"};
    struct cp2fa_rows rows;
    enum cp2fa_db_result result =
        cp2fa_tx_read(tx, CP2FA_SQL_META_GET, args, &rows);

    *version = result == CP2FA_DB_OK ? cp2fa_db_int(rows.row[0][0]) : 0;
    return result;
}

static enum cp2fa_db_result make(struct cp2fa_tx *tx, apr_pool_t *p)
{
    const char *args[] = {"schema", cp2fa_db_number(p, CP2FA_SCHEMA_VERSION)};
    enum cp2fa_db_result result = CP2FA_DB_OK;

    for (size_t i = 0;
         result == CP2FA_DB_OK && i < sizeof(version_1) / sizeof(*version_1);
         i++) {
        result = cp2fa_tx_script(tx, version_1[i]);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_tx_run(tx, CP2FA_SQL_META_ADD, args);
    }
    return result;
}

static enum cp2fa_schema_state ensure(struct cp2fa_store *store, apr_pool_t *p,
                                      int64_t *version)
{
    enum cp2fa_schema_state state = CP2FA_SCHEMA_READY;
    enum cp2fa_db_result result;
    struct cp2fa_tx *tx;

    *version = 0;
    if (cp2fa_db_begin(store, p, &tx) != CP2FA_DB_OK) {
        return CP2FA_SCHEMA_FAILED;
    }
    result = cp2fa_tx_script(tx, "CREATE TABLE IF NOT EXISTS cp2fa_meta ("
                                 " name VARCHAR(64) NOT NULL PRIMARY KEY,"
                                 " value VARCHAR(255) NOT NULL)");
    if (result == CP2FA_DB_OK) {
        result = read_version(tx, version);
    }
    if (result == CP2FA_DB_NONE) {
        result = make(tx, p);
        state = CP2FA_SCHEMA_MADE;
    }
    else if (result == CP2FA_DB_OK && *version != CP2FA_SCHEMA_VERSION) {
        state = CP2FA_SCHEMA_OTHER;
    }
    result = cp2fa_tx_end(tx, result);
    return result == CP2FA_DB_OK ? state : CP2FA_SCHEMA_FAILED;
}

enum cp2fa_schema_state cp2fa_schema_ensure(struct cp2fa_store *store,
                                            apr_pool_t *p, int64_t *version)
{
    enum cp2fa_schema_state state = ensure(store, p, version);

    /* Somebody else may have made them while we waited: sqlite tells that as
     * an error, once. */
    return state == CP2FA_SCHEMA_FAILED ? ensure(store, p, version) : state;
}

enum cp2fa_db_result cp2fa_schema_notes(struct cp2fa_store *store,
                                        apr_pool_t *p, struct cp2fa_rows *rows)
{
    return cp2fa_db_read(store, p, CP2FA_SQL_META_LIST, NULL, rows);
}

enum cp2fa_db_result cp2fa_schema_note(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *name, const char *value)
{
    const char *args[] = {name, value};

    return cp2fa_db_run(store, p, CP2FA_SQL_META_ADD, args);
}
