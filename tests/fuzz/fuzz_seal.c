/* SPDX-License-Identifier: Apache-2.0 */
/* A blob opens where it was sealed and as it was sealed, or not at all. */
#include "fuzz.h"

#include "core/seal.h"

static int opened(const char *text, const char *row, const char *column,
                  uint8_t *plain)
{
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text(row),
        cp2fa_crypto_text(column),
    };

    return cp2fa_seal_open(fuzz_crypto(), fuzz_ring(), text, parts, 2, plain);
}

static int closed(const uint8_t *nonce, const uint8_t *plain, size_t len,
                  char *out)
{
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text("row"),
        cp2fa_crypto_text("column"),
    };

    return cp2fa_seal_close(fuzz_crypto(), fuzz_ring(), nonce, parts, 2, plain,
                            len, out);
}

/* Foreign text that opens is a blob of ours to the last letter. */
static void check_foreign(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    uint8_t *plain = fuzz_alloc(CP2FA_SEAL_PLAIN_MAX);
    uint8_t raw[CP2FA_SEAL_TEXT_MAX];
    char again[CP2FA_SEAL_TEXT_MAX];
    int n = opened(text, "row", "column", plain);

    CHECK(n == -1 || (n > 0 && n <= CP2FA_SEAL_PLAIN_MAX));
    if (n > 0 && strncmp(text, "1.a.", 4) == 0) {
        CHECK(cp2fa_bytes_from_base64(text + 4, strlen(text + 4), raw,
                                      sizeof(raw))
              > CP2FA_SEAL_NONCE_LEN);
        CHECK(closed(raw, plain, (size_t)n, again) == 0);
        CHECK(!strcmp(again, text));
    }
    free(plain);
    free(text);
}

static void check_spoilt(char *text, uint8_t bits)
{
    uint8_t *plain = fuzz_alloc(CP2FA_SEAL_PLAIN_MAX);
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        char was = text[i];

        text[i] = (char)(was ^ bits);
        CHECK(opened(text, "row", "column", plain) == -1);
        text[i] = was;
    }
    CHECK(opened(text, "row", "colum", plain) == -1);
    CHECK(opened(text, "rowc", "olumn", plain) == -1);
    CHECK(opened(text, "column", "row", plain) == -1);
    text[len - bits % len - 1] = '\0';
    CHECK(opened(text, "row", "column", plain) == -1);
    free(plain);
}

/* The first byte says which bits are changed; then the nonce, then the text. */
static void check_ours(const uint8_t *data, size_t size)
{
    uint8_t nonce[CP2FA_SEAL_NONCE_LEN] = {0};
    char *text = fuzz_alloc(CP2FA_SEAL_TEXT_MAX);
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];
    size_t n = size - 1 < sizeof(nonce) ? size - 1 : sizeof(nonce);
    size_t len = size - 1 - n;

    memcpy(nonce, data + 1, n);
    if (len == 0 || len > CP2FA_SEAL_PLAIN_MAX) {
        CHECK(closed(nonce, data + 1 + n, len, text) == -1);
    }
    else {
        CHECK(closed(nonce, data + 1 + n, len, text) == 0);
        CHECK(opened(text, "row", "column", plain) == (int)len);
        CHECK(memcmp(plain, data + 1 + n, len) == 0);
        check_spoilt(text, data[0] ? data[0] : 1);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_foreign(data, size);
    if (size > 0) {
        check_ours(data, size);
    }
    return 0;
}
