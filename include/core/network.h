/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_NETWORK_H
#define CP2FA_CORE_NETWORK_H

#define CP2FA_NETWORK_MAX 64 /* with the NUL */

/**
 * Whom an address stands for: an IPv4 address for itself; an IPv6 address for
 * its /64, which one customer has the whole of; one that maps IPv4 for that.
 * Text that is no address stands for itself, cut.
 */
void cp2fa_network_of(const char *address, char out[CP2FA_NETWORK_MAX]);

#endif
