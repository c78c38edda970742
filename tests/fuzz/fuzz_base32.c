/* SPDX-License-Identifier: Apache-2.0 */
/* One value has one spelling, but for case, blanks, dashes and padding. */
#include "fuzz.h"

#include <ctype.h>

#include "core/base32.h"

#define SIZE 64

static void check_same(const uint8_t *data, size_t size, const char *text)
{
    for (size_t i = 0; i < size; i++) {
        if (!strchr(" \t-=", data[i])) {
            CHECK(toupper(data[i]) == *text);
            text++;
        }
    }
    CHECK(*text == '\0');
}

static void check_decode(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    uint8_t *out = fuzz_alloc(SIZE);
    int n = cp2fa_base32_decode(text, size, out, SIZE);

    CHECK(n >= -1 && n <= SIZE);
    if (n >= 0) {
        size_t len = (size_t)n;
        uint8_t *tight = fuzz_alloc(len);
        char *again = fuzz_alloc(CP2FA_BASE32_LEN(len) + 1);

        cp2fa_base32_encode(out, len, again);
        CHECK(strlen(again) == CP2FA_BASE32_LEN(len));
        check_same(data, size, again);
        CHECK(cp2fa_base32_decode(text, size, tight, len) == n);
        CHECK(memcmp(tight, out, len) == 0);
        CHECK(n == 0 || cp2fa_base32_decode(text, size, tight, len - 1) == -1);
        free(again);
        free(tight);
    }
    free(out);
}

static void check_encode(const uint8_t *data, size_t size)
{
    char *text = fuzz_alloc(CP2FA_BASE32_LEN(size) + 1);
    uint8_t *back = fuzz_alloc(size);

    cp2fa_base32_encode(data, size, text);
    CHECK(cp2fa_base32_decode(text, strlen(text), back, size) == (int)size);
    CHECK(size == 0 || memcmp(back, data, size) == 0);
    free(back);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_decode(data, size);
    check_encode(data, size);
    return 0;
}
