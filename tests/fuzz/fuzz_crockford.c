/* SPDX-License-Identifier: Apache-2.0 */
/* What people type of a recovery code or a mailed token. */
#include "fuzz.h"

#include <ctype.h>

#include "core/crockford.h"

#define BYTES_MAX 32

/* As we would have written it, without dashes. */
static char *dense(const char *from, size_t len)
{
    char *out = fuzz_alloc(len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = (char)toupper((uint8_t)from[i]);

        if (c == '\0' || !strchr("- \t\r\n", c)) {
            out[n++] = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        }
    }
    out[n] = '\0';
    return out;
}

static char *spelled(const uint8_t *bytes, size_t n)
{
    char *text = fuzz_alloc(CP2FA_CROCKFORD_LEN(n) + 1);

    cp2fa_crockford_encode(bytes, n, text);
    CHECK(strlen(text) == CP2FA_CROCKFORD_LEN(n));
    return text;
}

static void check_decode(const char *typed, size_t len, size_t n)
{
    uint8_t *bytes = fuzz_alloc(n);
    char *text;
    char *ours;
    char *theirs;

    if (cp2fa_crockford_decode(typed, len, bytes, n) == 0) {
        text = spelled(bytes, n);
        ours = dense(text, strlen(text));
        theirs = dense(typed, len);
        CHECK(!strcmp(ours, theirs));
        free(theirs);
        free(ours);
        free(text);
    }
    free(bytes);
}

static void check_encode(const uint8_t *data, size_t size)
{
    char *text = spelled(data, size);
    uint8_t *back = fuzz_alloc(size);

    CHECK(cp2fa_crockford_decode(text, strlen(text), back, size) == 0);
    CHECK(memcmp(back, data, size) == 0);
    CHECK(cp2fa_crockford_decode(text, strlen(text) - 1, back, size) == -1);
    free(back);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t n = 1; n <= BYTES_MAX; n++) {
        check_decode((const char *)data, size, n);
    }
    if (size > 0) {
        check_encode(data, size);
    }
    return 0;
}
