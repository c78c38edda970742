/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_CRYPTO_H
#define CP2FA_CORE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "core/bytes.h"

#define CP2FA_SHA256_LEN 32

/**
 * The algorithms, fetched once: OpenSSL 3 looks each one up by name under a
 * lock on every implicit use. Read-only after cp2fa_crypto_new; any thread.
 */
struct cp2fa_crypto {
    EVP_MAC *hmac;
    EVP_MAC_CTX *hmac_sha256; /* copied, never used itself */
    EVP_MD *sha256;
    EVP_CIPHER *aes256gcm;
    EVP_KDF *hkdf;
};

/** Fetches all algorithms. Returns NULL if one is missing (or no memory). */
struct cp2fa_crypto *cp2fa_crypto_new(void) CP2FA_USE_RESULT;

/** Frees what cp2fa_crypto_new made; NULL is fine. */
void cp2fa_crypto_free(struct cp2fa_crypto *crypto);

/** A piece of a message; every piece is hashed with its length before it. */
struct cp2fa_part {
    const void *data;
    size_t len;
};

/** A piece from NUL-terminated text. */
struct cp2fa_part cp2fa_crypto_text(const char *text);

/** SHA-256 of n bytes. Returns 0, or -1 if libcrypto fails. */
int cp2fa_crypto_sha256(const struct cp2fa_crypto *crypto, const void *data,
                        size_t n,
                        uint8_t out[CP2FA_SHA256_LEN]) CP2FA_USE_RESULT;

/**
 * HMAC-SHA-256 under a 32-byte key over the pieces, each preceded by its
 * length as 4 bytes, so that no two lists of pieces give the same message.
 * Returns 0, or -1 if libcrypto fails.
 */
int cp2fa_crypto_mac(const struct cp2fa_crypto *crypto, const uint8_t key[32],
                     const struct cp2fa_part *parts, size_t count,
                     uint8_t out[CP2FA_SHA256_LEN]) CP2FA_USE_RESULT;

/** Writes the length of a piece as 4 bytes, most significant first. */
void cp2fa_crypto_length(size_t len, uint8_t out[4]);

#endif
