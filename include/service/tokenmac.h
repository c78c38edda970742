/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_TOKENMAC_H
#define CP2FA_SERVICE_TOKENMAC_H

#include "core/keyring.h"
#include "service/service.h"

/** "keyid:hmac", without the NUL. */
#define CP2FA_TOKENMAC_TEXT (CP2FA_KEY_ID_MAX + 1 + 2 * CP2FA_SHA256_LEN)

/**
 * What is stored of a one-time token (a mailed one, a recovery code): an
 * HMAC under a key of the key file, so that a copy of the database alone is
 * no help to who guesses; bound to the account and to what it is for.
 * key_id: which key, NULL for the active one. To look a token up, try every
 * key of the ring. Returns 0, or -1.
 */
int cp2fa_tokenmac_make(const struct cp2fa_service *service, const char *key_id,
                        const char *purpose, const char *account,
                        const uint8_t *bytes, size_t len,
                        char out[CP2FA_TOKENMAC_TEXT + 1]) CP2FA_USE_RESULT;

#endif
