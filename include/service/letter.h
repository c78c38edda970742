/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_LETTER_H
#define CP2FA_SERVICE_LETTER_H

#include "core/seal.h"
#include "core/template.h"
#include "service/service.h"
#include "store/outbox.h"

#define CP2FA_LETTER_VALUES 12 /* names that a template can use */

/** A mail to be written into the outbox. */
struct cp2fa_letter {
    const char *account; /* its id */
    const char *recipient;
    const char *kind;     /* names its template */
    const char *detail;   /* what it is about (a device's name), or "" */
    const uint8_t *token; /* of CP2FA_MAILTOKEN_LEN bytes, or NULL */
    int64_t minutes;      /* that the token lives */
    int64_t expires;      /* seconds since 1970: not sent after; 0: a day on */
};

/**
 * Puts a letter into the outbox, in the transaction of what it tells of. The
 * token is sealed, bound to this row, its recipient and its kind. Nothing is
 * written where no mail is sent at all. OK or FAILED.
 */
enum cp2fa_db_result cp2fa_letter_post(const struct cp2fa_service *service,
                                       struct cp2fa_tx *tx, apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const struct cp2fa_letter *letter,
                                       int64_t now) CP2FA_USE_RESULT;

/**
 * The values for a template out of a row of the outbox, from p, the token in
 * the clear among them; *secret is that text, which the caller wipes, or
 * NULL. Returns how many, or -1 if the token does not open.
 */
int cp2fa_letter_values(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_mail *mail,
                        struct cp2fa_value values[CP2FA_LETTER_VALUES],
                        char **secret) CP2FA_USE_RESULT;

#endif
