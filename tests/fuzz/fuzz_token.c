/* SPDX-License-Identifier: Apache-2.0 */
/* What people type for a token, and what a browser brings for a session. */
#include "fuzz.h"

#include "core/token.h"
#include "core/totp.h"

/* The text without blanks and dashes. */
static size_t dense(const uint8_t *data, size_t size, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < size; i++) {
        if (data[i] != ' ' && data[i] != '\t' && data[i] != '-') {
            out[n++] = (char)data[i];
        }
    }
    out[n] = '\0';
    return n;
}

static void check_code(const struct cp2fa_totp *totp, const char *token)
{
    static const uint8_t secret[CP2FA_TOTP_SECRET_LEN] = "12345678901234567890";
    char code[CP2FA_TOTP_DIGITS_MAX + 1];
    uint64_t matches;

    CHECK(cp2fa_totp_match(fuzz_crypto(), totp, secret, sizeof(secret), 1, 3,
                           token, &matches)
          == 0);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(cp2fa_totp_code(fuzz_crypto(), totp, secret, sizeof(secret),
                              1 + i, code)
              == 0);
        CHECK((matches >> i & 1) == !strcmp(code, token));
    }
    CHECK(matches >> 3 == 0);
}

static void check_typed(const uint8_t *data, size_t size, unsigned digits)
{
    const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, digits, 30};
    char token[CP2FA_TOTP_DIGITS_MAX + 1];
    char *typed = fuzz_alloc(size + 1);
    size_t n = dense(data, size, typed);
    int taken =
        cp2fa_totp_normalise(&totp, (const char *)data, size, token) == 0;

    CHECK(taken == (n == digits && strspn(typed, "0123456789") == n));
    if (taken) {
        CHECK(!strcmp(token, typed));
        check_code(&totp, token);
    }
    free(typed);
}

static void check_session(const uint8_t *data, size_t size)
{
    uint8_t token[CP2FA_TOKEN_LEN];
    char text[CP2FA_TOKEN_TEXT + 1];
    char hash[CP2FA_HASH_TEXT + 1];

    if (cp2fa_token_parse((const char *)data, size, token) == 0) {
        cp2fa_token_format(token, text);
        CHECK(size == CP2FA_TOKEN_TEXT && memcmp(text, data, size) == 0);
        CHECK(cp2fa_token_hash(fuzz_crypto(), token, hash) == 0);
        CHECK(strlen(hash) == CP2FA_HASH_TEXT && strcmp(hash, text) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (unsigned digits = 6; digits <= CP2FA_TOTP_DIGITS_MAX; digits++) {
        check_typed(data, size, digits);
    }
    check_session(data, size);
    return 0;
}
