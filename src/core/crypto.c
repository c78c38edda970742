/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

/* With its digest: a new context would have libcrypto look that up. */
static EVP_MAC_CTX *new_hmac(EVP_MAC *hmac, const char *digest)
{
    static const uint8_t no_key[32];
    const OSSL_PARAM params[] = {
        /* which is only read */
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest,
                                         0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);

    if (ctx && !EVP_MAC_init(ctx, no_key, sizeof(no_key), params)) {
        EVP_MAC_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

static int make_hmacs(struct cp2fa_crypto *crypto)
{
    static const char *const digests[CP2FA_HMACS] = {
        [CP2FA_HMAC_SHA1] = "SHA1",
        [CP2FA_HMAC_SHA256] = "SHA256",
        [CP2FA_HMAC_SHA512] = "SHA512",
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    int made = 0;

    while (hmac && made < CP2FA_HMACS
           && (crypto->hmac[made] = new_hmac(hmac, digests[made]))) {
        made++;
    }
    EVP_MAC_free(hmac); /* contexts hold it, too */
    return made == CP2FA_HMACS ? 0 : -1;
}

struct cp2fa_crypto *cp2fa_crypto_new(void)
{
    struct cp2fa_crypto *crypto = OPENSSL_zalloc(sizeof(*crypto));

    if (!crypto) {
        return NULL;
    }
    crypto->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    crypto->aes256gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    crypto->hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    if (make_hmacs(crypto) != 0 || !crypto->sha256 || !crypto->aes256gcm
        || !crypto->hkdf) {
        cp2fa_crypto_free(crypto);
        return NULL;
    }
    return crypto;
}

void cp2fa_crypto_free(struct cp2fa_crypto *crypto)
{
    if (!crypto) {
        return;
    }
    for (int i = 0; i < CP2FA_HMACS; i++) {
        EVP_MAC_CTX_free(crypto->hmac[i]);
    }
    EVP_MD_free(crypto->sha256);
    EVP_CIPHER_free(crypto->aes256gcm);
    EVP_KDF_free(crypto->hkdf);
    OPENSSL_free(crypto);
}

struct cp2fa_part cp2fa_crypto_text(const char *text)
{
    return (struct cp2fa_part){text, strlen(text)};
}

int cp2fa_crypto_sha256(const struct cp2fa_crypto *crypto, const void *data,
                        size_t n, uint8_t out[CP2FA_SHA256_LEN])
{
    return EVP_Digest(data, n, out, NULL, crypto->sha256, NULL) == 1 ? 0 : -1;
}

void cp2fa_crypto_length(size_t len, uint8_t out[4])
{
    out[0] = (uint8_t)(len >> 24);
    out[1] = (uint8_t)(len >> 16);
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
}

EVP_MAC_CTX *cp2fa_crypto_hmac(const struct cp2fa_crypto *crypto,
                               enum cp2fa_hmac which, const uint8_t *key,
                               size_t len)
{
    /* without a key, the copy would have the template's */
    EVP_MAC_CTX *ctx = key ? EVP_MAC_CTX_dup(crypto->hmac[which]) : NULL;

    if (ctx && !EVP_MAC_init(ctx, key, len, NULL)) {
        EVP_MAC_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

int cp2fa_crypto_mac(const struct cp2fa_crypto *crypto, const uint8_t key[32],
                     const struct cp2fa_part *parts, size_t count,
                     uint8_t out[CP2FA_SHA256_LEN])
{
    EVP_MAC_CTX *ctx = cp2fa_crypto_hmac(crypto, CP2FA_HMAC_SHA256, key, 32);
    size_t len;
    int rv = -1;

    if (!ctx) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t prefix[4];

        cp2fa_crypto_length(parts[i].len, prefix);
        if (!EVP_MAC_update(ctx, prefix, sizeof(prefix))
            || !EVP_MAC_update(ctx, parts[i].data, parts[i].len)) {
            goto done;
        }
    }
    if (EVP_MAC_final(ctx, out, &len, CP2FA_SHA256_LEN)) {
        rv = 0;
    }
done:
    EVP_MAC_CTX_free(ctx);
    return rv;
}
