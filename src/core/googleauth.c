/* SPDX-License-Identifier: Apache-2.0 */
#include "core/googleauth.h"

#include <string.h>

#include "core/base32.h"

#define STEP_MAX (INT64_MAX / 1000)

/* A line's next word, and its length; 0 at the end. */
static size_t word(const char **at, const char *end)
{
    const char *from;

    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r')) {
        (*at)++;
    }
    from = *at;
    while (*at < end && **at != ' ' && **at != '\t' && **at != '\r') {
        (*at)++;
    }
    return (size_t)(*at - from);
}

static int64_t number(const char *text, size_t len)
{
    int64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || n > STEP_MAX) {
            return -1;
        }
        n = n * 10 + (text[i] - '0');
    }
    return len > 0 ? n : -1;
}

static int is(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(text, name, len) == 0;
}

/* `" NAME value…`; *counts says that the secret is for HOTP. */
static int option(const char *at, const char *end, int *counts,
                  struct cp2fa_googleauth *out)
{
    size_t len = word(&at, end);
    const char *name = at - len;
    int64_t n;

    if (is(name, len, "HOTP_COUNTER")) {
        *counts = 1;
    }
    else if (is(name, len, "STEP_SIZE")) {
        len = word(&at, end);
        n = number(at - len, len);
        if (n < 1 || n > 300) {
            return -1;
        }
        out->totp.period = (unsigned)n;
    }
    else if (is(name, len, "DISALLOW_REUSE")) {
        while ((len = word(&at, end)) > 0) {
            n = number(at - len, len);
            if (n < 0) {
                return -1;
            }
            out->last_step = n > out->last_step ? n : out->last_step;
        }
    }
    return 0;
}

enum cp2fa_googleauth_result cp2fa_googleauth_parse(
    const char *text, size_t len, struct cp2fa_googleauth *out)
{
    int first = 1;
    int counts = 0;
    int bytes;

    memset(out, 0, sizeof(*out));
    out->totp = (struct cp2fa_totp){CP2FA_TOTP_SHA1, 6, 30};
    out->last_step = -1;
    while (len > 0) {
        const char *newline = memchr(text, '\n', len);
        size_t n = newline ? (size_t)(newline - text) : len;

        if (first) {
            bytes = cp2fa_base32_decode(
                text, n > 0 && text[n - 1] == '\r' ? n - 1 : n, out->secret,
                sizeof(out->secret));
            if (bytes <= 0) {
                return CP2FA_GOOGLEAUTH_MALFORMED;
            }
            out->len = (size_t)bytes;
        }
        else if (n > 0 && text[0] == '"') {
            if (option(text + 1, text + n, &counts, out) != 0) {
                return CP2FA_GOOGLEAUTH_MALFORMED;
            }
        }
        else if (n >= 8) {
            out->scratch_codes++;
        }
        first = 0;
        n = newline ? n + 1 : n;
        text += n;
        len -= n;
    }
    if (out->len == 0) {
        return CP2FA_GOOGLEAUTH_MALFORMED;
    }
    return counts ? CP2FA_GOOGLEAUTH_COUNTER : CP2FA_GOOGLEAUTH_OK;
}
