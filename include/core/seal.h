/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_SEAL_H
#define CP2FA_CORE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/keyring.h"

#define CP2FA_SEAL_NONCE_LEN 12
#define CP2FA_SEAL_PLAIN_MAX 64  /* bytes */
#define CP2FA_SEAL_TEXT_MAX  160 /* characters of a sealed blob, NUL included */

/**
 * Seals up to 64 bytes with AES-256-GCM (NIST SP 800-38D) under the active
 * key, as text: "1.keyid.base64(nonce ciphertext tag)".
 *
 * nonce: 12 fresh random bytes, never used twice under one key.
 * parts: where the blob belongs (row, column, owner …); version and key id
 *        are bound as well. It opens only with the very same parts.
 * Returns 0 with the text in out, or -1.
 */
int cp2fa_seal_close(const struct cp2fa_crypto *crypto,
                     const struct cp2fa_keyring *ring,
                     const uint8_t nonce[CP2FA_SEAL_NONCE_LEN],
                     const struct cp2fa_part *parts, size_t count,
                     const uint8_t *plain, size_t len,
                     char out[CP2FA_SEAL_TEXT_MAX]) CP2FA_USE_RESULT;

/**
 * Opens a sealed blob. Returns the number of bytes written to plain, which
 * holds 64 and which the caller wipes, or -1 if the blob is malformed, its
 * key is not in the ring, or it was changed or moved.
 */
int cp2fa_seal_open(const struct cp2fa_crypto *crypto,
                    const struct cp2fa_keyring *ring, const char *text,
                    const struct cp2fa_part *parts, size_t count,
                    uint8_t plain[CP2FA_SEAL_PLAIN_MAX]) CP2FA_USE_RESULT;

/** Which key a blob is sealed under. Returns 0, or -1 if it is malformed. */
int cp2fa_seal_key_id(const char *text,
                      char id[CP2FA_KEY_ID_MAX + 1]) CP2FA_USE_RESULT;

#endif
