/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

#define ROW(name, args, text) [CP2FA_SQL_##name] = {#name, args, {text}},
#define DIALECTS(name, args, sqlite, pgsql, mysql)                             \
    [CP2FA_SQL_##name] = {#name, args, {sqlite, pgsql, mysql}},
/* A small batch, along an index: ORDER BY keeps PostgreSQL, which plans before
 * it knows the value, from reading the whole table for want of a hundred rows.
 * MariaDB would read it for the sake of IN. */
#define PURGE(name, key, columns, table, where, order)                         \
    [CP2FA_SQL_##name] = {#name,                                               \
                          1,                                                   \
                          {"DELETE FROM " table " WHERE " key                  \
                           " IN (SELECT " columns " FROM " table               \
                           " WHERE " where " ORDER BY " order " LIMIT 100)",   \
                           NULL,                                               \
                           "DELETE FROM " table " WHERE " where                \
                           " ORDER BY " order " LIMIT 100"}},

/* With the time between the two, in microseconds, by the clock that all nodes
 * have; sqlite's is the node's own. */
#define CLOCKED(name, args, before, after)                                     \
    [CP2FA_SQL_##name] = {                                                     \
        #name,                                                                 \
        args,                                                                  \
        {before "0" after,                                                     \
         before "CAST(extract(epoch FROM clock_timestamp()) * 1000000"         \
                " AS BIGINT)" after,                                           \
         before "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS INT)" after}},

/* What ends leaves its hash, by the database's clock. */
#define ENDED(name, args, where)                                               \
    DIALECTS(name, args, ENDED_AT("unixepoch()", where),                       \
             ENDED_AT("CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)", \
                      where),                                                  \
             ENDED_AT("UNIX_TIMESTAMP()", where))
#define ENDED_AT(clock, where)                                                 \
    "INSERT INTO cp2fa_ended (hash, at) SELECT hash, " clock                   \
    " FROM cp2fa_session WHERE " where

/* What defends (attempts, last_step, pending devices, one-time tokens) has its
 * condition in WHERE: a race has one winner, and the losers see 0 rows. */
/* clang-format off */
const struct cp2fa_sql_text cp2fa_sql_table[CP2FA_SQL_COUNT] = {
    /* seconds since 1970, by the database's clock */
    DIALECTS(NOW, 0,
        "SELECT unixepoch()",
        "SELECT CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)",
        "SELECT UNIX_TIMESTAMP()")
    DIALECTS(BACKUP, 1,
        "VACUUM INTO %s", NULL, NULL)
    ROW(META_GET, 1, "SELECT value FROM cp2fa_meta WHERE name = %s")
    ROW(META_LIST, 0, "SELECT name, value FROM cp2fa_meta ORDER BY name")
    ROW(META_ADD, 2, "INSERT INTO cp2fa_meta (name, value) VALUES (%s, %s)")
    DIALECTS(META_CLAIM, 2,
        "INSERT INTO cp2fa_meta (name, value) VALUES (%s, %s) ON CONFLICT DO"
        " NOTHING",
        NULL,
        "INSERT IGNORE INTO cp2fa_meta (name, value) VALUES (%s, %s)")
    ROW(META_SWAP, 3,
        "UPDATE cp2fa_meta SET value = %s WHERE name = %s AND value = %s")
    DIALECTS(ACCOUNT_ADD, 4,
        "INSERT INTO cp2fa_account (id, realm, name, created, failures,"
        " next_try, locked_at, email, mail_times, codes_session, codes_until)"
        " VALUES (%s, %s, %s, %lld, '', 0, 0, '', '', '', 0) ON CONFLICT DO"
        " NOTHING",
        NULL,
        "INSERT INTO cp2fa_account (id, realm, name, created, failures,"
        " next_try, locked_at, email, mail_times, codes_session, codes_until)"
        " VALUES (%s, %s, %s, %lld, '', 0, 0, '', '', '', 0) ON DUPLICATE KEY"
        " UPDATE created = created")
    /* who changes the account or what hangs on it, does so one by one */
    DIALECTS(ACCOUNT_LOCK, 1,
        "SELECT id FROM cp2fa_account WHERE id = %s",
        "SELECT id FROM cp2fa_account WHERE id = %s FOR UPDATE",
        "SELECT id FROM cp2fa_account WHERE id = %s FOR UPDATE")
    CLOCKED(ACCOUNT_WITH_DEVICES, 2,
        "SELECT a.id, a.failures, a.next_try, a.locked_at, a.email,"
        " a.mail_times, ",
        ", d.id, d.type, d.name, d.secret, d.algorithm, d.digits, d.period,"
        " d.last_step, d.skew, d.created, d.last_used, d.half_step"
        " FROM cp2fa_account a LEFT JOIN cp2fa_device d ON d.account = a.id AND"
        " d.state = 'active' WHERE a.realm = %s AND a.name = %s ORDER BY"
        " d.created, d.id")
    ROW(ATTEMPT_RESERVE, 7,
        "UPDATE cp2fa_account SET failures = %s, next_try = %lld, locked_at ="
        " %lld WHERE id = %s AND failures = %s AND next_try = %lld AND"
        " locked_at = %lld")
    ROW(ATTEMPT_RETURN, 3,
        "UPDATE cp2fa_account SET failures = replace(failures, %s, ''),"
        " next_try = 0, locked_at = CASE WHEN locked_at = %lld THEN 0 ELSE"
        " locked_at END WHERE id = %s")
    ROW(ACCOUNT_FORGIVE, 1,
        "UPDATE cp2fa_account SET failures = '', next_try = 0, locked_at = 0"
        " WHERE id = %s")
    ROW(ACCOUNT_STANDING, 2,
        "SELECT a.id FROM cp2fa_account a WHERE a.id = %s AND (EXISTS (SELECT 1"
        " FROM cp2fa_session s WHERE s.account = a.id AND s.hash = %s AND s.amr"
        " NOT IN ('pwd', 'browser')) OR NOT EXISTS (SELECT 1 FROM cp2fa_device d WHERE d.account"
        " = a.id AND d.state = 'active'))")
    ROW(ACCOUNT_SET_EMAIL, 2,
        "UPDATE cp2fa_account SET email = %s WHERE id = %s")
    ROW(MAIL_RESERVE, 3,
        "UPDATE cp2fa_account SET mail_times = %s WHERE id = %s AND mail_times"
        " = %s")
    ROW(CODES_OFFER, 3,
        "UPDATE cp2fa_account SET codes_session = %s, codes_until = %lld WHERE"
        " id = %s")
    ROW(CODES_TAKE, 3,
        "UPDATE cp2fa_account SET codes_session = '', codes_until = 0 WHERE id"
        " = %s AND codes_session = %s AND codes_until > %lld")
    ROW(CODES_COUNT, 1, "SELECT COUNT(*) FROM cp2fa_code WHERE account = %s")
    ROW(CODES_DROP, 1, "DELETE FROM cp2fa_code WHERE account = %s")
    ROW(CODE_ADD, 3,
        "INSERT INTO cp2fa_code (mac, account, created) VALUES (%s, %s, %lld)")
    ROW(CODE_FIND, 2,
        "SELECT created FROM cp2fa_code WHERE account = %s AND mac = %s")
    ROW(CODE_USE, 2, "DELETE FROM cp2fa_code WHERE account = %s AND mac = %s")
    ROW(DEVICE_ADD, 11,
        "INSERT INTO cp2fa_device (id, account, type, name, state, secret,"
        " algorithm, digits, period, last_step, skew, session, created,"
        " expires, last_used, half_step) VALUES (%s, %s, %s, %s, 'pending', %s,"
        " %s, %lld, %lld, -1, 0, %s, %lld, %lld, 0, -1)")
    ROW(DEVICE_PENDING, 3,
        "SELECT id, type, name, secret, algorithm, digits, period, last_step,"
        " skew, created, last_used, half_step FROM cp2fa_device WHERE account ="
        " %s AND session = %s AND state = 'pending' AND expires > %lld")
    ROW(DEVICE_CONFIRM, 6,
        "UPDATE cp2fa_device SET state = 'active', last_step = %lld, skew ="
        " %lld, session = '', last_used = %lld WHERE id = %s AND session = %s"
        " AND state = 'pending' AND expires > %lld")
    ROW(DEVICE_STEP, 5,
        "UPDATE cp2fa_device SET last_step = %lld, skew = %lld, last_used ="
        " %lld, half_step = -1 WHERE id = %s AND state = 'active' AND last_step"
        " < %lld")
    ROW(DEVICE_HALF, 4,
        "UPDATE cp2fa_device SET half_step = %lld WHERE id = %s AND state ="
        " 'active' AND last_step < %lld AND half_step < %lld")
    ROW(DEVICE_DROP_NAMESAKE, 3,
        "DELETE FROM cp2fa_device WHERE account = %s AND name = %s AND id"
        " <> %s")
    ROW(DEVICES_DROP_PENDING, 1,
        "DELETE FROM cp2fa_device WHERE account = %s AND state = 'pending'")
    ROW(DEVICES_DROP, 1, "DELETE FROM cp2fa_device WHERE account = %s")
    ROW(DEVICE_DROP, 2,
        "DELETE FROM cp2fa_device WHERE account = %s AND id = %s AND state ="
        " 'active'")
    ROW(DEVICES_LEFT, 1,
        "SELECT id FROM cp2fa_device WHERE account = %s AND state = 'active'")
    ROW(SESSION_ADD, 9,
        "INSERT INTO cp2fa_session (hash, account, amr, created, auth_time,"
        " last_seen, ends, address, agent) VALUES (%s, %s, %s, %lld, %lld,"
        " %lld, %lld, %s, %s)")
    ROW(SESSION_FIND, 1,
        "SELECT a.id, a.realm, a.name, s.amr, s.created, s.auth_time,"
        " s.last_seen, s.ends FROM cp2fa_session s JOIN cp2fa_account a ON a.id"
        " = s.account WHERE s.hash = %s")
    ROW(SESSION_TOUCH, 3,
        "UPDATE cp2fa_session SET last_seen = %lld WHERE hash = %s AND"
        " last_seen < %lld")
    ROW(BROWSER_USE, 3,
        "UPDATE cp2fa_session SET last_seen = CASE WHEN last_seen < %lld THEN"
        " %lld ELSE last_seen END WHERE hash = %s")
    ROW(SESSION_END, 1, "DELETE FROM cp2fa_session WHERE hash = %s")
    ROW(SESSION_END_OWN, 2,
        "DELETE FROM cp2fa_session WHERE account = %s AND hash = %s")
    ROW(SESSIONS_LIST, 1, "SELECT hash FROM cp2fa_session WHERE account = %s")
    ROW(SESSIONS_SHOW, 2,
        "SELECT hash, amr, created, auth_time, last_seen, ends, address, agent"
        " FROM cp2fa_session WHERE account = %s AND ends > %lld ORDER BY"
        " last_seen DESC, hash")
    ROW(SESSIONS_LIST_OTHERS, 2,
        "SELECT hash FROM cp2fa_session WHERE account = %s AND hash <> %s")
    ROW(SESSIONS_END, 1, "DELETE FROM cp2fa_session WHERE account = %s")
    ROW(SESSIONS_END_OTHERS, 2,
        "DELETE FROM cp2fa_session WHERE account = %s AND hash <> %s")
    ROW(SESSIONS_EXPIRE, 2,
        "DELETE FROM cp2fa_session WHERE account = %s AND ends <= %lld")
    /* for the caches of other nodes, by the one clock that all have */
    ENDED(ENDED_ONE, 1, "hash = %s")
    ENDED(ENDED_OWN, 2, "account = %s AND hash = %s")
    ENDED(ENDED_ALL, 1, "account = %s")
    ENDED(ENDED_OTHERS, 2, "account = %s AND hash <> %s")
    DIALECTS(ENDED_LIST, 1,
        "SELECT hash FROM cp2fa_ended WHERE at >= unixepoch() - %lld",
        "SELECT hash FROM cp2fa_ended WHERE at >= CAST(extract(epoch FROM"
        " clock_timestamp()) AS BIGINT) - %lld",
        "SELECT hash FROM cp2fa_ended WHERE at >= UNIX_TIMESTAMP() - %lld")
    ROW(MAILTOKEN_ADD, 7,
        "INSERT INTO cp2fa_mail_token (mac, account, purpose, session, email,"
        " created, expires) VALUES (%s, %s, %s, %s, %s, %lld, %lld)")
    ROW(MAILTOKEN_PENDING, 4,
        "SELECT email FROM cp2fa_mail_token WHERE account = %s AND purpose = %s"
        " AND session = %s AND expires > %lld")
    ROW(MAILTOKEN_FIND, 5,
        "SELECT email FROM cp2fa_mail_token WHERE account = %s AND purpose = %s"
        " AND session = %s AND mac = %s AND expires > %lld")
    ROW(MAILTOKEN_USE, 5,
        "DELETE FROM cp2fa_mail_token WHERE account = %s AND purpose = %s AND"
        " session = %s AND mac = %s AND expires > %lld")
    ROW(MAILTOKENS_DROP, 2,
        "DELETE FROM cp2fa_mail_token WHERE account = %s AND purpose = %s")
    ROW(MAILTOKENS_DROP_ALL, 1,
        "DELETE FROM cp2fa_mail_token WHERE account = %s")
    ROW(OUTBOX_ADD, 10,
        "INSERT INTO cp2fa_outbox (id, account, recipient, kind, language,"
        " params, secret, state, problem, tries, created, next_try, expires)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, 'queued', '', 0, %lld, %lld,"
        " %lld)")
    ROW(OUTBOX_DUE, 1,
        "SELECT o.id, o.recipient, o.kind, o.language, o.params, o.secret,"
        " o.tries, o.created, o.next_try, o.expires, a.realm, a.name FROM"
        " cp2fa_outbox o JOIN cp2fa_account a ON a.id = o.account WHERE o.state"
        " = 'queued' AND o.next_try <= %lld ORDER BY o.next_try, o.id LIMIT 20")
    ROW(OUTBOX_CLAIM, 3,
        "UPDATE cp2fa_outbox SET next_try = %lld, tries = tries + 1 WHERE id ="
        " %s AND next_try = %lld AND state = 'queued'")
    ROW(OUTBOX_DONE, 1, "DELETE FROM cp2fa_outbox WHERE id = %s")
    ROW(OUTBOX_RETRY, 3,
        "UPDATE cp2fa_outbox SET next_try = %lld, problem = %s WHERE id = %s"
        " AND state = 'queued'")
    ROW(OUTBOX_DEAD, 2,
        "UPDATE cp2fa_outbox SET state = 'dead', problem = %s, secret = ''"
        " WHERE id = %s AND state = 'queued'")
    ROW(EVENT_ADD, 9,
        "INSERT INTO cp2fa_event (id, at, account, realm, name, kind, address,"
        " agent, detail) VALUES (%s, %lld, %s, %s, %s, %s, %s, %s, %s)")
    CLOCKED(LOGIN_FAILURES, 1,
        "SELECT failures, at, ",
        " FROM cp2fa_login_failure WHERE origin = %s")
    ROW(LOGIN_SWAP, 5,
        "UPDATE cp2fa_login_failure SET failures = %lld, at = %lld WHERE origin"
        " = %s AND failures = %lld AND at = %lld")
    DIALECTS(LOGIN_ADD, 3,
        "INSERT INTO cp2fa_login_failure (origin, failures, at) VALUES (%s,"
        " %lld, %lld) ON CONFLICT DO NOTHING",
        NULL,
        "INSERT IGNORE INTO cp2fa_login_failure (origin, failures, at) VALUES"
        " (%s, %lld, %lld)")
    ROW(LOGIN_FORGIVE, 1, "DELETE FROM cp2fa_login_failure WHERE origin = %s")
    PURGE(LOGIN_EXPIRE, "origin", "origin", "cp2fa_login_failure",
        "at < %lld", "at")
    PURGE(PURGE_SESSIONS, "hash", "hash", "cp2fa_session", "ends <= %lld",
        "ends")
    PURGE(PURGE_DEVICES, "id", "id", "cp2fa_device",
        "state = 'pending' AND expires <= %lld", "expires")
    PURGE(PURGE_MAILTOKENS, "(account, mac)", "account, mac",
        "cp2fa_mail_token", "expires <= %lld", "expires")
    PURGE(PURGE_OUTBOX, "id", "id", "cp2fa_outbox",
        "state = 'dead' AND created <= %lld", "next_try")
    DIALECTS(PURGE_ENDED, 1,
        "DELETE FROM cp2fa_ended WHERE rowid IN (SELECT rowid FROM cp2fa_ended"
        " WHERE at < unixepoch() - %lld ORDER BY at LIMIT 100)",
        "DELETE FROM cp2fa_ended WHERE ctid = ANY (ARRAY(SELECT ctid FROM"
        " cp2fa_ended WHERE at < CAST(extract(epoch FROM clock_timestamp()) AS"
        " BIGINT) - %lld ORDER BY at LIMIT 100))",
        "DELETE FROM cp2fa_ended WHERE at < UNIX_TIMESTAMP() - %lld ORDER BY"
        " at LIMIT 100")
    ROW(CENSUS, 0,
        "SELECT (SELECT COUNT(*) FROM cp2fa_account WHERE locked_at > 0),"
        " (SELECT COUNT(*) FROM cp2fa_device WHERE state = 'pending'), (SELECT"
        " COUNT(*) FROM cp2fa_outbox WHERE state = 'queued'), (SELECT COUNT(*)"
        " FROM cp2fa_outbox WHERE state = 'dead'), (SELECT"
        " COALESCE(MIN(created), 0) FROM cp2fa_outbox WHERE state = 'queued')")
    /* ten thousand, and the last of them: along an index alone */
    ROW(COUNT_ACCOUNTS, 1,
        "SELECT COUNT(*), COALESCE(MAX(id), '') FROM (SELECT id FROM"
        " cp2fa_account WHERE id > %s ORDER BY id LIMIT 10000) AS step")
    ROW(COUNT_DEVICES, 1,
        "SELECT COUNT(*), COALESCE(MAX(id), '') FROM (SELECT id FROM"
        " cp2fa_device WHERE id > %s ORDER BY id LIMIT 10000) AS step")
    /* or some more, where the last one ends in the same second as others */
    ROW(COUNT_SESSIONS, 2,
        "SELECT COUNT(*), COALESCE(MAX(ends), 0), COUNT(CASE WHEN amr <>"
        " 'browser' THEN 1 END) FROM cp2fa_session WHERE ends > %lld AND ends"
        " <= COALESCE((SELECT ends FROM cp2fa_session WHERE ends > %lld ORDER"
        " BY ends LIMIT 1 OFFSET 9999), 9223372036854775807)")
    ROW(APPTOKEN_OFFER, 8,
        "INSERT INTO cp2fa_app_token (id, mac, account, name, path, session,"
        " offered, created, expires, last_used, last_address) VALUES (%s, '',"
        " %s, %s, %s, %s, %lld, %lld, %lld, 0, '')")
    ROW(APPTOKEN_OFFERED, 3,
        "SELECT id, name, path, expires FROM cp2fa_app_token WHERE account = %s"
        " AND session = %s AND mac = '' AND offered > %lld")
    ROW(APPTOKEN_TAKE, 5,
        "UPDATE cp2fa_app_token SET mac = %s, session = '', offered = 0,"
        " created = %lld WHERE id = %s AND session = %s AND mac = '' AND"
        " offered > %lld AND EXISTS (SELECT 1 FROM cp2fa_session s WHERE s.hash"
        " = cp2fa_app_token.session AND s.account = cp2fa_app_token.account)")
    ROW(APPTOKEN_FIND, 1,
        "SELECT t.mac, a.id, a.realm, a.name, t.name, t.path, t.created,"
        " t.expires, t.last_used FROM cp2fa_app_token t JOIN cp2fa_account a ON"
        " a.id = t.account WHERE t.id = %s AND t.mac <> '' AND EXISTS (SELECT 1"
        " FROM cp2fa_device d WHERE d.account = t.account AND d.state ="
        " 'active')")
    ROW(APPTOKENS_LIST, 1,
        "SELECT id, name, path, created, expires, last_used, last_address FROM"
        " cp2fa_app_token WHERE account = %s AND mac <> '' ORDER BY created"
        " DESC, id")
    ROW(APPTOKEN_TOUCH, 4,
        "UPDATE cp2fa_app_token SET last_used = %lld, last_address = %s WHERE"
        " id = %s AND last_used <= %lld")
    ROW(APPTOKEN_END, 2,
        "DELETE FROM cp2fa_app_token WHERE account = %s AND id = %s")
    ROW(APPTOKENS_END, 1, "DELETE FROM cp2fa_app_token WHERE account = %s")
    ROW(APPTOKENS_DROP_OFFERED, 1,
        "DELETE FROM cp2fa_app_token WHERE account = %s AND mac = ''")
    PURGE(PURGE_APPTOKENS, "id", "id", "cp2fa_app_token", "expires <= %lld",
        "expires")
    PURGE(PURGE_APPTOKENS_OFFERED, "id", "id", "cp2fa_app_token",
        "mac = '' AND offered > 0 AND offered <= %lld", "offered")
    /* what an operator asks for, a page at a time: behind the last row of the
     * page before */
    ROW(ACCOUNTS_LIST, 6,
        "SELECT a.id, a.realm, a.name, a.created, a.failures, a.next_try,"
        " a.locked_at, a.email, (SELECT COUNT(*) FROM cp2fa_device d WHERE"
        " d.account = a.id AND d.state = 'active'), (SELECT COUNT(*) FROM"
        " cp2fa_code c WHERE c.account = a.id), (SELECT COUNT(*) FROM"
        " cp2fa_session s WHERE s.account = a.id AND s.ends > %lld AND s.amr <>"
        " 'browser') FROM cp2fa_account a WHERE (%s = '' OR a.realm = %s) AND (a.realm > %s OR"
        " (a.realm = %s AND a.name > %s)) ORDER BY a.realm, a.name LIMIT 100")
    ROW(SESSIONS_ALL, 2,
        "SELECT s.hash, s.account, a.realm, a.name, s.amr, s.created,"
        " s.auth_time, s.last_seen, s.ends, s.address, s.agent FROM"
        " cp2fa_session s JOIN cp2fa_account a ON a.id = s.account WHERE s.ends"
        " > %lld AND s.hash > %s ORDER BY s.hash LIMIT 100")
    ROW(DEVICES_SEALED, 1,
        "SELECT d.id, d.type, d.name, d.secret, d.algorithm, d.digits,"
        " d.period, d.last_step, d.skew, d.created, d.last_used, d.half_step,"
        " d.state, a.realm, a.name FROM cp2fa_device d JOIN cp2fa_account a ON"
        " a.id = d.account WHERE d.id > %s ORDER BY d.id LIMIT 50")
    ROW(DEVICE_RESEAL, 3,
        "UPDATE cp2fa_device SET secret = %s WHERE id = %s AND secret = %s")
    ROW(CODES_ALL, 3,
        "SELECT account, mac FROM (SELECT account, mac FROM cp2fa_code UNION"
        " ALL SELECT account, mac FROM cp2fa_app_token WHERE mac <> '') AS m"
        " WHERE account > %s OR (account = %s AND mac > %s) ORDER BY account,"
        " mac LIMIT 500")
    ROW(MAILTOKENS_ALL, 3,
        "SELECT account, mac FROM cp2fa_mail_token WHERE account > %s OR"
        " (account = %s AND mac > %s) ORDER BY account, mac LIMIT 500")
    ROW(OUTBOX_ALL, 1,
        "SELECT o.id, o.recipient, o.kind, o.language, o.params, o.secret,"
        " o.tries, o.created, o.next_try, o.expires, a.realm, a.name, o.state,"
        " o.problem FROM cp2fa_outbox o JOIN cp2fa_account a ON a.id ="
        " o.account WHERE o.id > %s ORDER BY o.id LIMIT 100")
    ROW(OUTBOX_REVIVE, 3,
        "UPDATE cp2fa_outbox SET state = 'queued', problem = '', tries = 0,"
        " created = %lld, next_try = %lld, expires = 0 WHERE id = %s")
    ROW(EVENTS_LIST, 8,
        "SELECT id, at, account, realm, name, kind, address, agent, detail FROM"
        " cp2fa_event WHERE at >= %lld AND (at > %lld OR id > %s) AND (%s = ''"
        " OR realm = %s) AND (%s = '' OR name = %s) AND at <= %lld ORDER BY at,"
        " id LIMIT 200")
    ROW(DEVICE_BURN, 4,
        "UPDATE cp2fa_device SET last_step = %lld, half_step = -1 WHERE id = %s"
        " AND last_used <= %lld AND last_step < %lld")
    ROW(CODES_DROP_OLD, 2,
        "DELETE FROM cp2fa_code WHERE account = %s AND created <= %lld")
    ROW(APPTOKENS_END_OLD, 2,
        "DELETE FROM cp2fa_app_token WHERE account = %s AND created <= %lld")
    ROW(SESSIONS_OLD, 2,
        "SELECT hash FROM cp2fa_session WHERE account = %s AND created <= %lld")
    ROW(MAILTOKENS_DROP_OLD, 2,
        "DELETE FROM cp2fa_mail_token WHERE account = %s AND created <= %lld")
    ROW(META_DROP, 1, "DELETE FROM cp2fa_meta WHERE name = %s")
    ROW(PURGE_LEFT, 7,
        "SELECT (SELECT COUNT(*) FROM cp2fa_session WHERE ends <= %lld) +"
        " (SELECT COUNT(*) FROM cp2fa_device WHERE state = 'pending' AND"
        " expires <= %lld) + (SELECT COUNT(*) FROM cp2fa_mail_token WHERE"
        " expires <= %lld) + (SELECT COUNT(*) FROM cp2fa_outbox WHERE state ="
        " 'dead' AND created <= %lld) + (SELECT COUNT(*) FROM"
        " cp2fa_login_failure WHERE at < %lld) + (SELECT COUNT(*) FROM"
        " cp2fa_app_token WHERE expires <= %lld) + (SELECT COUNT(*) FROM"
        " cp2fa_app_token WHERE mac = '' AND offered > 0 AND offered <= %lld) AS n FROM"
        " cp2fa_meta WHERE name = 'schema'")
};
/* clang-format on */

const char *cp2fa_sql_text(enum cp2fa_sql sql, enum cp2fa_dialect_id dialect)
{
    const struct cp2fa_sql_text *row = &cp2fa_sql_table[sql];

    return row->text[dialect] ? row->text[dialect]
                              : row->text[CP2FA_DIALECT_SQLITE];
}
