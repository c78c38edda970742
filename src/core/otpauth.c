/* SPDX-License-Identifier: Apache-2.0 */
#include "core/otpauth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes n characters into a name. Returns 0, or -1. */
static int decode(const char *text, size_t n, char out[CP2FA_NAME_MAX + 1])
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        int c = (unsigned char)text[i];

        if (c == '%') {
            int high = i + 2 < n ? hex_digit(text[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

            if (low < 0) {
                return -1;
            }
            c = high << 4 | low;
            i += 2;
        }
        if (c == 0 || used == CP2FA_NAME_MAX) {
            return -1;
        }
        out[used++] = (char)c;
    }
    out[used] = '\0';
    return 0;
}

/* "Issuer:account" or "account"; apps write the colon as %3A, too, and a
 * blank behind it. A literal colon parts the two if there is one. */
static int label(const char *text, size_t n, struct cp2fa_otpauth *out)
{
    const char *colon = memchr(text, ':', n);
    const char *account = text;

    for (size_t i = 0; !colon && i + 2 < n; i++) {
        if (strncasecmp(text + i, "%3A", 3) == 0) {
            colon = text + i;
        }
    }
    if (colon) {
        account = colon + (*colon == ':' ? 1 : 3);
        if (decode(text, (size_t)(colon - text), out->issuer) != 0) {
            return -1;
        }
    }
    n -= (size_t)(account - text);
    while (n > 2 && strncmp(account, "%20", 3) == 0) {
        account += 3;
        n -= 3;
    }
    return decode(account, n, out->account) == 0
                   && cp2fa_text_is_user(out->account)
               ? 0
               : -1;
}

static enum cp2fa_otpauth_result parameter(const char *name, size_t name_len,
                                           const char *value, size_t len,
                                           struct cp2fa_otpauth *out)
{
    char text[CP2FA_NAME_MAX + 1];
    enum cp2fa_otpauth_result result = CP2FA_OTPAUTH_OK;
    int64_t n;

    if (decode(value, len, text) != 0) {
        return CP2FA_OTPAUTH_MALFORMED;
    }
#define IS(what) (name_len == strlen(what) && !memcmp(name, what, name_len))
    if (IS("secret")) {
        int bytes = cp2fa_base32_decode(text, strlen(text), out->secret,
                                        sizeof(out->secret));

        out->len = bytes > 0 ? (size_t)bytes : 0;
    }
    else if (IS("issuer")) {
        memcpy(out->issuer, text, sizeof(text));
    }
    else if (IS("algorithm")) {
        for (char *at = text; *at; at++) {
            *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 0x20 : *at);
        }
        if (cp2fa_totp_alg_find(text, &out->totp.alg) != 0) {
            result = CP2FA_OTPAUTH_UNSUPPORTED;
        }
    }
    else if (IS("digits") || IS("period")) {
        if (cp2fa_text_number(text, 1, 3600, &n) != 0) {
            result = CP2FA_OTPAUTH_MALFORMED;
        }
        else if (IS("digits")) {
            out->totp.digits = (unsigned)n;
        }
        else {
            out->totp.period = (unsigned)n;
        }
    }
#undef IS
    cp2fa_bytes_wipe(text, sizeof(text));
    return result;
}

static enum cp2fa_otpauth_result parameters(const char *at,
                                            struct cp2fa_otpauth *out)
{
    enum cp2fa_otpauth_result result = CP2FA_OTPAUTH_OK;

    while (*at && *at != '#' && result == CP2FA_OTPAUTH_OK) {
        size_t len = strcspn(at, "&#");
        const char *equals = memchr(at, '=', len);

        if (equals) {
            result = parameter(at, (size_t)(equals - at), equals + 1,
                               len - (size_t)(equals + 1 - at), out);
        }
        at += len;
        at += *at == '&';
    }
    return result;
}

enum cp2fa_otpauth_result cp2fa_otpauth_parse(const char *uri,
                                              struct cp2fa_otpauth *out)
{
    static const char scheme[] = "otpauth://";
    enum cp2fa_otpauth_result result;
    size_t n;

    memset(out, 0, sizeof(*out));
    out->totp = (struct cp2fa_totp){CP2FA_TOTP_SHA1, 6, 30};
    if (strncasecmp(uri, scheme, strlen(scheme)) != 0) {
        return CP2FA_OTPAUTH_MALFORMED;
    }
    uri += strlen(scheme);
    if (strncasecmp(uri, "hotp/", 5) == 0) {
        return CP2FA_OTPAUTH_COUNTER;
    }
    if (strncasecmp(uri, "totp/", 5) != 0) {
        return CP2FA_OTPAUTH_MALFORMED;
    }
    uri += 5;
    n = strcspn(uri, "?#");
    if (label(uri, n, out) != 0) {
        return CP2FA_OTPAUTH_MALFORMED;
    }
    result = parameters(uri + n + (uri[n] == '?'), out);
    if (result == CP2FA_OTPAUTH_OK
        && (out->len == 0
            || (out->issuer[0] && !cp2fa_text_is_name(out->issuer)))) {
        result = CP2FA_OTPAUTH_MALFORMED;
    }
    if (result == CP2FA_OTPAUTH_OK && !cp2fa_totp_supported(&out->totp)) {
        result = CP2FA_OTPAUTH_UNSUPPORTED;
    }
    return result;
}
