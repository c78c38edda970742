/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_OUTBOX_H
#define CP2FA_STORE_OUTBOX_H

#include "store/db.h"

/** A mail to be sent. Times are seconds since 1970. */
struct cp2fa_mail {
    const char *id; /* 32 hex digits that rise with time; also its
                     * Message-ID, at every try */
    const char *account;
    const char *recipient;
    const char *kind;     /* names its template */
    const char *language; /* en, lv … */
    const char *params;   /* name=value, a line each */
    const char *secret;   /* a token, sealed, or "" */
    int64_t tries;
    int64_t created;
    int64_t next_try;
    int64_t expires;   /* not sent after; 0: never too late */
    const char *realm; /* of the account; when read */
    const char *name;
};

/** Adds a mail, in the transaction of the change it tells of. OK or FAILED. */
enum cp2fa_db_result cp2fa_outbox_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const struct cp2fa_mail *mail)
    CP2FA_USE_RESULT;

/** A mail from a row of OUTBOX_DUE or OUTBOX_ALL, which begin alike; its text
 * is the row's. */
struct cp2fa_mail cp2fa_outbox_mail(const char *const *row);

/** Up to 20 mails whose next try is due, the oldest first. OK or FAILED. */
enum cp2fa_db_result cp2fa_outbox_due(struct cp2fa_store *store, apr_pool_t *p,
                                      int64_t now, struct cp2fa_mail **mails,
                                      int *count) CP2FA_USE_RESULT;

/** Claims one until `until`, so that one courier of all nodes sends it: OK,
 * NONE if another was faster, or FAILED. */
enum cp2fa_db_result cp2fa_outbox_claim(struct cp2fa_store *store,
                                        apr_pool_t *p,
                                        const struct cp2fa_mail *mail,
                                        int64_t until) CP2FA_USE_RESULT;

/** It was accepted. */
enum cp2fa_db_result cp2fa_outbox_done(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *id) CP2FA_USE_RESULT;

/** It was not, but may be later. */
enum cp2fa_db_result cp2fa_outbox_retry(struct cp2fa_store *store,
                                        apr_pool_t *p, const char *id,
                                        int64_t when,
                                        const char *problem) CP2FA_USE_RESULT;

/** It never will be: kept as a dead letter, without its secret. */
enum cp2fa_db_result cp2fa_outbox_dead(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *id,
                                       const char *problem) CP2FA_USE_RESULT;

/** Lets a mail set out once more, as if it were new: OK, NONE if there is no
 * such mail, or FAILED. */
enum cp2fa_db_result cp2fa_outbox_revive(struct cp2fa_store *store,
                                         apr_pool_t *p, const char *id,
                                         int64_t now) CP2FA_USE_RESULT;

#endif
