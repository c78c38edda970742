/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_OTPAUTH_H
#define CP2FA_CORE_OTPAUTH_H

#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "core/totp.h"

/* Issuer and account of 255 bytes each, three characters a byte, issuer
 * twice, and the parameters. */
#define CP2FA_OTPAUTH_MAX 2560

/**
 * Writes the Key URI of an authenticator's secret: otpauth://totp/
 * Issuer:account?secret=…&issuer=…&algorithm=…&digits=…&period=…, with
 * everything but RFC 3986 "unreserved" percent-encoded.
 * Source: the Key URI format of the Google Authenticator project.
 * Returns 0, or -1 if it does not fit into size.
 */
int cp2fa_otpauth_uri(const struct cp2fa_totp *totp, const char *issuer,
                      const char *account, const uint8_t *secret, size_t len,
                      char *out, size_t size) CP2FA_USE_RESULT;

/** What a Key URI says. Secret: the caller wipes it. */
struct cp2fa_otpauth {
    char issuer[CP2FA_NAME_MAX + 1]; /* or "" */
    char account[CP2FA_NAME_MAX + 1];
    struct cp2fa_totp totp;
    uint8_t secret[CP2FA_TOTP_SECRET_MAX];
    size_t len;
};

enum cp2fa_otpauth_result {
    CP2FA_OTPAUTH_OK,
    CP2FA_OTPAUTH_MALFORMED,
    CP2FA_OTPAUTH_COUNTER,     /* otpauth://hotp/ */
    CP2FA_OTPAUTH_UNSUPPORTED, /* digits, period or algorithm */
};

/** Reads a Key URI. The issuer parameter wins over the label's; parameters
 * that are not known are skipped. */
enum cp2fa_otpauth_result cp2fa_otpauth_parse(
    const char *uri, struct cp2fa_otpauth *out) CP2FA_USE_RESULT;

#endif
