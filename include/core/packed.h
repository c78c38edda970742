/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_PACKED_H
#define CP2FA_CORE_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/* Times and texts in one run of bytes, as a cache keeps them that machines of
 * another make or another version may share: two letters that name the form,
 * each time in eight bytes, the least first, each text with its NUL. */

#define CP2FA_PACKED_TIMES 4
#define CP2FA_PACKED_TEXTS 4

struct cp2fa_packed {
    int64_t times[CP2FA_PACKED_TIMES]; /* 0 to CP2FA_PACKED_TIME_MAX */
    const char *texts[CP2FA_PACKED_TEXTS];
};

#define CP2FA_PACKED_TIME_MAX (INT64_MAX / 2)

/** Writes it to out. Returns the length, or 0 if it needs more than size. */
size_t cp2fa_packed_write(const struct cp2fa_packed *from, char *out,
                          size_t size) CP2FA_USE_RESULT;

/** Reads what was written, to the last byte: 0, or -1 for anything else. The
 * texts are those in bytes. */
int cp2fa_packed_read(const char *bytes, size_t len,
                      struct cp2fa_packed *to) CP2FA_USE_RESULT;

#endif
