/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crockford.h"

#include <string.h>

#define GROUP 5

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Five bits from a bit on; behind the end of the data they are zero. */
static unsigned five_bits(const uint8_t *data, size_t n, size_t bit)
{
    size_t at = bit / 8;
    unsigned two = (unsigned)data[at] << 8 | (at + 1 < n ? data[at + 1] : 0);

    return two >> (11 - bit % 8) & 31;
}

void cp2fa_crockford_encode(const uint8_t *data, size_t n, char *out)
{
    for (size_t i = 0; i < CP2FA_CROCKFORD_CHARS(n); i++) {
        if (i > 0 && i % GROUP == 0) {
            *out++ = '-';
        }
        *out++ = alphabet[five_bits(data, n, i * 5)];
    }
    *out = '\0';
}

static int value_of(char c)
{
    const char *found;

    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    found = c ? strchr(alphabet, c) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

int cp2fa_crockford_decode(const char *text, size_t len, uint8_t *out, size_t n)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t chars = 0;
    size_t done = 0;

    for (size_t i = 0; i < len; i++) {
        int value;

        if (strchr("- \t\r\n", text[i]) && text[i]) {
            continue;
        }
        value = value_of(text[i]);
        if (value < 0 || ++chars > CP2FA_CROCKFORD_CHARS(n)) {
            return -1;
        }
        bits = bits << 5 | (unsigned)value;
        held += 5;
        if (held >= 8 && done < n) {
            held -= 8;
            out[done++] = (uint8_t)(bits >> held);
        }
    }
    /* one value has one spelling: no spare bit is set */
    return done == n && chars == CP2FA_CROCKFORD_CHARS(n)
                   && (bits & ((1u << held) - 1)) == 0
               ? 0
               : -1;
}
