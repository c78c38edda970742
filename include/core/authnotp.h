/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_AUTHNOTP_H
#define CP2FA_CORE_AUTHNOTP_H

#include "core/text.h"
#include "core/totp.h"

/** A user of mod_authn_otp. Secret: the caller wipes it. */
struct cp2fa_authnotp {
    char user[CP2FA_NAME_MAX + 1];
    struct cp2fa_totp totp;
    uint8_t secret[CP2FA_TOTP_SECRET_MAX];
    size_t len;
    int64_t skew; /* steps that the device's clock is ahead */
    int has_pin;  /* which the password replaces */
};

enum cp2fa_authnotp_result {
    CP2FA_AUTHNOTP_OK,
    CP2FA_AUTHNOTP_BLANK, /* or a comment */
    CP2FA_AUTHNOTP_MALFORMED,
    CP2FA_AUTHNOTP_COUNTER,     /* a HOTP event token; *out has the user */
    CP2FA_AUTHNOTP_UNSUPPORTED, /* mOTP, or digits or times we do not have */
};

/**
 * Reads a line of mod_authn_otp's users file: token type (T or HOTP/T30/6 for
 * time, E or HOTP/E for events, MOTP), user, PIN or - or +, key in hex, and
 * perhaps the clock's offset; the rest is of no interest.
 */
enum cp2fa_authnotp_result cp2fa_authnotp_parse(
    const char *line, struct cp2fa_authnotp *out) CP2FA_USE_RESULT;

#endif
