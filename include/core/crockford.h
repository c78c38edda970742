/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_CROCKFORD_H
#define CP2FA_CORE_CROCKFORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* Secrets that people read, type and paste: Crockford's base32, which has no
 * letter that looks like a digit, in groups of five. */

/** Characters of n bytes, without and with the dashes between the groups. */
#define CP2FA_CROCKFORD_CHARS(n) (((n)*8 + 4) / 5)
#define CP2FA_CROCKFORD_LEN(n)                                                 \
    (CP2FA_CROCKFORD_CHARS(n) + (CP2FA_CROCKFORD_CHARS(n) - 1) / 5)

/** Writes n bytes, at least one, in groups, and a NUL; out holds
 * CROCKFORD_LEN(n) + 1. */
void cp2fa_crockford_encode(const uint8_t *data, size_t n, char *out);

/**
 * Reads exactly n bytes as people type them: either case, O for 0, I and L
 * for 1, blanks and dashes anywhere. Returns 0, or -1 for anything else.
 */
int cp2fa_crockford_decode(const char *text, size_t len, uint8_t *out,
                           size_t n) CP2FA_USE_RESULT;

#endif
