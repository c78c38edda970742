/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_VERSION_H
#define CP2FA_GATE_VERSION_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/bytes.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "numbers of several processes");

#define CP2FA_VERSIONS 16384 /* a power of two */

/**
 * A moment in the life of the sessions that share a number, in memory of all
 * children: it goes up whenever one of them is written or removed. So who has
 * read a session and kept it knows that nobody has done so since.
 */
struct cp2fa_version {
    const _Atomic uint32_t *at; /* NULL: none, nothing may be kept */
    uint32_t number;
};

/** Whether nothing was written since: 1 or 0. */
static inline int cp2fa_version_stands(const struct cp2fa_version *version)
{
    return version->at && atomic_load(version->at) == version->number;
}

/** Which number is that of a session's hash: below CP2FA_VERSIONS, or -1 for
 * what is none. */
static inline int cp2fa_version_of(const char *hash)
{
    uint8_t first[2];

    return cp2fa_bytes_from_hex(hash, 4, first, sizeof(first)) == 0
               ? (first[0] | first[1] << 8) & (CP2FA_VERSIONS - 1)
               : -1;
}

#endif
