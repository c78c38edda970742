/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_APPTOKEN_H
#define CP2FA_CORE_APPTOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* Application tokens: what a program shows in the place of both factors. As
 * text, "cp2fa_", the id of its row, its secret, and a checksum, in hex: a
 * scanner of sources knows one by its beginning, and what was mistyped or cut
 * costs no question to the database. */
#define CP2FA_APPTOKEN_PREFIX "cp2fa_"
#define CP2FA_APPTOKEN_ID     16 /* bytes; of the row, no secret */
#define CP2FA_APPTOKEN_SECRET 16 /* bytes, random */
#define CP2FA_APPTOKEN_BYTES  (CP2FA_APPTOKEN_ID + CP2FA_APPTOKEN_SECRET)
#define CP2FA_APPTOKEN_TEXT   (6 + 2 * (CP2FA_APPTOKEN_BYTES + 4))
#define CP2FA_APPTOKEN_PATH   255 /* bytes of the path it is limited to */

/** Returns 1 for what begins as one does. No directory may see that as a
 * password, even if there is something wrong with it. */
int cp2fa_apptoken_looks_like(const char *text);

/** The token as text, of the id (in bytes) and the secret, with a NUL. */
void cp2fa_apptoken_format(const uint8_t bytes[CP2FA_APPTOKEN_BYTES],
                           char out[CP2FA_APPTOKEN_TEXT + 1]);

/** Reads it: 0 with the id and the secret, or -1 if it can't be one. */
int cp2fa_apptoken_parse(const char *text,
                         uint8_t bytes[CP2FA_APPTOKEN_BYTES]) CP2FA_USE_RESULT;

/**
 * Reads the path that a token is to be limited to, as a person types it:
 * decoded, without a query, from a slash on; "" is "/". A slash at its end
 * goes. Returns 0, or -1 for anything that has two readings: dot segments,
 * empty ones, escapes, backslashes, control characters.
 */
int cp2fa_apptoken_read_path(
    const char *typed, char out[CP2FA_APPTOKEN_PATH + 1]) CP2FA_USE_RESULT;

/**
 * Whether a path covers an address, decoded and normalised as r->uri is: the
 * very same, or below it; "/repo" doesn't cover "/repository". An address that
 * an application behind could read as one elsewhere ("..;", "%2e") is covered
 * by "/" alone. Returns 1 or 0.
 */
int cp2fa_apptoken_covers(const char *path, const char *uri);

#endif
