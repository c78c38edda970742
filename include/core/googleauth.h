/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_GOOGLEAUTH_H
#define CP2FA_CORE_GOOGLEAUTH_H

#include "core/totp.h"

/** What a file of libpam-google-authenticator says. Secret: the caller wipes
 * it. */
struct cp2fa_googleauth {
    struct cp2fa_totp totp;
    uint8_t secret[CP2FA_TOTP_SECRET_MAX];
    size_t len;
    int64_t last_step; /* the last one used, or -1 */
    int scratch_codes; /* of 8 digits: too few bits to be taken along */
};

enum cp2fa_googleauth_result {
    CP2FA_GOOGLEAUTH_OK,
    CP2FA_GOOGLEAUTH_MALFORMED,
    CP2FA_GOOGLEAUTH_COUNTER, /* HOTP: codes by a counter */
};

/** Reads the text of a ~/.google_authenticator: the secret in base32, lines
 * of options (`" TOTP_AUTH`), scratch codes. */
enum cp2fa_googleauth_result cp2fa_googleauth_parse(
    const char *text, size_t len,
    struct cp2fa_googleauth *out) CP2FA_USE_RESULT;

#endif
