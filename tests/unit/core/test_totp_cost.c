/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/totp.h"

/* The whole window, so many times: tests/e2e/test_instructions.py runs this
 * under callgrind and counts. */
#define TIMES  10
#define WINDOW 13

static void the_whole_window_is_computed_each_time(void **state)
{
    static const struct cp2fa_totp usual = {CP2FA_TOTP_SHA1, 6, 30};
    static const uint8_t secret[20] = "12345678901234567890";
    char token[CP2FA_TOTP_DIGITS_MAX + 1];

    for (int i = 0; i < TIMES; i++) {
        uint64_t matches;

        assert_int_equal(cp2fa_totp_code(*state, &usual, secret,
                                         sizeof(secret), 59000000 + i, token),
                         0);
        assert_int_equal(cp2fa_totp_match(*state, &usual, secret,
                                          sizeof(secret), 59000000, WINDOW,
                                          token, &matches), 0);
        assert_int_equal(matches, UINT64_C(1) << i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_window_is_computed_each_time),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
