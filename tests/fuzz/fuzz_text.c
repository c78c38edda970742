/* SPDX-License-Identifier: Apache-2.0 */
/* Names, numbers and durations, beside other ways to read them. */
#include "fuzz.h"

#include <errno.h>

#include "core/text.h"

/* The code point at s, or -1; by its value, not by its spelling. */
static int32_t code_point(const uint8_t *s, size_t n, size_t *len)
{
    static const int32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    int32_t value;

    *len = s[0] < 0x80   ? 1
           : s[0] < 0xc0 ? 0
           : s[0] < 0xe0 ? 2
           : s[0] < 0xf0 ? 3
           : s[0] < 0xf8 ? 4
                         : 0;
    if (*len == 0 || *len > n) {
        return -1;
    }
    value = *len == 1 ? s[0] : s[0] & (0x7f >> *len);
    for (size_t i = 1; i < *len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return -1;
        }
        value = value << 6 | (s[i] & 0x3f);
    }
    return value < least[*len] || value > 0x10ffff
                   || (value >= 0xd800 && value <= 0xdfff)
               ? -1
               : value;
}

static void check_utf8(const uint8_t *data, size_t size)
{
    size_t at = 0;
    size_t len = 0;
    int controls = 0;
    char *text = fuzz_text(data, size);
    int user = cp2fa_text_is_user(text);

    while (at < size) {
        int32_t c = code_point(data + at, size - at, &len);

        if (c < 0) {
            break;
        }
        controls = controls || c < 0x20 || (c >= 0x7f && c < 0xa0);
        at += len;
    }
    CHECK(cp2fa_text_is_utf8((const char *)data, size) == (at == size));
    if (strlen(text) == size) {
        CHECK(
            cp2fa_text_is_name(text)
            == (at == size && !controls && size > 0 && size <= CP2FA_NAME_MAX));
    }
    if (user) {
        CHECK(cp2fa_text_is_name(text) && !strstr(text, "  "));
        CHECK(text[0] != ' ' && text[strlen(text) - 1] != ' ');
    }
    cp2fa_text_fold_case(text);
    CHECK(cp2fa_text_is_user(text) == user);
    CHECK(!strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    free(text);
}

static void check_number(const char *text, int64_t min, int64_t max)
{
    char *end;
    long long expected;
    int64_t n;
    int digits = *text && strspn(text, "0123456789") == strlen(text);

    errno = 0;
    expected = strtoll(text, &end, 10);
    if (cp2fa_text_number(text, min, max, &n) == 0) {
        CHECK(digits && errno == 0 && n == expected && n >= min && n <= max);
    }
    else {
        CHECK(!digits || errno != 0 || expected < min || expected > max);
    }
}

static void check_duration(const char *text)
{
    char again[64];
    int64_t seconds;
    int64_t same;

    if (cp2fa_text_duration(text, &seconds) == 0) {
        CHECK(seconds >= 0 && seconds <= INT64_C(10) * 366 * 86400);
        snprintf(again, sizeof(again), "%llds", (long long)seconds);
        CHECK(cp2fa_text_duration(again, &same) == 0 && same == seconds);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    check_utf8(data, size);
    check_number(text, 0, 9);
    check_number(text, 20, 300);
    check_number(text, 0, INT64_MAX);
    check_duration(text);
    free(text);
    return 0;
}
