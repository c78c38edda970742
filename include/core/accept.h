/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_ACCEPT_H
#define CP2FA_CORE_ACCEPT_H

/**
 * Says whether an Accept header (RFC 9110 section 12.5.1) names a media type
 * itself, not by a wildcard, and with a weight above 0. Returns 1 or 0.
 */
int cp2fa_accept_names(const char *accept, const char *type);

#endif
