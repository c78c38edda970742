/* SPDX-License-Identifier: Apache-2.0 */
/* What is read is what would be written, to the last byte. */
#include "fuzz.h"

#include "core/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp2fa_packed packed;
    char *bytes = fuzz_alloc(size);
    char *again = fuzz_alloc(size);

    memcpy(bytes, data, size);
    if (cp2fa_packed_read(bytes, size, &packed) == 0) {
        for (size_t i = 0; i < CP2FA_PACKED_TIMES; i++) {
            CHECK(packed.times[i] >= 0);
        }
        CHECK(cp2fa_packed_write(&packed, again, size) == size);
        CHECK(memcmp(again, bytes, size) == 0);
        CHECK(cp2fa_packed_write(&packed, again, size - 1) == 0);
    }
    free(again);
    free(bytes);
    return 0;
}
