/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_TOKEN_H
#define CP2FA_CORE_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "core/crypto.h"

/* Secret tokens that a browser keeps: session ids and the like. */
#define CP2FA_TOKEN_LEN  32                     /* random bytes */
#define CP2FA_TOKEN_TEXT (2 * CP2FA_TOKEN_LEN)  /* hex digits */
#define CP2FA_HASH_TEXT  (2 * CP2FA_SHA256_LEN) /* hex digits */

/** The token as text, with a NUL. */
void cp2fa_token_format(const uint8_t token[CP2FA_TOKEN_LEN],
                        char out[CP2FA_TOKEN_TEXT + 1]);

/** Reads a token's text. Returns 0, or -1 if it is not one. */
int cp2fa_token_parse(const char *text, size_t len,
                      uint8_t token[CP2FA_TOKEN_LEN]) CP2FA_USE_RESULT;

/**
 * What is stored instead of the token: its SHA-256 as hex. 256 random bits
 * need no salt and no slow hash. Returns 0, or -1 if libcrypto fails.
 */
int cp2fa_token_hash(const struct cp2fa_crypto *crypto,
                     const uint8_t token[CP2FA_TOKEN_LEN],
                     char out[CP2FA_HASH_TEXT + 1]) CP2FA_USE_RESULT;

#endif
