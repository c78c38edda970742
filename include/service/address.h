/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_ADDRESS_H
#define CP2FA_SERVICE_ADDRESS_H

#include "service/service.h"
#include "store/db.h"

/* The registered address, where it is the account's owner who says it. */

/**
 * Mails a token to a new address, which is not the registered one before it
 * comes back. DONE, BAD_NAME (no address), WAIT (*wait in seconds) or
 * UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_address_ask(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     const char *email, const char *session,
                                     int64_t lifetime, int64_t now,
                                     unsigned *wait) CP2FA_USE_RESULT;

/** The address that this session is asked to confirm: *email, or NULL. OK,
 * NONE or FAILED. */
enum cp2fa_db_result cp2fa_address_pending(const struct cp2fa_service *service,
                                           apr_pool_t *p, const char *account,
                                           const char *session, int64_t now,
                                           const char **email) CP2FA_USE_RESULT;

/**
 * Confirms it: in one transaction the token is used up, the address set, and
 * the old and the new one told. DONE, MALFORMED, INVALID, WAIT or UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_address_confirm(const struct cp2fa_service *service,
                                         apr_pool_t *p,
                                         const struct cp2fa_rules *rules,
                                         const struct cp2fa_who *who,
                                         const char *session, const char *typed,
                                         int64_t now,
                                         unsigned *wait) CP2FA_USE_RESULT;

#endif
