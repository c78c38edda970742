/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base32.h"

void cp2fa_base32_encode(const uint8_t *data, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t buffer = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < n; i++) {
        buffer = buffer << 8 | data[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            *out++ = digits[buffer >> bits & 31];
        }
    }
    if (bits > 0) {
        *out++ = digits[buffer << (5 - bits) & 31];
    }
    *out = '\0';
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a';
    }
    if (c >= '2' && c <= '7') {
        return c - '2' + 26;
    }
    return -1;
}

int cp2fa_base32_decode(const char *text, size_t len, uint8_t *out, size_t size)
{
    uint32_t buffer = 0;
    unsigned bits = 0;
    size_t n = 0;

    while (len > 0
           && (text[len - 1] == '=' || text[len - 1] == ' '
               || text[len - 1] == '\t')) {
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        int value = digit_value(text[i]);

        if (text[i] == ' ' || text[i] == '\t' || text[i] == '-') {
            continue;
        }
        if (value < 0) {
            return -1;
        }
        buffer = buffer << 5 | (uint32_t)value;
        bits += 5;
        if (bits >= 8) {
            if (n == size) {
                return -1;
            }
            bits -= 8;
            out[n++] = (uint8_t)(buffer >> bits);
        }
    }
    /* What is left is padding: fewer than 5 bits, all zero. */
    if (bits >= 5 || (buffer & ((1u << bits) - 1)) != 0) {
        return -1;
    }
    return (int)n;
}
