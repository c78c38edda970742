/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_TOTP_H
#define CP2FA_CORE_TOTP_H

#include <stddef.h>
#include <stdint.h>

#include "core/crypto.h"

#define CP2FA_TOTP_SECRET_LEN 20 /* bytes of a new secret, RFC 4226 R6 */
#define CP2FA_TOTP_SECRET_MAX 64 /* bytes of an imported one */
#define CP2FA_TOTP_DIGITS_MAX 8
#define CP2FA_TOTP_WINDOW_MAX 63 /* codes that one match can look at */

enum cp2fa_totp_alg { CP2FA_TOTP_SHA1, CP2FA_TOTP_SHA256, CP2FA_TOTP_SHA512 };

/** What an authenticator was enrolled with (RFC 6238 section 4). */
struct cp2fa_totp {
    enum cp2fa_totp_alg alg;
    unsigned digits; /* 6 to 8 */
    unsigned period; /* seconds, 20 to 300 */
};

/** The algorithm's name in an otpauth URI: SHA1, SHA256 or SHA512. */
const char *cp2fa_totp_alg_name(enum cp2fa_totp_alg alg);

/** Finds an algorithm by that name. Returns 0, or -1 if there is none. */
int cp2fa_totp_alg_find(const char *name,
                        enum cp2fa_totp_alg *alg) CP2FA_USE_RESULT;

/** Returns 1 if digits and period are within what this module supports. */
int cp2fa_totp_supported(const struct cp2fa_totp *totp);

/** The time step of a Unix time in seconds. */
int64_t cp2fa_totp_step(const struct cp2fa_totp *totp, int64_t seconds);

/**
 * Reads a token as people type it: ASCII blanks and dashes are dropped, the
 * rest must be exactly as many digits as the device shows. Returns 0 with
 * the digits and a NUL in out, or -1.
 */
int cp2fa_totp_normalise(const struct cp2fa_totp *totp, const char *typed,
                         size_t len,
                         char out[CP2FA_TOTP_DIGITS_MAX + 1]) CP2FA_USE_RESULT;

/** The code of one step, with a NUL. Returns 0, or -1 if libcrypto fails. */
int cp2fa_totp_code(const struct cp2fa_crypto *crypto,
                    const struct cp2fa_totp *totp, const uint8_t *secret,
                    size_t len, int64_t step,
                    char out[CP2FA_TOTP_DIGITS_MAX + 1]) CP2FA_USE_RESULT;

/**
 * Compares a normalised token with the codes of count steps from first on.
 * All of them are computed and compared in constant time, whatever matches.
 * Bit i of *matches says that step first + i has this code (two steps can
 * have the same one). Returns 0, or -1 if libcrypto fails.
 */
int cp2fa_totp_match(const struct cp2fa_crypto *crypto,
                     const struct cp2fa_totp *totp, const uint8_t *secret,
                     size_t len, int64_t first, unsigned count,
                     const char *token, uint64_t *matches) CP2FA_USE_RESULT;

#endif
