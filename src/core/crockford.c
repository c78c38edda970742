/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crockford.h"

#include <string.h>

#define GROUP 5

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void cp2fa_crockford_encode(const uint8_t *data, size_t n, char *out)
{
    uint32_t buffer = 0;
    unsigned bits = 0;
    size_t written = 0;

    for (size_t i = 0; i < n || bits > 0;) {
        if (bits < 5 && i < n) {
            buffer = buffer << 8 | data[i++];
            bits += 8;
        }
        else if (bits < 5) {
            buffer <<= 5 - bits;
            bits = 5;
        }
        if (written > 0 && written % GROUP == 0) {
            *out++ = '-';
        }
        bits -= 5;
        *out++ = digits[buffer >> bits & 31];
        written++;
    }
    *out = '\0';
}

static int digit_value(char c)
{
    const char *at;

    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

int cp2fa_crockford_decode(const char *text, size_t len, uint8_t *out, size_t n)
{
    uint32_t buffer = 0;
    unsigned bits = 0;
    size_t read = 0;
    size_t written = 0;

    for (size_t i = 0; i < len; i++) {
        int value = digit_value(text[i]);

        if (text[i] == '-' || text[i] == ' ' || text[i] == '\t') {
            continue;
        }
        if (value < 0 || ++read > CP2FA_CROCKFORD_DIGITS(n)) {
            return -1;
        }
        buffer = buffer << 5 | (uint32_t)value;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out[written++] = (uint8_t)(buffer >> bits);
        }
    }
    /* what is left is padding: fewer than 5 bits, all zero */
    return read == CP2FA_CROCKFORD_DIGITS(n)
                   && (buffer & ((1u << bits) - 1)) == 0
               ? 0
               : -1;
}
