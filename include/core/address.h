/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_ADDRESS_H
#define CP2FA_CORE_ADDRESS_H

#define CP2FA_ADDRESS_MAX 254 /* bytes: RFC 5321 4.5.3.1.3, less the < > */

/**
 * Says whether text is a mail address that can go into a header, an SMTP
 * command and a program's arguments as it is: a dot-atom of ASCII letters,
 * digits and a few signs, an @, and a host name. Narrower than RFC 5321 on
 * purpose: no quoted local parts, no comments, no routes, no address
 * literals. Returns 1 or 0.
 */
int cp2fa_address_valid(const char *text);

/** What stands behind the @ of a valid address. */
const char *cp2fa_address_domain(const char *address);

#endif
