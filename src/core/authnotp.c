/* SPDX-License-Identifier: Apache-2.0 */
#include "core/authnotp.h"

#include <string.h>

#define BLANKS   " \t\r\n"
#define SKEW_MAX 20 /* steps: 10 minutes, as TwoFactorClockSkew at most */

/* The next word, copied; returns its length, 0 at the end or if too long. */
static size_t word(const char **at, char *out, size_t size)
{
    size_t len;

    *at += strspn(*at, BLANKS);
    len = strcspn(*at, BLANKS);
    if (len >= size) {
        return 0;
    }
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += len;
    return len;
}

static int digit_run(const char **at, unsigned *out)
{
    unsigned n = 0;
    int digits = 0;

    for (; **at >= '0' && **at <= '9' && digits < 4; (*at)++, digits++) {
        n = n * 10 + (unsigned)(**at - '0');
    }
    if (digits > 0) {
        *out = n;
    }
    return digits;
}

/* T, E, HOTP, HOTP/E/6, HOTP/T30/6, MOTP, MOTP/E */
static enum cp2fa_authnotp_result token_type(const char *type,
                                             struct cp2fa_totp *totp)
{
    *totp = (struct cp2fa_totp){CP2FA_TOTP_SHA1, 6, 30};
    if (strcmp(type, "T") == 0) {
        return CP2FA_AUTHNOTP_OK;
    }
    if (strcmp(type, "E") == 0 || strcmp(type, "HOTP") == 0
        || strncmp(type, "HOTP/E", 6) == 0) {
        return CP2FA_AUTHNOTP_COUNTER;
    }
    if (strncmp(type, "MOTP", 4) == 0) {
        return CP2FA_AUTHNOTP_UNSUPPORTED;
    }
    if (strncmp(type, "HOTP/T", 6) != 0) {
        return CP2FA_AUTHNOTP_MALFORMED;
    }
    type += 6;
    digit_run(&type, &totp->period);
    if (*type == '/') {
        type++;
        if (digit_run(&type, &totp->digits) == 0) {
            return CP2FA_AUTHNOTP_MALFORMED;
        }
    }
    if (*type != '\0') {
        return CP2FA_AUTHNOTP_MALFORMED;
    }
    return cp2fa_totp_supported(totp) ? CP2FA_AUTHNOTP_OK
                                      : CP2FA_AUTHNOTP_UNSUPPORTED;
}

static int64_t offset(const char *text)
{
    int64_t n = 0;
    int minus = text[0] == '-';

    text += minus;
    if (cp2fa_text_number(text, 0, SKEW_MAX, &n) != 0) {
        return 0; /* learned again */
    }
    return minus ? -n : n;
}

static int key(const char *hex, struct cp2fa_authnotp *out)
{
    char lower[2 * CP2FA_TOTP_SECRET_MAX + 1];
    size_t len = strlen(hex);
    int rv;

    if (len == 0 || len % 2 != 0 || len >= sizeof(lower)) {
        return -1;
    }
    memcpy(lower, hex, len + 1);
    cp2fa_text_fold_case(lower);
    out->len = len / 2;
    rv = cp2fa_bytes_from_hex(lower, len, out->secret, out->len);
    cp2fa_bytes_wipe(lower, sizeof(lower));
    return rv;
}

enum cp2fa_authnotp_result cp2fa_authnotp_parse(const char *line,
                                                struct cp2fa_authnotp *out)
{
    char text[CP2FA_NAME_MAX + 1];
    enum cp2fa_authnotp_result result;

    memset(out, 0, sizeof(*out));
    line += strspn(line, BLANKS);
    if (*line == '\0' || *line == '#') {
        return CP2FA_AUTHNOTP_BLANK;
    }
    if (word(&line, text, sizeof(text)) == 0) {
        return CP2FA_AUTHNOTP_MALFORMED;
    }
    result = token_type(text, &out->totp);
    if (word(&line, out->user, sizeof(out->user)) == 0
        || !cp2fa_text_is_user(out->user)
        || word(&line, text, sizeof(text)) == 0) {
        return CP2FA_AUTHNOTP_MALFORMED;
    }
    out->has_pin = strcmp(text, "-") != 0 && strcmp(text, "+") != 0;
    if (word(&line, text, sizeof(text)) == 0 || key(text, out) != 0) {
        result = CP2FA_AUTHNOTP_MALFORMED;
    }
    else if (result == CP2FA_AUTHNOTP_OK
             && word(&line, text, sizeof(text)) > 0) {
        out->skew = offset(text);
    }
    cp2fa_bytes_wipe(text, sizeof(text));
    return result;
}
