/* SPDX-License-Identifier: Apache-2.0 */
#include "core/otpauth.h"

#include <stdio.h>
#include <string.h>

#include "core/base32.h"

struct writer {
    char *at;
    size_t left; /* bytes free, the NUL's included */
    int overflow;
};

static void put(struct writer *w, const char *text, size_t len)
{
    if (len >= w->left) {
        w->overflow = 1;
        return;
    }
    memcpy(w->at, text, len);
    w->at += len;
    w->left -= len;
    *w->at = '\0';
}

static void put_text(struct writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static void put_encoded(struct writer *w, const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";

    for (; *text; text++) {
        if (strchr(unreserved, *text)) {
            put(w, text, 1);
        }
        else {
            char hex[4];

            snprintf(hex, sizeof(hex), "%%%02X", (unsigned)(uint8_t)*text);
            put(w, hex, 3);
        }
    }
}

int cp2fa_otpauth_uri(const struct cp2fa_totp *totp, const char *issuer,
                      const char *account, const uint8_t *secret, size_t len,
                      char *out, size_t size)
{
    struct writer w = {out, size, 0};
    char base32[CP2FA_BASE32_LEN(CP2FA_TOTP_SECRET_MAX) + 1];
    char numbers[64];

    if (len > CP2FA_TOTP_SECRET_MAX) {
        return -1;
    }
    cp2fa_base32_encode(secret, len, base32);
    put_text(&w, "otpauth://totp/");
    put_encoded(&w, issuer);
    put_text(&w, ":");
    put_encoded(&w, account);
    put_text(&w, "?secret=");
    put_text(&w, base32);
    put_text(&w, "&issuer=");
    put_encoded(&w, issuer);
    snprintf(numbers, sizeof(numbers), "&algorithm=%s&digits=%u&period=%u",
             cp2fa_totp_alg_name(totp->alg), totp->digits, totp->period);
    put_text(&w, numbers);
    cp2fa_bytes_wipe(base32, sizeof(base32));
    return w.overflow ? -1 : 0;
}
