/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

#include <string.h>

#include <apr_strings.h>

#include "store/dialect.h"

/* Times are seconds since 1970, but for next_try, locked_at and the times in
 * failures, which are microseconds. Ids are 32 random hex digits, made before
 * the row, since a sealed secret is bound to the id of its row. */
/* sessions that ended before their time, for the caches of other nodes; at is
 * of the database's clock */
#define ENDED                                                                  \
    {TABLE, "cp2fa_ended (hash VARCHAR(64) NOT NULL, at BIGINT NOT NULL)"},    \
    {                                                                          \
        INDEX, "cp2fa_ended_at ON cp2fa_ended (at)"                            \
    }

/* what programs show in the place of both factors: core/apptoken.h */
#define APP_TOKEN                                                              \
    {TABLE, "cp2fa_app_token ("                                                \
            " id VARCHAR(32) NOT NULL PRIMARY KEY," /* in the token, too */    \
            " mac VARCHAR(96) NOT NULL," /* empty before it was shown */       \
            " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"      \
            " ON DELETE CASCADE,"                                              \
            " name VARCHAR(255) NOT NULL, path VARCHAR(255) NOT NULL,"         \
            " session VARCHAR(64) NOT NULL," /* that may see it, once */       \
            " offered BIGINT NOT NULL,"      /* until when */                  \
            " created BIGINT NOT NULL,"                                        \
            " expires BIGINT NOT NULL, last_used BIGINT NOT NULL,"             \
            " last_address VARCHAR(64) NOT NULL)"},                            \
    {                                                                          \
        INDEX, "cp2fa_app_token_account ON cp2fa_app_token (account)"          \
    }

/* What a purge goes along, so that it reads no more than it deletes. Active
 * devices are in none: sqlite, which has no statistics, would look for those of
 * one account among all of them. */
#define PURGED                                                                 \
    {PENDING, "cp2fa_device_expires ON cp2fa_device"},                         \
        {INDEX, "cp2fa_mail_token_expires ON cp2fa_mail_token (expires)"},     \
        {INDEX, "cp2fa_login_failure_at ON cp2fa_login_failure (at)"},         \
        {INDEX, "cp2fa_app_token_expires ON cp2fa_app_token (expires)"},       \
    {                                                                          \
        INDEX, "cp2fa_app_token_offered ON cp2fa_app_token (offered)"          \
    }

/* What the metrics go along, too, without a look at the tables. */
#define COUNTED                                                                \
    {INDEX, "cp2fa_session_over ON cp2fa_session (ends, amr)"},                \
    {                                                                          \
        LOCKED, "cp2fa_account_locked ON cp2fa_account"                        \
    }

enum kind {
    END,
    TABLE,
    INDEX,
    PENDING, /* an index of what is pending; MariaDB's has all rows, too */
    LOCKED,  /* of who is locked; the same */
    GONE,    /* an index that was, and its table */
    KINDS
};

struct piece {
    enum kind kind;
    const char *text; /* behind CREATE TABLE, or INDEX */
};

static const struct piece pieces[] = {
    {TABLE,
     "cp2fa_account ("
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
     " UNIQUE (realm, name))"},

    {TABLE,
     "cp2fa_device ("
     " id VARCHAR(32) NOT NULL PRIMARY KEY,"
     " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
     " ON DELETE CASCADE,"
     " type VARCHAR(16) NOT NULL," /* totp */
     " name VARCHAR(255) NOT NULL,"
     " state VARCHAR(16) NOT NULL,"   /* pending, active */
     " secret VARCHAR(255) NOT NULL," /* core/seal.h */
     " algorithm VARCHAR(16) NOT NULL,"
     " digits BIGINT NOT NULL, period BIGINT NOT NULL,"
     " last_step BIGINT NOT NULL,"    /* the last time step accepted */
     " skew BIGINT NOT NULL,"         /* steps the device's clock is ahead */
     " session VARCHAR(64) NOT NULL," /* that may confirm a pending one */
     " created BIGINT NOT NULL,"
     " expires BIGINT NOT NULL," /* of a pending one */
     " last_used BIGINT NOT NULL,"
     " half_step BIGINT NOT NULL)"}, /* the first of two in a row, or -1 */

    {INDEX, "cp2fa_device_account ON cp2fa_device (account)"},

    {TABLE, "cp2fa_session ("
            " hash VARCHAR(64) NOT NULL PRIMARY KEY," /* core/token.h */
            " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
            " ON DELETE CASCADE,"
            " amr VARCHAR(64) NOT NULL," /* RFC 8176 words: pwd otp */
            " created BIGINT NOT NULL,"
            " auth_time BIGINT NOT NULL," /* of the last second factor */
            " last_seen BIGINT NOT NULL, ends BIGINT NOT NULL,"
            " address VARCHAR(64) NOT NULL, agent VARCHAR(255) NOT NULL)"},

    {INDEX, "cp2fa_session_account ON cp2fa_session (account)"},

    /* recovery codes, by their HMAC under the token key */
    {TABLE, "cp2fa_code ("
            " mac VARCHAR(96) NOT NULL,"
            " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
            " ON DELETE CASCADE,"
            " created BIGINT NOT NULL,"
            " PRIMARY KEY (account, mac))"},

    {TABLE, "cp2fa_mail_token ("
            " mac VARCHAR(96) NOT NULL,"
            " account VARCHAR(32) NOT NULL REFERENCES cp2fa_account (id)"
            " ON DELETE CASCADE,"
            " purpose VARCHAR(16) NOT NULL," /* bypass, email */
            " session VARCHAR(64) NOT NULL," /* that asked, and may redeem */
            " email VARCHAR(255) NOT NULL,"  /* where it was sent */
            " created BIGINT NOT NULL,"
            " expires BIGINT NOT NULL,"
            " PRIMARY KEY (account, mac))"},

    /* mail to be sent: written with the change that it tells of */
    {TABLE,
     "cp2fa_outbox ("
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
     " tries BIGINT NOT NULL, created BIGINT NOT NULL,"
     " next_try BIGINT NOT NULL,"
     " expires BIGINT NOT NULL)"}, /* not sent after; 0: never too late */

    {INDEX, "cp2fa_outbox_due ON cp2fa_outbox (state, next_try)"},

    /* the audit trail: it outlives the account */
    {TABLE, "cp2fa_event ("
            " id VARCHAR(32) NOT NULL PRIMARY KEY,"
            " at BIGINT NOT NULL, account VARCHAR(32) NOT NULL,"
            " realm VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL,"
            " kind VARCHAR(32) NOT NULL, address VARCHAR(64) NOT NULL,"
            " agent VARCHAR(255) NOT NULL, detail VARCHAR(255) NOT NULL)"},

    {INDEX, "cp2fa_event_at ON cp2fa_event (at)"},

    /* wrong passwords on the log-in page, by name and by address */
    {TABLE, "cp2fa_login_failure ("
            " origin VARCHAR(64) NOT NULL PRIMARY KEY," /* a hash */
            " failures BIGINT NOT NULL,"
            " at BIGINT NOT NULL)"},

    APP_TOKEN,
    ENDED,
    PURGED,
    COUNTED,
};

/* What leads from a version to the next. MariaDB commits each piece, so what
 * it makes may be there already, from a try that was cut short. */
static const struct {
    int64_t from;
    struct piece pieces[7];
} steps[] = {
    {3, {APP_TOKEN}},
    {4, {ENDED}},
    {5, {PURGED}},
    {6, {{GONE, "cp2fa_session_ends ON cp2fa_session"}, COUNTED}},
};

/* In MariaDB an index has its name from its table. */
static enum cp2fa_db_result take_away(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const char *text)
{
    if (cp2fa_tx_dialect(tx)->id != CP2FA_DIALECT_MYSQL) {
        text = apr_pstrmemdup(p, text, strcspn(text, " "));
    }
    return cp2fa_tx_script(
        tx, apr_pstrcat(p, "DROP INDEX IF EXISTS ", text, (char *)NULL));
}

static enum cp2fa_db_result put(struct cp2fa_tx *tx, apr_pool_t *p,
                                const struct piece *piece)
{
    static const char *const ends[KINDS][2] = {
        [INDEX] = {"", ""},
        [PENDING] = {" (expires) WHERE state = 'pending'", " (state, expires)"},
        [LOCKED] = {" (locked_at) WHERE locked_at > 0", " (locked_at)"},
    };
    const struct cp2fa_dialect *dialect = cp2fa_tx_dialect(tx);
    int table = piece->kind == TABLE;
    const char *end =
        table ? dialect->table_end : ends[piece->kind][!dialect->partial];

    return cp2fa_tx_script(
        tx, apr_pstrcat(p, table ? "CREATE TABLE " : "CREATE INDEX ",
                        dialect->if_missing, piece->text, end, (char *)NULL));
}

#define META                                                                   \
    "cp2fa_meta (name VARCHAR(64) NOT NULL PRIMARY KEY, value VARCHAR(255)"    \
    " NOT NULL)"

static enum cp2fa_schema_state state_of(int64_t version)
{
    return version == CP2FA_SCHEMA_VERSION ? CP2FA_SCHEMA_READY
           : version >= steps[0].from && version < CP2FA_SCHEMA_VERSION
               ? CP2FA_SCHEMA_OLDER
               : CP2FA_SCHEMA_OTHER;
}

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
         result == CP2FA_DB_OK && i < sizeof(pieces) / sizeof(*pieces); i++) {
        result = put(tx, p, &pieces[i]);
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
    enum cp2fa_db_result result = CP2FA_DB_OK;
    struct cp2fa_tx *tx;

    *version = 0;
    if (cp2fa_db_begin(store, p, &tx) != CP2FA_DB_OK) {
        return CP2FA_SCHEMA_AWAY;
    }
    if (cp2fa_tx_dialect(tx)->alone) {
        result = cp2fa_tx_script(tx, cp2fa_tx_dialect(tx)->alone);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_tx_script(
            tx, apr_pstrcat(p, "CREATE TABLE IF NOT EXISTS " META,
                            cp2fa_tx_dialect(tx)->table_end, (char *)NULL));
    }
    if (result == CP2FA_DB_OK) {
        result = read_version(tx, version);
    }
    if (result == CP2FA_DB_NONE) {
        result = make(tx, p);
        state = CP2FA_SCHEMA_MADE;
    }
    else if (result == CP2FA_DB_OK) {
        state = state_of(*version);
    }
    result = cp2fa_tx_end(tx, result);
    return result == CP2FA_DB_OK ? state : CP2FA_SCHEMA_FAILED;
}

enum cp2fa_schema_state cp2fa_schema_look(struct cp2fa_store *store,
                                          apr_pool_t *p, int64_t *version)
{
    const char *args[] = {"schema"};
    struct cp2fa_rows rows;

    *version = 0;
    if (cp2fa_db_read(store, p, CP2FA_SQL_META_GET, args, &rows)
        != CP2FA_DB_OK) {
        return CP2FA_SCHEMA_FAILED;
    }
    *version = cp2fa_db_int(rows.row[0][0]);
    return state_of(*version);
}

enum cp2fa_schema_state cp2fa_schema_ensure(struct cp2fa_store *store,
                                            apr_pool_t *p, int64_t *version)
{
    enum cp2fa_schema_state state = ensure(store, p, version);

    /* Somebody else may have made them while we waited: sqlite tells that as
     * an error, once. */
    if (state == CP2FA_SCHEMA_FAILED) {
        state = ensure(store, p, version);
    }
    /* A server that only reads for now has them all the same. */
    return state == CP2FA_SCHEMA_FAILED ? cp2fa_schema_look(store, p, version)
                                        : state;
}

/* One step, if the version is still the one that was looked at. */
static enum cp2fa_db_result step_from(struct cp2fa_store *store, apr_pool_t *p,
                                      int64_t version)
{
    const char *args[] = {cp2fa_db_number(p, version + 1), "schema",
                          cp2fa_db_number(p, version)};
    const struct piece *piece = steps[version - steps[0].from].pieces;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result = cp2fa_db_begin(store, p, &tx);

    if (result != CP2FA_DB_OK) {
        return result;
    }
    if (cp2fa_tx_dialect(tx)->patience) {
        result = cp2fa_tx_script(tx, cp2fa_tx_dialect(tx)->patience);
    }
    for (; result == CP2FA_DB_OK && piece->kind != END; piece++) {
        result = piece->kind == GONE ? take_away(tx, p, piece->text)
                                     : put(tx, p, piece);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_tx_run(tx, CP2FA_SQL_META_SWAP, args);
    }
    return cp2fa_tx_end(tx, result);
}

enum cp2fa_schema_state cp2fa_schema_migrate(struct cp2fa_store *store,
                                             apr_pool_t *p, int64_t *from)
{
    int64_t version;
    enum cp2fa_schema_state state = cp2fa_schema_look(store, p, &version);

    *from = version;
    while (state == CP2FA_SCHEMA_OLDER) {
        int64_t before = version;

        if (step_from(store, p, version) == CP2FA_DB_FAILED) {
            return CP2FA_SCHEMA_FAILED;
        }
        state = cp2fa_schema_look(store, p, &version);
        if (version == before) {
            return CP2FA_SCHEMA_FAILED;
        }
    }
    return state;
}

enum cp2fa_db_result cp2fa_schema_backup(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *file)
{
    if (!store || cp2fa_store_dialect(store)->server) {
        return CP2FA_DB_FAILED;
    }
    return cp2fa_db_run(store, p, CP2FA_SQL_BACKUP, &file) == CP2FA_DB_FAILED
               ? CP2FA_DB_FAILED
               : CP2FA_DB_OK;
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

    return cp2fa_db_run(store, p, CP2FA_SQL_META_CLAIM, args);
}

enum cp2fa_db_result cp2fa_schema_drop_note(struct cp2fa_store *store,
                                            apr_pool_t *p, const char *name)
{
    return cp2fa_db_run(store, p, CP2FA_SQL_META_DROP, &name);
}
