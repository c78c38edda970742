/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_BYPASS_H
#define CP2FA_SERVICE_BYPASS_H

#include "service/service.h"
#include "store/db.h"

/* The way out of a lost device: a mailed token disables two-factor
 * authentication. It is no second factor, and never counts as one. */

/**
 * Mails a token to the registered address that disables two-factor
 * authentication when this session brings it back. DONE, whether there is an
 * address, an account, or a mail too many; or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_bypass_ask(const struct cp2fa_service *service,
                                    apr_pool_t *p, const struct cp2fa_who *who,
                                    const char *session, int64_t lifetime,
                                    int64_t now) CP2FA_USE_RESULT;

/**
 * Redeems it: in one transaction the token is used up and all is done that
 * service/disable.h says. *ended lists the sessions, *wait is in seconds.
 * DONE, MALFORMED, INVALID, WAIT or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_bypass_redeem(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_rules *rules,
                                       const struct cp2fa_who *who,
                                       const char *session, const char *typed,
                                       int64_t now, struct cp2fa_rows *ended,
                                       unsigned *wait) CP2FA_USE_RESULT;

#endif
