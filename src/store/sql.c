/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

/* What defends (attempts, last_step, pending devices) has its condition in
 * WHERE: a race has one winner, and the losers see 0 rows. */
/* clang-format off */
const struct cp2fa_sql_text cp2fa_sql_table[CP2FA_SQL_COUNT] = {
    [CP2FA_SQL_META_GET] = {
        "cp2fa_meta_get",
        "SELECT value FROM cp2fa_meta WHERE name = %s",
        1,
    },
    [CP2FA_SQL_META_LIST] = {
        "cp2fa_meta_list",
        "SELECT name, value FROM cp2fa_meta ORDER BY name",
        0,
    },
    [CP2FA_SQL_META_ADD] = {
        "cp2fa_meta_add",
        "INSERT INTO cp2fa_meta (name, value) VALUES (%s, %s)",
        2,
    },
    [CP2FA_SQL_ACCOUNT_ADD] = {
        "cp2fa_account_add",
        "INSERT INTO cp2fa_account (id, realm, name, created, failures,"
        " next_try, locked_at) VALUES (%s, %s, %s, %lld, '', 0, 0)"
        " ON CONFLICT DO NOTHING",
        4,
    },
    [CP2FA_SQL_ACCOUNT_WITH_DEVICES] = {
        "cp2fa_account_with_devices",
        "SELECT a.id, a.failures, a.next_try, a.locked_at, d.id, d.type,"
        " d.name, d.secret, d.algorithm, d.digits, d.period, d.last_step,"
        " d.skew, d.created, d.last_used FROM cp2fa_account a"
        " LEFT JOIN cp2fa_device d ON d.account = a.id"
        " AND d.state = 'active' WHERE a.realm = %s AND a.name = %s"
        " ORDER BY d.created, d.id",
        2,
    },
    [CP2FA_SQL_ATTEMPT_RESERVE] = {
        "cp2fa_attempt_reserve",
        "UPDATE cp2fa_account SET failures = %s, next_try = %lld,"
        " locked_at = %lld WHERE id = %s AND failures = %s"
        " AND next_try = %lld AND locked_at = 0",
        6,
    },
    [CP2FA_SQL_ATTEMPT_RETURN] = {
        "cp2fa_attempt_return",
        "UPDATE cp2fa_account SET failures = replace(failures, %s, ''),"
        " next_try = %lld, locked_at ="
        " CASE WHEN locked_at = %lld THEN 0 ELSE locked_at END WHERE id = %s",
        4,
    },
    [CP2FA_SQL_ACCOUNT_FORGIVE] = {
        "cp2fa_account_forgive",
        "UPDATE cp2fa_account SET failures = '', next_try = 0,"
        " locked_at = 0 WHERE id = %s",
        1,
    },
    [CP2FA_SQL_ACCOUNT_STANDING] = {
        "cp2fa_account_standing",
        "SELECT a.id FROM cp2fa_account a WHERE a.id = %s AND (EXISTS"
        " (SELECT 1 FROM cp2fa_session s WHERE s.account = a.id"
        " AND s.hash = %s AND s.amr <> 'pwd') OR NOT EXISTS"
        " (SELECT 1 FROM cp2fa_device d WHERE d.account = a.id"
        " AND d.state = 'active'))",
        2,
    },
    [CP2FA_SQL_DEVICE_ADD] = {
        "cp2fa_device_add",
        "INSERT INTO cp2fa_device (id, account, type, name, state, secret,"
        " algorithm, digits, period, last_step, skew, session, created,"
        " expires, last_used) VALUES (%s, %s, %s, %s, 'pending', %s, %s,"
        " %lld, %lld, -1, 0, %s, %lld, %lld, 0)",
        11,
    },
    [CP2FA_SQL_DEVICE_PENDING] = {
        "cp2fa_device_pending",
        "SELECT id, type, name, secret, algorithm, digits, period, last_step,"
        " skew, created, last_used FROM cp2fa_device"
        " WHERE account = %s AND session = %s AND state = 'pending'"
        " AND expires > %lld",
        3,
    },
    [CP2FA_SQL_DEVICE_CONFIRM] = {
        "cp2fa_device_confirm",
        "UPDATE cp2fa_device SET state = 'active', last_step = %lld,"
        " skew = %lld, session = '', last_used = %lld WHERE id = %s"
        " AND session = %s AND state = 'pending' AND expires > %lld",
        6,
    },
    [CP2FA_SQL_DEVICE_STEP] = {
        "cp2fa_device_step",
        "UPDATE cp2fa_device SET last_step = %lld, skew = %lld,"
        " last_used = %lld WHERE id = %s AND state = 'active'"
        " AND last_step < %lld",
        5,
    },
    [CP2FA_SQL_DEVICE_DROP_NAMESAKE] = {
        "cp2fa_device_drop_namesake",
        "DELETE FROM cp2fa_device WHERE account = %s AND name = %s"
        " AND id <> %s",
        3,
    },
    [CP2FA_SQL_DEVICES_DROP_PENDING] = {
        "cp2fa_devices_drop_pending",
        "DELETE FROM cp2fa_device WHERE account = %s AND state = 'pending'",
        1,
    },
    [CP2FA_SQL_DEVICES_DROP] = {
        "cp2fa_devices_drop",
        "DELETE FROM cp2fa_device WHERE account = %s",
        1,
    },
    [CP2FA_SQL_SESSION_ADD] = {
        "cp2fa_session_add",
        "INSERT INTO cp2fa_session (hash, account, amr, created, auth_time,"
        " last_seen, ends) VALUES (%s, %s, %s, %lld, %lld, %lld, %lld)",
        7,
    },
    [CP2FA_SQL_SESSION_FIND] = {
        "cp2fa_session_find",
        "SELECT a.id, a.realm, a.name, s.amr, s.created, s.auth_time,"
        " s.last_seen, s.ends FROM cp2fa_session s"
        " JOIN cp2fa_account a ON a.id = s.account WHERE s.hash = %s",
        1,
    },
    [CP2FA_SQL_SESSION_TOUCH] = {
        "cp2fa_session_touch",
        "UPDATE cp2fa_session SET last_seen = %lld WHERE hash = %s"
        " AND last_seen < %lld",
        3,
    },
    [CP2FA_SQL_SESSION_END] = {
        "cp2fa_session_end",
        "DELETE FROM cp2fa_session WHERE hash = %s",
        1,
    },
    [CP2FA_SQL_SESSIONS_LIST] = {
        "cp2fa_sessions_list",
        "SELECT hash FROM cp2fa_session WHERE account = %s",
        1,
    },
    [CP2FA_SQL_SESSIONS_END] = {
        "cp2fa_sessions_end",
        "DELETE FROM cp2fa_session WHERE account = %s",
        1,
    },
    [CP2FA_SQL_SESSIONS_EXPIRE] = {
        "cp2fa_sessions_expire",
        "DELETE FROM cp2fa_session WHERE account = %s AND ends <= %lld",
        2,
    },
};
/* clang-format on */
