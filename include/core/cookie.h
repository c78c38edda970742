/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_COOKIE_H
#define CP2FA_CORE_COOKIE_H

#include <stddef.h>

/* Between the name of the session cookie and what tells a realm's apart; no
 * TwoFactorPath and no TwoFactorCookieName has it. */
#define CP2FA_COOKIE_REALM '+'

/**
 * Looks for a cookie in a Cookie header (RFC 6265 section 4.2). The name is
 * compared with its case: "__host-x" is another cookie. Returns how many
 * there are of it, with the first one's value, not NUL-terminated, in *value
 * and *len; more than one means that somebody tossed one in.
 */
unsigned cp2fa_cookie_find(const char *header, const char *name,
                           const char **value, size_t *len);

/**
 * Takes every cookie of that name out of a Cookie header, in place. The
 * others stay as they were, in their order. One that follows a comma goes, too:
 * httpd joins two fields so. It is not found there: a sibling could have put
 * it into the value of a cookie of its own.
 */
void cp2fa_cookie_remove(char *header, const char *name);

/** Takes out the cookies of other realms: their names begin with this one and
 * CP2FA_COOKIE_REALM. */
void cp2fa_cookie_remove_realms(char *header, const char *name);

#endif
