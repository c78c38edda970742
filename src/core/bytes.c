/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* Longest base64 text this project reads: a sealed secret or a key. */
#define BASE64_MAX 1024

void cp2fa_bytes_wipe(void *data, size_t n)
{
    OPENSSL_cleanse(data, n);
}

static uint64_t eight_differ(const uint8_t *x, const uint8_t *y)
{
    uint64_t u;
    uint64_t v;

    memcpy(&u, x, sizeof(u));
    memcpy(&v, y, sizeof(v));
    return u ^ v;
}

int cp2fa_bytes_equal(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    uint64_t difference = 0;

    if (n < sizeof(difference)) {
        return CRYPTO_memcmp(a, b, n) == 0;
    }
    /* as CRYPTO_memcmp, which takes six instructions for each byte; the last
     * eight overlap the ones before */
    for (size_t at = 0; at < n - sizeof(difference); at += sizeof(difference)) {
        difference |= eight_differ(x + at, y + at);
        /* the compiler must not find a reason to stop early */
        __asm__("" : "+r"(difference));
    }
    difference |=
        eight_differ(x + n - sizeof(difference), y + n - sizeof(difference));
    return difference == 0;
}

void cp2fa_bytes_to_hex(const uint8_t *data, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * n] = '\0';
}

/* 16 and what a digit says; 0 for what is none */
static const uint8_t hex_values[UINT8_MAX + 1] = {
    ['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20, ['5'] = 21,
    ['6'] = 22, ['7'] = 23, ['8'] = 24, ['9'] = 25, ['a'] = 26, ['b'] = 27,
    ['c'] = 28, ['d'] = 29, ['e'] = 30, ['f'] = 31,
};

int cp2fa_bytes_from_hex(const char *hex, size_t len, uint8_t *out, size_t n)
{
    unsigned valid = 16;

    if (len != 2 * n) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned high = hex_values[(uint8_t)hex[2 * i]];
        unsigned low = hex_values[(uint8_t)hex[2 * i + 1]];

        valid &= high & low;
        out[i] = (uint8_t)(high << 4 | (low & 15));
    }
    return valid & 16 ? 0 : -1;
}

void cp2fa_bytes_to_base64(const uint8_t *data, size_t n, char *out)
{
    EVP_EncodeBlock((unsigned char *)out, data, (int)n);
}

int cp2fa_bytes_from_base64(const char *text, size_t len, uint8_t *out,
                            size_t size)
{
    uint8_t buf[BASE64_MAX / 4 * 3];
    char again[BASE64_MAX + 1];
    size_t pad = 0;
    int n;

    if (len == 0) {
        return 0;
    }
    if (len % 4 != 0 || len > BASE64_MAX) {
        return -1;
    }
    while (pad < 2 && text[len - 1 - pad] == '=') {
        pad++;
    }
    n = EVP_DecodeBlock(buf, (const unsigned char *)text, (int)len);
    n = n < 0 ? -1 : n - (int)pad;
    if (n >= 0) {
        /* EVP_DecodeBlock skips blanks and ignores stray bits; only the one
         * spelling that we would write ourselves is taken. */
        cp2fa_bytes_to_base64(buf, (size_t)n, again);
        if ((size_t)n > size || strlen(again) != len
            || memcmp(again, text, len) != 0) {
            n = -1;
        }
        else {
            memcpy(out, buf, (size_t)n);
        }
    }
    cp2fa_bytes_wipe(buf, sizeof(buf));
    cp2fa_bytes_wipe(again, sizeof(again));
    return n;
}
