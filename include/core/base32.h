/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_BASE32_H
#define CP2FA_CORE_BASE32_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/** The length of n bytes in base32 without padding, without the NUL. */
#define CP2FA_BASE32_LEN(n) (((n)*8 + 4) / 5)

/**
 * Writes n bytes as upper-case base32 (RFC 4648 6) without padding, as
 * authenticator apps expect, and a NUL; out holds BASE32_LEN(n) + 1.
 */
void cp2fa_base32_encode(const uint8_t *data, size_t n, char *out);

/**
 * Reads base32 in either case, blanks, dashes and trailing padding ignored,
 * as people copy it. Returns the number of bytes, or -1 if it is malformed,
 * has stray bits, or needs more than size bytes.
 */
int cp2fa_base32_decode(const char *text, size_t len, uint8_t *out,
                        size_t size) CP2FA_USE_RESULT;

#endif
