/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_SQL_H
#define CP2FA_STORE_SQL_H

/** Every statement this program sends, in apr_dbd's notation: %s is text,
 * %lld a number, each bound and never pasted in. */
enum cp2fa_sql {
    CP2FA_SQL_META_GET,
    CP2FA_SQL_META_LIST,
    CP2FA_SQL_META_ADD,
    CP2FA_SQL_ACCOUNT_ADD,
    CP2FA_SQL_ACCOUNT_WITH_DEVICES,
    CP2FA_SQL_ATTEMPT_RESERVE,
    CP2FA_SQL_ATTEMPT_RETURN,
    CP2FA_SQL_ACCOUNT_FORGIVE,
    CP2FA_SQL_ACCOUNT_STANDING,
    CP2FA_SQL_DEVICE_ADD,
    CP2FA_SQL_DEVICE_PENDING,
    CP2FA_SQL_DEVICE_CONFIRM,
    CP2FA_SQL_DEVICE_STEP,
    CP2FA_SQL_DEVICE_DROP_NAMESAKE,
    CP2FA_SQL_DEVICES_DROP_PENDING,
    CP2FA_SQL_DEVICES_DROP,
    CP2FA_SQL_SESSION_ADD,
    CP2FA_SQL_SESSION_FIND,
    CP2FA_SQL_SESSION_TOUCH,
    CP2FA_SQL_SESSION_END,
    CP2FA_SQL_SESSIONS_LIST,
    CP2FA_SQL_SESSIONS_END,
    CP2FA_SQL_SESSIONS_EXPIRE,
    CP2FA_SQL_COUNT
};

struct cp2fa_sql_text {
    const char *name; /* names the prepared statement */
    const char *text;
    int args;
};

/** The table, indexed by enum cp2fa_sql. */
extern const struct cp2fa_sql_text cp2fa_sql_table[CP2FA_SQL_COUNT];

#endif
