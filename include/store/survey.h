/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_SURVEY_H
#define CP2FA_STORE_SURVEY_H

#include "store/accounts.h"
#include "store/events.h"
#include "store/outbox.h"
#include "store/sessions.h"

/* What an operator looks at: whole tables, a page at a time, each page behind
 * the last row of the one before, so that no server waits for a long read.
 * Each call is OK, NONE past the end, or FAILED; what it gives is from p. */

/** An account in a list. Times are seconds, but next_try and locked_at, which
 * are microseconds, as in core/throttle.h. */
struct cp2fa_account_line {
    const char *id;
    const char *realm;
    const char *name;
    int64_t created;
    const char *failures;
    int64_t next_try;
    int64_t locked_at;
    const char *email;
    int devices;
    int codes;
    int sessions;
};

/** Accounts by realm and name; realm "" for all. after_realm and after_name:
 * the last seen, "" at first. now in seconds, for the sessions. */
enum cp2fa_db_result cp2fa_survey_accounts(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *realm,
                                           const char *after_realm,
                                           const char *after_name, int64_t now,
                                           struct cp2fa_account_line **lines,
                                           int *count) CP2FA_USE_RESULT;

/** Sessions that have not ended, by hash. */
enum cp2fa_db_result cp2fa_survey_sessions(struct cp2fa_store *store,
                                           apr_pool_t *p, const char *after,
                                           int64_t now,
                                           struct cp2fa_session **sessions,
                                           int *count) CP2FA_USE_RESULT;

/** A device and whose it is, whatever its state. */
struct cp2fa_device_line {
    struct cp2fa_device device;
    const char *state; /* active, pending */
    const char *realm;
    const char *name;
};

/** Devices by id. FAILED also for a row that this version does not know. */
enum cp2fa_db_result cp2fa_survey_devices(struct cp2fa_store *store,
                                          apr_pool_t *p, const char *after,
                                          struct cp2fa_device_line **lines,
                                          int *count) CP2FA_USE_RESULT;

/** A mail in the outbox. */
struct cp2fa_mail_line {
    struct cp2fa_mail mail;
    const char *state; /* queued, dead */
    const char *problem;
};

enum cp2fa_db_result cp2fa_survey_mails(struct cp2fa_store *store,
                                        apr_pool_t *p, const char *after,
                                        struct cp2fa_mail_line **lines,
                                        int *count) CP2FA_USE_RESULT;

/** Which lines of the audit trail: realm and name "" for all. */
struct cp2fa_trail {
    int64_t since; /* seconds; the last one seen at first, and its id */
    const char *after;
    int64_t until;
    const char *realm;
    const char *name;
};

enum cp2fa_db_result cp2fa_survey_events(struct cp2fa_store *store,
                                         apr_pool_t *p,
                                         const struct cp2fa_trail *trail,
                                         struct cp2fa_event **events,
                                         int *count) CP2FA_USE_RESULT;

/** The macs ("keyid:hmac") of recovery codes and application tokens, or of
 * mailed tokens: rows of account and mac, behind a row. */
enum cp2fa_db_result cp2fa_survey_macs(
    struct cp2fa_store *store, apr_pool_t *p, int mailed, const char *account,
    const char *mac, struct cp2fa_rows *rows) CP2FA_USE_RESULT;

/** The database's time, in seconds since 1970, or -1. */
int64_t cp2fa_survey_clock(struct cp2fa_store *store, apr_pool_t *p);

#endif
