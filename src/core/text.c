/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include <string.h>

#define TEN_YEARS (INT64_C(10) * 366 * 86400)

/* The length of the UTF-8 character at s (n bytes left), or 0: RFC 3629
 * section 4, overlong forms and surrogates refused. */
static size_t utf8_char(const uint8_t *s, size_t n)
{
    size_t len;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;

    if (s[0] < 0x80) {
        return s[0] != 0;
    }
    len = s[0] < 0xc2   ? 0
          : s[0] < 0xe0 ? 2
          : s[0] < 0xf0 ? 3
          : s[0] < 0xf5 ? 4
                        : 0;
    if (len == 0 || len > n) {
        return 0;
    }
    low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : low;
    high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : high;
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (s[i] < 0x80 || s[i] > 0xbf) {
            return 0;
        }
    }
    return len;
}

int cp2fa_text_is_utf8(const char *text, size_t len)
{
    const uint8_t *s = (const uint8_t *)text;

    while (len > 0) {
        size_t n = utf8_char(s, len);

        if (n == 0) {
            return 0;
        }
        s += n;
        len -= n;
    }
    return 1;
}

int cp2fa_text_is_name(const char *text)
{
    size_t len = strlen(text);
    int ascii = 1;

    for (size_t i = 0; i < len; i++) {
        ascii &= (uint8_t)text[i] < 0x80;
        /* C0, DEL, and C1 as UTF-8 has it (C2 80 to C2 9F) */
        if ((uint8_t)text[i] < 0x20 || text[i] == 0x7f
            || ((uint8_t)text[i] == 0xc2 && (uint8_t)text[i + 1] < 0xa0)) {
            return 0;
        }
    }
    return len > 0 && len <= CP2FA_NAME_MAX
           && (ascii || cp2fa_text_is_utf8(text, len));
}

int cp2fa_text_is_user(const char *text)
{
    size_t len = strlen(text);

    return cp2fa_text_is_name(text) && text[0] != ' ' && text[len - 1] != ' '
           && !strstr(text, "  ");
}

void cp2fa_text_fold_case(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *text = (char)(*text - 'A' + 'a');
        }
    }
}

/* The digits at the head of text as a number of at most max, or -1. */
static int64_t leading_number(const char *text, size_t *digits, int64_t max)
{
    int64_t n = 0;

    *digits = strspn(text, "0123456789");
    if (*digits == 0) {
        return -1;
    }
    for (size_t i = 0; i < *digits; i++) {
        int64_t digit = text[i] - '0';

        if (digit > max || n > (max - digit) / 10) {
            return -1;
        }
        n = n * 10 + digit;
    }
    return n;
}

int cp2fa_text_duration(const char *text, int64_t *seconds)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {
        {"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400},
    };
    size_t digits;
    int64_t n = leading_number(text, &digits, TEN_YEARS);

    for (size_t i = 0; n >= 0 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits, units[i].name) == 0) {
            if (n > TEN_YEARS / units[i].seconds) {
                return -1;
            }
            *seconds = n * units[i].seconds;
            return 0;
        }
    }
    return -1;
}

int cp2fa_text_number(const char *text, int64_t min, int64_t max, int64_t *out)
{
    size_t digits;
    int64_t n = leading_number(text, &digits, max);

    if (n < 0 || n < min || text[digits] != '\0') {
        return -1;
    }
    *out = n;
    return 0;
}
