/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_CROCKFORD_H
#define CP2FA_CORE_CROCKFORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* Crockford's base32, for codes that people copy by hand: no I, L, O or U,
 * and in groups of five. */

/** How many digits n bytes take, and with a dash between the groups. */
#define CP2FA_CROCKFORD_DIGITS(n) (((n)*8 + 4) / 5)
#define CP2FA_CROCKFORD_LEN(n)                                                 \
    (CP2FA_CROCKFORD_DIGITS(n) + (CP2FA_CROCKFORD_DIGITS(n) - 1) / 5)

/** Writes n bytes (at least one) and a NUL; out holds CROCKFORD_LEN(n) + 1. */
void cp2fa_crockford_encode(const uint8_t *data, size_t n, char *out);

/**
 * Reads exactly n bytes as people type them: either case, O for 0, I and L
 * for 1, blanks and dashes anywhere. Returns 0, or -1 if it is malformed, of
 * another length, or has stray bits; the caller wipes out in any case.
 */
int cp2fa_crockford_decode(const char *text, size_t len, uint8_t *out,
                           size_t n) CP2FA_USE_RESULT;

#endif
