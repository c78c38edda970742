/* SPDX-License-Identifier: Apache-2.0 */
/* A user that was read can be an account, and its device is supported. */
#include "fuzz.h"

#include "core/authnotp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = fuzz_text(data, size);
    struct cp2fa_authnotp out;
    enum cp2fa_authnotp_result result = cp2fa_authnotp_parse(line, &out);

    if (result == CP2FA_AUTHNOTP_OK) {
        CHECK(cp2fa_text_is_user(out.user) && strstr(line, out.user));
        CHECK(!strpbrk(out.user, " \t\r\n"));
        CHECK(out.len > 0 && out.len <= sizeof(out.secret));
        CHECK(cp2fa_totp_supported(&out.totp));
        CHECK(out.skew >= -20 && out.skew <= 20);
    }
    if (result == CP2FA_AUTHNOTP_BLANK) {
        CHECK(out.user[0] == '\0' && out.len == 0);
    }
    free(line);
    return 0;
}
