/* SPDX-License-Identifier: Apache-2.0 */
#include "core/totp.h"

#include <string.h>

#include <openssl/evp.h>

static const char *const alg_names[] = {"SHA1", "SHA256", "SHA512"};

#define ALG_COUNT (sizeof(alg_names) / sizeof(alg_names[0]))
#define HMAC_MAX  64

const char *cp2fa_totp_alg_name(enum cp2fa_totp_alg alg)
{
    return alg_names[alg];
}

int cp2fa_totp_alg_find(const char *name, enum cp2fa_totp_alg *alg)
{
    for (size_t i = 0; i < ALG_COUNT; i++) {
        if (strcmp(name, alg_names[i]) == 0) {
            *alg = (enum cp2fa_totp_alg)i;
            return 0;
        }
    }
    return -1;
}

int cp2fa_totp_supported(const struct cp2fa_totp *totp)
{
    return totp->digits >= 6 && totp->digits <= CP2FA_TOTP_DIGITS_MAX
           && totp->period >= 20 && totp->period <= 300;
}

int64_t cp2fa_totp_step(const struct cp2fa_totp *totp, int64_t seconds)
{
    return seconds / (int64_t)totp->period;
}

int cp2fa_totp_normalise(const struct cp2fa_totp *totp, const char *typed,
                         size_t len, char out[CP2FA_TOTP_DIGITS_MAX + 1])
{
    unsigned n = 0;

    for (size_t i = 0; i < len; i++) {
        if (strchr(" \t-", typed[i]) && typed[i] != '\0') {
            continue;
        }
        if (typed[i] < '0' || typed[i] > '9' || n == totp->digits) {
            return -1;
        }
        out[n++] = typed[i];
    }
    out[n] = '\0';
    return n == totp->digits ? 0 : -1;
}

/* Keyed once and re-initialised for each step: that costs a quarter of a
 * one-shot HMAC. */
static EVP_MAC_CTX *keyed_hmac(const struct cp2fa_crypto *crypto,
                               const struct cp2fa_totp *totp,
                               const uint8_t *secret, size_t len)
{
    static const enum cp2fa_hmac hmacs[] = {
        [CP2FA_TOTP_SHA1] = CP2FA_HMAC_SHA1,
        [CP2FA_TOTP_SHA256] = CP2FA_HMAC_SHA256,
        [CP2FA_TOTP_SHA512] = CP2FA_HMAC_SHA512,
    };

    return cp2fa_crypto_hmac(crypto, hmacs[totp->alg], secret, len);
}

/* RFC 4226 section 5.3: dynamic truncation of the HMAC of the step. */
static int hotp(EVP_MAC_CTX *ctx, const struct cp2fa_totp *totp, int64_t step,
                char out[CP2FA_TOTP_DIGITS_MAX + 1])
{
    uint8_t message[8];
    uint8_t mac[HMAC_MAX];
    size_t len = 0;
    uint32_t value;
    unsigned offset;

    for (unsigned i = 0; i < 8; i++) {
        message[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    }
    if (!EVP_MAC_init(ctx, NULL, 0, NULL)
        || !EVP_MAC_update(ctx, message, sizeof(message))
        || !EVP_MAC_final(ctx, mac, &len, sizeof(mac)) || len < 20) {
        return -1;
    }
    offset = mac[len - 1] & 15;
    value = (uint32_t)(mac[offset] & 0x7f) << 24
            | (uint32_t)mac[offset + 1] << 16 | (uint32_t)mac[offset + 2] << 8
            | mac[offset + 3];
    for (unsigned i = totp->digits; i-- > 0;) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    out[totp->digits] = '\0';
    cp2fa_bytes_wipe(mac, sizeof(mac));
    return 0;
}

int cp2fa_totp_code(const struct cp2fa_crypto *crypto,
                    const struct cp2fa_totp *totp, const uint8_t *secret,
                    size_t len, int64_t step,
                    char out[CP2FA_TOTP_DIGITS_MAX + 1])
{
    EVP_MAC_CTX *ctx = keyed_hmac(crypto, totp, secret, len);
    int rv = ctx ? hotp(ctx, totp, step, out) : -1;

    EVP_MAC_CTX_free(ctx);
    return rv;
}

int cp2fa_totp_match(const struct cp2fa_crypto *crypto,
                     const struct cp2fa_totp *totp, const uint8_t *secret,
                     size_t len, int64_t first, unsigned count,
                     const char *token, uint64_t *matches)
{
    EVP_MAC_CTX *ctx = keyed_hmac(crypto, totp, secret, len);
    char code[CP2FA_TOTP_DIGITS_MAX + 1];
    int rv = -1;

    *matches = 0;
    if (!ctx || count > CP2FA_TOTP_WINDOW_MAX) {
        goto done;
    }
    for (unsigned i = 0; i < count; i++) {
        if (hotp(ctx, totp, first + i, code) != 0) {
            *matches = 0;
            goto done;
        }
        *matches |= (uint64_t)cp2fa_bytes_equal(code, token, totp->digits) << i;
    }
    rv = 0;
done:
    cp2fa_bytes_wipe(code, sizeof(code));
    EVP_MAC_CTX_free(ctx);
    return rv;
}
