/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_BYTES_H
#define CP2FA_CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* The core's answer to a call that can fail; 0 is success. */
#define CP2FA_USE_RESULT __attribute__((warn_unused_result))

/**
 * Overwrites n bytes so that the compiler can't leave it out. It can't reach
 * copies in registers, in pool memory already handed on, or in swap.
 */
void cp2fa_bytes_wipe(void *data, size_t n);

/** Returns 1 if n bytes are equal, 0 if not; the time depends on n alone. */
int cp2fa_bytes_equal(const void *a, const void *b, size_t n);

/** Writes n bytes as 2n lower-case hex digits and a NUL into out[2n + 1]. */
void cp2fa_bytes_to_hex(const uint8_t *data, size_t n, char *out);

/**
 * Reads exactly 2n lower-case hex digits. Upper case is refused, so that
 * one value has one spelling. Returns 0, or -1 for anything else.
 */
int cp2fa_bytes_from_hex(const char *hex, size_t len, uint8_t *out,
                         size_t n) CP2FA_USE_RESULT;

/** The length of a binary value in base64, padded, without the NUL. */
#define CP2FA_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/** Writes n bytes as base64 (RFC 4648 4) and a NUL; out holds BASE64_LEN + 1. */
void cp2fa_bytes_to_base64(const uint8_t *data, size_t n, char *out);

/**
 * Reads len characters of padded base64 without blanks into out[size].
 * Returns the number of bytes, or -1 if malformed or too long.
 */
int cp2fa_bytes_from_base64(const char *text, size_t len, uint8_t *out,
                            size_t size) CP2FA_USE_RESULT;

#endif
