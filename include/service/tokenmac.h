/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_TOKENMAC_H
#define CP2FA_SERVICE_TOKENMAC_H

#include "service/service.h"

/* "keyid:hmac" and a NUL */
#define CP2FA_TOKENMAC_TEXT (CP2FA_KEY_ID_MAX + 1 + 2 * CP2FA_SHA256_LEN + 1)

/**
 * What is stored of a one-time token (a recovery code, a mail token): its
 * HMAC-SHA-256 under the token key, bound to what it is for and whose it is.
 * The tokens are random, so no slow hash is needed.
 *
 * key_id: one of the key ring's; a new token takes the active one, and one
 *         that is presented is looked up under each.
 * Returns 0, or -1 if there is no such key or libcrypto fails.
 */
int cp2fa_tokenmac_make(const struct cp2fa_service *service, const char *key_id,
                        const char *purpose, const char *account,
                        const uint8_t *bytes, size_t len,
                        char out[CP2FA_TOKENMAC_TEXT]) CP2FA_USE_RESULT;

#endif
