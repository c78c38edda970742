/* SPDX-License-Identifier: Apache-2.0 */
/* Hex and base64: one value has one spelling, and any value has one. */
#include "fuzz.h"

#define SIZE     64
#define TEXT_MAX 1024 /* of base64 that is read */

static void check_hex(const uint8_t *data, size_t size)
{
    char *text = fuzz_alloc(2 * size + 1);
    uint8_t *back = fuzz_alloc(size);

    cp2fa_bytes_to_hex(data, size, text);
    CHECK(strlen(text) == 2 * size);
    CHECK(cp2fa_bytes_from_hex(text, 2 * size, back, size) == 0);
    CHECK(size == 0 || cp2fa_bytes_equal(back, data, size));
    if (cp2fa_bytes_from_hex((const char *)data, size, back, size / 2) == 0) {
        cp2fa_bytes_to_hex(back, size / 2, text);
        CHECK(strlen(text) == size && memcmp(text, data, size) == 0);
    }
    free(back);
    free(text);
}

static void check_base64(const uint8_t *data, size_t size)
{
    char *text = fuzz_alloc(CP2FA_BASE64_LEN(size) + 1);
    uint8_t *back = fuzz_alloc(size);
    size_t len;

    cp2fa_bytes_to_base64(data, size, text);
    len = strlen(text);
    CHECK(len == CP2FA_BASE64_LEN(size));
    CHECK(cp2fa_bytes_from_base64(text, len, back, size)
          == (len <= TEXT_MAX ? (int)size : -1));
    if (len <= TEXT_MAX && size > 0) {
        CHECK(memcmp(back, data, size) == 0);
        CHECK(cp2fa_bytes_from_base64(text, len, back, size - 1) == -1);
    }
    free(back);
    free(text);
}

static void check_foreign(const uint8_t *data, size_t size)
{
    uint8_t *out = fuzz_alloc(SIZE);
    char again[CP2FA_BASE64_LEN(SIZE) + 1];
    int n = cp2fa_bytes_from_base64((const char *)data, size, out, SIZE);

    CHECK(n >= -1 && n <= SIZE);
    if (n >= 0) {
        cp2fa_bytes_to_base64(out, (size_t)n, again);
        CHECK(strlen(again) == size && memcmp(again, data, size) == 0);
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_hex(data, size);
    check_base64(data, size);
    check_foreign(data, size);
    return 0;
}
