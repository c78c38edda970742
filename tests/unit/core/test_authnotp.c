/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/authnotp.h"

#define KEY "ef654fccdef654fccc4a4d8acbd18db4cc2f85ce"

/* a line of its users.sample */
static void a_time_token_is_read_with_its_offset(void **state)
{
    struct cp2fa_authnotp out;

    (void)state;
    assert_int_equal(cp2fa_authnotp_parse("T joe           999999  " KEY
                                          " -2      883913  "
                                          "2009-06-04T21:17:03Z", &out),
                     CP2FA_AUTHNOTP_OK);
    assert_string_equal(out.user, "joe");
    assert_int_equal(out.has_pin, 1);
    assert_int_equal(out.len, 20);
    assert_int_equal(out.secret[0], 0xef);
    assert_int_equal(out.skew, -2);
    assert_int_equal(out.totp.period, 30);
}

static void a_type_has_interval_and_digits(void **state)
{
    static const struct {
        const char *type;
        enum cp2fa_authnotp_result result;
        unsigned period;
        unsigned digits;
    } types[] = {
        {"HOTP/T30", CP2FA_AUTHNOTP_OK, 30, 6},
        {"HOTP/T60/8", CP2FA_AUTHNOTP_OK, 60, 8},
        {"HOTP/T", CP2FA_AUTHNOTP_OK, 30, 6},
        {"HOTP/T60/5", CP2FA_AUTHNOTP_UNSUPPORTED, 60, 5},
        {"HOTP/T1", CP2FA_AUTHNOTP_UNSUPPORTED, 1, 6},
        {"HOTP/T30/", CP2FA_AUTHNOTP_MALFORMED, 30, 6},
        {"HOTP/T30/6x", CP2FA_AUTHNOTP_MALFORMED, 30, 6},
        {"HOTP/E/6", CP2FA_AUTHNOTP_COUNTER, 30, 6},
        {"HOTP", CP2FA_AUTHNOTP_COUNTER, 30, 6},
        {"E", CP2FA_AUTHNOTP_COUNTER, 30, 6},
        {"MOTP/E", CP2FA_AUTHNOTP_UNSUPPORTED, 30, 6},
        {"X", CP2FA_AUTHNOTP_MALFORMED, 30, 6},
    };
    struct cp2fa_authnotp out;

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        char line[128];

        strcat(strcpy(line, types[i].type), " betty - EF654FCCDEF654FCCC4A");
        assert_int_equal(cp2fa_authnotp_parse(line, &out), types[i].result);
        assert_int_equal(out.totp.period, types[i].period);
        assert_int_equal(out.totp.digits, types[i].digits);
        assert_int_equal(out.has_pin, 0);
        assert_int_equal(out.len, 10);
    }
}

static void what_is_no_such_line_is_refused(void **state)
{
    static const char *const bad[] = {
        "T", "T joe", "T joe -", "T joe - xyz", "T joe - abc", "T joe - ",
        "nonsense", "T j\001e - " KEY,
        "T joe - " KEY KEY KEY KEY, /* longer than we have room for */
    };
    struct cp2fa_authnotp out;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(cp2fa_authnotp_parse(bad[i], &out),
                         CP2FA_AUTHNOTP_MALFORMED);
    }
    assert_int_equal(cp2fa_authnotp_parse("", &out), CP2FA_AUTHNOTP_BLANK);
    assert_int_equal(cp2fa_authnotp_parse(" # x", &out), CP2FA_AUTHNOTP_BLANK);
    assert_int_equal(cp2fa_authnotp_parse("T a - " KEY " 4711", &out),
                     CP2FA_AUTHNOTP_OK);
    assert_int_equal(out.skew, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_token_is_read_with_its_offset),
        cmocka_unit_test(a_type_has_interval_and_digits),
        cmocka_unit_test(what_is_no_such_line_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
