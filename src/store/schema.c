/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

/* Times are seconds since 1970, but for next_try, locked_at and the times in
 * failures, which are microseconds. Ids are 32 random hex digits, made before
 * the row, since a sealed secret is bound to the id of its row. */
static const char *const tables[] = {
    "CREATE TABLE cp2fa_account ("
    " id VARCHAR(32) NOT NULL PRIMARY KEY,"
    " realm VARCHAR(255) NOT NULL,"
    " name VARCHAR(255) NOT NULL,"
    " created BIGINT NOT NULL,"
    " failures VARCHAR(1700) NOT NULL," /* core/throttle.h */
    " next_try BIGINT NOT NULL,"
    " locked_at BIGINT NOT NULL,"
    " email VARCHAR(255) NOT NULL,"        /* registered, or empty */
    " mail_times VARCHAR(1700) NOT NULL,"  /* tokens mailed, as failures */
    " codes_session VARCHAR(64) NOT NULL," /* may see fresh codes, once */
    " codes_until BIGINT NOT NULL,"
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
    " last_used BIGINT NOT NULL,"
    " half_step BIGINT NOT NULL)", /* the first of two in a row, or -1 */

    "CREATE INDEX cp2fa_device_account ON cp2fa_device (account)",

    "CREATE TABLE cp2fa_session ("
    " hash VARCHAR(64) NOT NULL PRIMARY KEY," /* core/token.h */
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " amr VARCHAR(64) NOT NULL," /* RFC 8176 words: pwd otp */
    " created BIGINT NOT NULL,"
    " auth_time BIGINT NOT NULL," /* of the last second factor */
    " last_seen BIGINT NOT NULL,"
    " ends BIGINT NOT NULL,"
    " address VARCHAR(64) NOT NULL,"
    " agent VARCHAR(255) NOT NULL)",

    "CREATE INDEX cp2fa_session_account ON cp2fa_session (account)",

    /* recovery codes, by their HMAC under the token key */
    "CREATE TABLE cp2fa_code ("
    " mac VARCHAR(96) NOT NULL,"
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " created BIGINT NOT NULL,"
    " PRIMARY KEY (account, mac))",

    "CREATE TABLE cp2fa_mail_token ("
    " mac VARCHAR(96) NOT NULL,"
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " purpose VARCHAR(16) NOT NULL," /* bypass, email */
    " session VARCHAR(64) NOT NULL," /* that asked, and may redeem */
    " email VARCHAR(255) NOT NULL,"  /* where it was sent */
    " created BIGINT NOT NULL,"
    " expires BIGINT NOT NULL,"
    " PRIMARY KEY (account, mac))",

    /* mail to be sent: written with the change that it tells of */
    "CREATE TABLE cp2fa_outbox ("
    " id VARCHAR(32) NOT NULL PRIMARY KEY," /* and its Message-ID */
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " recipient VARCHAR(255) NOT NULL,"
    " kind VARCHAR(32) NOT NULL," /* names its template */
    " language VARCHAR(16) NOT NULL,"
    " params VARCHAR(2000) NOT NULL," /* name=value, a line each */
    " secret VARCHAR(255) NOT NULL,"  /* a token, sealed, or empty */
    " state VARCHAR(16) NOT NULL,"    /* queued, dead */
    " problem VARCHAR(255) NOT NULL,"
    " tries BIGINT NOT NULL,"
    " created BIGINT NOT NULL,"
    " next_try BIGINT NOT NULL,"
    " expires BIGINT NOT NULL)", /* not sent after; 0: never too late */

    "CREATE INDEX cp2fa_outbox_due ON cp2fa_outbox (state, next_try)",

    /* the audit trail: it outlives the account */
    "CREATE TABLE cp2fa_event ("
    " id VARCHAR(32) NOT NULL PRIMARY KEY,"
    " at BIGINT NOT NULL,"
    " account VARCHAR(32) NOT NULL,"
    " realm VARCHAR(255) NOT NULL,"
    " name VARCHAR(255) NOT NULL,"
    " kind VARCHAR(32) NOT NULL,"
    " address VARCHAR(64) NOT NULL,"
    " agent VARCHAR(255) NOT NULL,"
    " detail VARCHAR(255) NOT NULL)",

    "CREATE INDEX cp2fa_event_at ON cp2fa_event (at)",

    /* wrong passwords on the log-in page, by name and by address */
    "CREATE TABLE cp2fa_login_failure ("
    " origin VARCHAR(64) NOT NULL PRIMARY KEY," /* a hash */
    " failures BIGINT NOT NULL,"
    " at BIGINT NOT NULL)",

    /* what programs show in the place of both factors: core/apptoken.h */
    "CREATE TABLE cp2fa_app_token ("
    " id VARCHAR(32) NOT NULL PRIMARY KEY," /* in the token, too */
    " mac VARCHAR(96) NOT NULL," /* of its secret; empty before it was shown */
    " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
    " ON DELETE CASCADE,"
    " name VARCHAR(255) NOT NULL,"
    " path VARCHAR(255) NOT NULL,"
    " session VARCHAR(64) NOT NULL," /* that may see it, once */
    " offered BIGINT NOT NULL,"      /* until when */
    " created BIGINT NOT NULL,"
    " expires BIGINT NOT NULL,"
    " last_used BIGINT NOT NULL,"
    " last_address VARCHAR(64) NOT NULL)",

    "CREATE INDEX cp2fa_app_token_account ON cp2fa_app_token (account)",
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
         result == CP2FA_DB_OK && i < sizeof(tables) / sizeof(*tables); i++) {
        result = cp2fa_tx_script(tx, tables[i]);
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

enum cp2fa_db_result cp2fa_schema_drop_note(struct cp2fa_store *store,
                                            apr_pool_t *p, const char *name)
{
    return cp2fa_db_run(store, p, CP2FA_SQL_META_DROP, &name);
}
