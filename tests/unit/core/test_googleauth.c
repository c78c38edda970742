/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/googleauth.h"

static enum cp2fa_googleauth_result parse(const char *text,
                                          struct cp2fa_googleauth *out)
{
    char *file = exact_copy(text, strlen(text)); /* no NUL behind it */
    enum cp2fa_googleauth_result result =
        cp2fa_googleauth_parse(file, strlen(text), out);

    free(file);
    return result;
}

/* as google-authenticator 20191231 of Debian writes it */
static void a_file_of_the_program_is_read(void **state)
{
    struct cp2fa_googleauth out;

    (void)state;
    assert_int_equal(parse("WTQGFUUC5M6GCIBHHKRNZLSCFU\n"
                           "\" RATE_LIMIT 3 30 1600000000\n"
                           "\" WINDOW_SIZE 3\n"
                           "\" DISALLOW_REUSE 53333333 53333335 53333334\n"
                           "\" TOTP_AUTH\n"
                           "65236022\n46418024\n", &out), CP2FA_GOOGLEAUTH_OK);
    assert_int_equal(out.len, 16);
    assert_int_equal(out.secret[0], 0xb4);
    assert_int_equal(out.totp.period, 30);
    assert_int_equal(out.totp.digits, 6);
    assert_int_equal(out.last_step, 53333335);
    assert_int_equal(out.scratch_codes, 2);
}

static void its_period_is_the_device_s(void **state)
{
    struct cp2fa_googleauth out;

    (void)state;
    assert_int_equal(parse("GEZDGNBVGY3TQOJQ\r\n\" STEP_SIZE 60\r\n"
                           "\" TOTP_AUTH\r\n", &out), CP2FA_GOOGLEAUTH_OK);
    assert_int_equal(out.len, 10);
    assert_int_equal(out.totp.period, 60);
    assert_int_equal(out.last_step, -1);
}

static void what_is_no_such_file_is_refused(void **state)
{
    struct cp2fa_googleauth out;

    (void)state;
    assert_int_equal(parse("GEZDGNBVGY3TQOJQ\n\" HOTP_COUNTER 1\n", &out),
                     CP2FA_GOOGLEAUTH_COUNTER);
    assert_int_equal(parse("", &out), CP2FA_GOOGLEAUTH_MALFORMED);
    assert_int_equal(parse("\nGEZDGNBVGY3TQOJQ\n", &out),
                     CP2FA_GOOGLEAUTH_MALFORMED);
    assert_int_equal(parse("root:x:0:0\n", &out), CP2FA_GOOGLEAUTH_MALFORMED);
    assert_int_equal(parse("GEZDGNBVGY3TQOJQ\n\" STEP_SIZE 9999\n", &out),
                     CP2FA_GOOGLEAUTH_MALFORMED);
    assert_int_equal(parse("GEZDGNBVGY3TQOJQ\n\" DISALLOW_REUSE 1 x\n", &out),
                     CP2FA_GOOGLEAUTH_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_the_program_is_read),
        cmocka_unit_test(its_period_is_the_device_s),
        cmocka_unit_test(what_is_no_such_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
