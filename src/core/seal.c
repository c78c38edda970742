/* SPDX-License-Identifier: Apache-2.0 */
#include "core/seal.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define VERSION "1"
#define TAG_LEN 16
#define RAW_MAX (CP2FA_SEAL_NONCE_LEN + CP2FA_SEAL_PLAIN_MAX + TAG_LEN)

static int add_aad(EVP_CIPHER_CTX *ctx, struct cp2fa_part part)
{
    uint8_t prefix[4];
    int n;

    cp2fa_crypto_length(part.len, prefix);
    return EVP_CipherUpdate(ctx, NULL, &n, prefix, sizeof(prefix))
           && (part.len == 0
               || EVP_CipherUpdate(ctx, NULL, &n, part.data, (int)part.len));
}

/* A context ready for the text itself: key, nonce, and all that is bound. */
static EVP_CIPHER_CTX *start(const struct cp2fa_crypto *crypto, int encrypt,
                             const uint8_t *key, const char *key_id,
                             const uint8_t *nonce,
                             const struct cp2fa_part *parts, size_t count)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int ok =
        ctx
        && EVP_CipherInit_ex2(ctx, crypto->aes256gcm, key, nonce, encrypt, NULL)
        && add_aad(ctx, cp2fa_crypto_text(VERSION))
        && add_aad(ctx, cp2fa_crypto_text(key_id));

    for (size_t i = 0; ok && i < count; i++) {
        ok = add_aad(ctx, parts[i]);
    }
    if (!ok) {
        EVP_CIPHER_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

int cp2fa_seal_close(const struct cp2fa_crypto *crypto,
                     const struct cp2fa_keyring *ring,
                     const uint8_t nonce[CP2FA_SEAL_NONCE_LEN],
                     const struct cp2fa_part *parts, size_t count,
                     const uint8_t *plain, size_t len,
                     char out[CP2FA_SEAL_TEXT_MAX])
{
    const char *id = cp2fa_keyring_active(ring);
    const uint8_t *key = cp2fa_keyring_key(ring, id, CP2FA_PURPOSE_SEAL);
    uint8_t raw[RAW_MAX];
    char base64[CP2FA_BASE64_LEN(RAW_MAX) + 1];
    EVP_CIPHER_CTX *ctx;
    int n;
    int rv = -1;

    if (!key || len == 0 || len > CP2FA_SEAL_PLAIN_MAX) {
        return -1;
    }
    ctx = start(crypto, 1, key, id, nonce, parts, count);
    memcpy(raw, nonce, CP2FA_SEAL_NONCE_LEN);
    if (ctx
        && EVP_CipherUpdate(ctx, raw + CP2FA_SEAL_NONCE_LEN, &n, plain,
                            (int)len)
        && EVP_CipherFinal_ex(ctx, raw + CP2FA_SEAL_NONCE_LEN + n, &n)
        && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN,
                               raw + CP2FA_SEAL_NONCE_LEN + len)) {
        cp2fa_bytes_to_base64(raw, CP2FA_SEAL_NONCE_LEN + len + TAG_LEN,
                              base64);
        n = snprintf(out, CP2FA_SEAL_TEXT_MAX, VERSION ".%s.%s", id, base64);
        rv = n > 0 && n < CP2FA_SEAL_TEXT_MAX ? 0 : -1;
    }
    EVP_CIPHER_CTX_free(ctx);
    return rv;
}

/* Splits "1.id.base64". Returns the base64, or NULL. */
static const char *split(const char *text, char id[CP2FA_KEY_ID_MAX + 1])
{
    const char *dot;
    size_t len;

    if (strncmp(text, VERSION ".", strlen(VERSION ".")) != 0) {
        return NULL;
    }
    text += strlen(VERSION ".");
    dot = strchr(text, '.');
    len = dot ? (size_t)(dot - text) : 0;
    if (len == 0 || len > CP2FA_KEY_ID_MAX) {
        return NULL;
    }
    memcpy(id, text, len);
    id[len] = '\0';
    return dot + 1;
}

int cp2fa_seal_open(const struct cp2fa_crypto *crypto,
                    const struct cp2fa_keyring *ring, const char *text,
                    const struct cp2fa_part *parts, size_t count,
                    uint8_t plain[CP2FA_SEAL_PLAIN_MAX])
{
    char id[CP2FA_KEY_ID_MAX + 1];
    const char *base64 = split(text, id);
    const uint8_t *key;
    uint8_t raw[RAW_MAX];
    EVP_CIPHER_CTX *ctx;
    int raw_len;
    int len;
    int n;
    int rv = -1;

    key = base64 ? cp2fa_keyring_key(ring, id, CP2FA_PURPOSE_SEAL) : NULL;
    if (!key) {
        return -1;
    }
    raw_len = cp2fa_bytes_from_base64(base64, strlen(base64), raw, sizeof(raw));
    len = raw_len - CP2FA_SEAL_NONCE_LEN - TAG_LEN;
    if (raw_len < 0 || len <= 0) {
        return -1;
    }
    ctx = start(crypto, 0, key, id, raw, parts, count);
    if (ctx && EVP_CipherUpdate(ctx, plain, &n, raw + CP2FA_SEAL_NONCE_LEN, len)
        && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN,
                               raw + CP2FA_SEAL_NONCE_LEN + len)
        && EVP_CipherFinal_ex(ctx, plain + n, &n) == 1) {
        rv = len;
    }
    else {
        cp2fa_bytes_wipe(plain, CP2FA_SEAL_PLAIN_MAX);
    }
    EVP_CIPHER_CTX_free(ctx);
    return rv;
}

int cp2fa_seal_key_id(const char *text, char id[CP2FA_KEY_ID_MAX + 1])
{
    return split(text, id) ? 0 : -1;
}
