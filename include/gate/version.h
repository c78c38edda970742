/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_VERSION_H
#define CP2FA_GATE_VERSION_H

#include <stdatomic.h>
#include <stdint.h>

/**
 * A moment in the life of the sessions that share a number, in memory of all
 * children: it goes up whenever one of them is written or removed. So who has
 * read a session and kept it knows that the cache would say the same again.
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

#endif
