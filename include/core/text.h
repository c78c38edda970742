/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_TEXT_H
#define CP2FA_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

#define CP2FA_NAME_MAX 255 /* bytes of a user, a realm, a device's name */

/** Returns 1 if text is well-formed UTF-8 (RFC 3629) without a NUL. */
int cp2fa_text_is_utf8(const char *text, size_t len);

/** Returns 1 if text can name an account: 1 to 255 bytes of UTF-8 without
 * control characters. */
int cp2fa_text_is_name(const char *text);

/** The same for a user's name, and no blank at an end or beside another: a
 * directory that ignores those would have two names for one account. */
int cp2fa_text_is_user(const char *text);

/** Makes A-Z a-z in place; other letters stay as they are. */
void cp2fa_text_fold_case(char *text);

/**
 * Reads a duration as httpd.conf has it: a whole number and s, m or min, h
 * or d (a bare number is seconds). Returns 0, or -1 if malformed or more
 * than 10 years.
 */
int cp2fa_text_duration(const char *text, int64_t *seconds) CP2FA_USE_RESULT;

/** Reads a whole decimal number from min to max. Returns 0 or -1. */
int cp2fa_text_number(const char *text, int64_t min, int64_t max,
                      int64_t *out) CP2FA_USE_RESULT;

#endif
