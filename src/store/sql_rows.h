/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_SQL_ROWS_H
#define CP2FA_STORE_SQL_ROWS_H

/* How sql.c's rows are written, and what several of them have in common. */

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

/* By the database's clock, which all nodes have; sqlite's is the node's own. */
#define SQLITE_SECONDS "unixepoch()"
#define PGSQL_SECONDS  "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"
#define MYSQL_SECONDS  "UNIX_TIMESTAMP()"

#define ACCOUNT_ROW                                                            \
    "INSERT INTO cp2fa_account (id, realm, name, created, failures, next_try," \
    " locked_at, email, mail_times, codes_session, codes_until) VALUES (%s,"   \
    " %s, %s, %lld, '', 0, 0, '', '', '', 0)"

/* A session that ends before its time is noted for the caches of other nodes. */
#define NOTE_ENDED(clock, where)                                               \
    "INSERT INTO cp2fa_ended (hash, at) SELECT hash, " clock " FROM"           \
    " cp2fa_session WHERE " where
#define ENDED(name, args, where)                                               \
    DIALECTS(name, args, NOTE_ENDED(SQLITE_SECONDS, where),                    \
             NOTE_ENDED(PGSQL_SECONDS, where),                                 \
             NOTE_ENDED(MYSQL_SECONDS, where))

/* The parts of a log-in, which are also one statement: store/redeem.c. */
#define ACCOUNT_LOCK "SELECT id FROM cp2fa_account WHERE id = %s FOR UPDATE"
#define DEVICE_STEP(from)                                                      \
    "UPDATE cp2fa_device SET last_step = %lld, skew = %lld, last_used = %lld," \
    " half_step = -1" from " WHERE id = %s AND state = 'active' AND last_step" \
    " < %lld"
#define ATTEMPT_RETURN                                                         \
    "UPDATE cp2fa_account SET failures = replace(failures, %s, ''), next_try"  \
    " = 0, locked_at = CASE WHEN locked_at = %lld THEN 0 ELSE locked_at END"   \
    " WHERE id = %s"
#define SESSIONS_CLEAR                                                         \
    "DELETE FROM cp2fa_session WHERE account = %s AND (ends <= %lld OR hash"   \
    " = %s)"
#define SESSION_ROW                                                            \
    "INSERT INTO cp2fa_session (hash, account, amr, created, auth_time,"       \
    " last_seen, ends, address, agent) "
#define SESSION_VALUES "%s, %s, %s, %lld, %lld, %lld, %lld, %s, %s"
#define SESSION_ROWS(from)                                                     \
    SESSION_ROW "SELECT " SESSION_VALUES from                                  \
                " UNION ALL SELECT " SESSION_VALUES from

#endif
