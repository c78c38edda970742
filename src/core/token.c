/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token.h"

void cp2fa_token_format(const uint8_t token[CP2FA_TOKEN_LEN],
                        char out[CP2FA_TOKEN_TEXT + 1])
{
    cp2fa_bytes_to_hex(token, CP2FA_TOKEN_LEN, out);
}

int cp2fa_token_parse(const char *text, size_t len,
                      uint8_t token[CP2FA_TOKEN_LEN])
{
    return cp2fa_bytes_from_hex(text, len, token, CP2FA_TOKEN_LEN);
}

int cp2fa_token_hash(const struct cp2fa_crypto *crypto,
                     const uint8_t token[CP2FA_TOKEN_LEN],
                     char out[CP2FA_HASH_TEXT + 1])
{
    uint8_t hash[CP2FA_SHA256_LEN];

    if (cp2fa_crypto_sha256(crypto, token, CP2FA_TOKEN_LEN, hash) != 0) {
        return -1;
    }
    cp2fa_bytes_to_hex(hash, sizeof(hash), out);
    return 0;
}
