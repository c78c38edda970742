/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_CRYPTO_H
#define CP2FA_CORE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "core/bytes.h"

#define CP2FA_SHA256_LEN 32

/** HMAC with one of these (RFC 2104). */
enum cp2fa_hmac {
    CP2FA_HMAC_SHA1,
    CP2FA_HMAC_SHA256,
    CP2FA_HMAC_SHA512,
    CP2FA_HMACS
};

/**
 * The algorithms, fetched once: OpenSSL 3 looks each one up by name under a
 * lock on every implicit use. Read-only after cp2fa_crypto_new; any thread.
 */
struct cp2fa_crypto {
    EVP_MAC_CTX *hmac[CP2FA_HMACS]; /* to copy, with a key that is nobody's */
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

/** A context of HMAC under that key, to be freed by EVP_MAC_CTX_free; NULL if
 * libcrypto fails. */
EVP_MAC_CTX *cp2fa_crypto_hmac(const struct cp2fa_crypto *crypto,
                               enum cp2fa_hmac which, const uint8_t *key,
                               size_t len) CP2FA_USE_RESULT;

/** Writes the length of a piece as 4 bytes, most significant first. */
void cp2fa_crypto_length(size_t len, uint8_t out[4]);

#endif
