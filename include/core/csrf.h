/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_CSRF_H
#define CP2FA_CORE_CSRF_H

#include <stddef.h>

#include "core/keyring.h"
#include "core/token.h"

#define CP2FA_CSRF_TEXT 64 /* hex digits */

/**
 * The hidden field of every form: an HMAC that binds it to the session (by
 * the hash of its id), the realm and the user, so that it is worth nothing
 * in another session or another account. Returns 0, or -1.
 */
int cp2fa_csrf_make(const struct cp2fa_crypto *crypto,
                    const struct cp2fa_keyring *ring, const char *session,
                    const char *realm, const char *user,
                    char out[CP2FA_CSRF_TEXT + 1]) CP2FA_USE_RESULT;

/** Returns 1 if field is that value under any key of the ring, else 0. */
int cp2fa_csrf_check(const struct cp2fa_crypto *crypto,
                     const struct cp2fa_keyring *ring, const char *session,
                     const char *realm, const char *user, const char *field);

#endif
