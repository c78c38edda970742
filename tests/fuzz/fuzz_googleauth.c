/* SPDX-License-Identifier: Apache-2.0 */
/* What was read of a file is usable as a device, and the first line alone is
 * the secret. */
#include "fuzz.h"

#include "core/base32.h"
#include "core/googleauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp2fa_googleauth out;
    const char *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t first = end ? (size_t)(end - (const char *)data) : size;
    uint8_t secret[CP2FA_TOTP_SECRET_MAX];

    if (cp2fa_googleauth_parse((const char *)data, size, &out)
        == CP2FA_GOOGLEAUTH_MALFORMED) {
        return 0;
    }
    if (first > 0 && data[first - 1] == '\r') {
        first--;
    }
    CHECK(out.len > 0 && out.len <= sizeof(out.secret));
    CHECK(cp2fa_base32_decode((const char *)data, first, secret,
                              sizeof(secret))
          == (int)out.len);
    CHECK(memcmp(secret, out.secret, out.len) == 0);
    CHECK(out.totp.period >= 1 && out.totp.period <= 300);
    CHECK(out.last_step >= -1 && out.scratch_codes >= 0);
    return 0;
}
