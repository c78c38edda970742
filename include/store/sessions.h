/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_SESSIONS_H
#define CP2FA_STORE_SESSIONS_H

#include "store/db.h"

/** A session: amr says which factors it passed. Times are seconds since 1970. */
struct cp2fa_session {
    const char *hash; /* of its id, 64 hex digits: core/token.h */
    const char *account;
    const char *realm;
    const char *name;
    const char *amr; /* words, one blank between: docs/json.md */
    int64_t created;
    int64_t auth_time; /* of the last second factor */
    int64_t last_seen;
    int64_t ends; /* absolute */
    /* where it began; empty in what a cache remembers */
    const char *address;
    const char *agent;
};

#define CP2FA_SESSION_VALUES 9

/** A session's values in the order of its row in sql.c; numbers are from p. */
void cp2fa_sessions_values(apr_pool_t *p, const struct cp2fa_session *session,
                           const char *values[CP2FA_SESSION_VALUES]);

/** Adds a session, and clears away the account's ended ones. A step of a
 * transaction: OK or FAILED. */
enum cp2fa_db_result cp2fa_sessions_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                        const struct cp2fa_session *session)
    CP2FA_USE_RESULT;

/** Reads a session: OK, NONE or FAILED. Whether it is still good is not
 * asked here. */
enum cp2fa_db_result cp2fa_sessions_find(
    struct cp2fa_store *store, apr_pool_t *p, const char *hash,
    struct cp2fa_session **session) CP2FA_USE_RESULT;

/** Notes that a session was seen: OK, NONE if it has ended, or FAILED. */
enum cp2fa_db_result cp2fa_sessions_touch(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *hash,
                                          int64_t now) CP2FA_USE_RESULT;

/** Notes that a remembered browser came (service/remember.h), and that it is
 * remembered still: OK, NONE or FAILED. Holds its row until the end. */
enum cp2fa_db_result cp2fa_sessions_use_browser(struct cp2fa_tx *tx,
                                                apr_pool_t *p, const char *hash,
                                                int64_t now) CP2FA_USE_RESULT;

/** Ends one session: OK, NONE if there was none, or FAILED. tx may be NULL. */
enum cp2fa_db_result cp2fa_sessions_end(struct cp2fa_store *store,
                                        struct cp2fa_tx *tx, apr_pool_t *p,
                                        const char *hash) CP2FA_USE_RESULT;

/** The sessions, on any node, that ended before their time within the last so
 * many seconds of the database's clock, in the first column. OK or FAILED. */
enum cp2fa_db_result cp2fa_sessions_ended(
    struct cp2fa_store *store, apr_pool_t *p, int64_t seconds,
    struct cp2fa_rows *hashes) CP2FA_USE_RESULT;

/** The account's sessions that have not ended, the last seen first. */
enum cp2fa_db_result cp2fa_sessions_show(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *account,
                                         int64_t now,
                                         struct cp2fa_session **sessions,
                                         int *count) CP2FA_USE_RESULT;

/** Ends one session if it is this account's: OK, NONE or FAILED. */
enum cp2fa_db_result cp2fa_sessions_end_own(struct cp2fa_store *store,
                                            apr_pool_t *p, const char *account,
                                            const char *hash) CP2FA_USE_RESULT;

/** Ends all of an account but one, in a transaction, as below. */
enum cp2fa_db_result cp2fa_sessions_end_others(
    struct cp2fa_tx *tx, const char *account, const char *hash,
    struct cp2fa_rows *hashes) CP2FA_USE_RESULT;

/** Ends all of an account, in a transaction. *hashes lists those that ended,
 * for caches to forget. OK or FAILED. */
enum cp2fa_db_result cp2fa_sessions_end_all(
    struct cp2fa_tx *tx, const char *account,
    struct cp2fa_rows *hashes) CP2FA_USE_RESULT;

/** Ends those of an account that began at a time or before it. OK or FAILED. */
enum cp2fa_db_result cp2fa_sessions_end_old(struct cp2fa_tx *tx, apr_pool_t *p,
                                            const char *account,
                                            int64_t until) CP2FA_USE_RESULT;

#endif
