/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/address.h"

static void plain_addresses_are_taken(void **state)
{
    static const char *const good[] = {
        "a@b", "alice@localhost", "alice@example.org", "a.b-c_d+e=f@x-y.example",
        "o'brien@example.org", "0@1.example", "a&b#c!d*e~f@example.org",
        "A@EXAMPLE.ORG", "x@xn--exmple-cua.org",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(cp2fa_address_valid(good[i]), 1);
    }
    assert_string_equal(cp2fa_address_domain("a@b.example"), "b.example");
}

/* MAIL-09 */
static void anything_that_could_be_more_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "@",
        "a",
        "a@",
        "@b",
        "a@b@c",
        "a@b\nBcc: c@d",
        "a@b\r",
        "\ra@b",
        "a\n@b",
        "a b@c",
        " a@b",
        "a@b ",
        "a@b\t",
        "a@b\x7f",
        "\"a b\"@c",
        "\"a\"@c",
        "a@\"b\"",
        "(x)a@b",
        "<a@b>",
        "a@b>",
        "a@b,c@d",
        "a@b;c@d",
        "a@[127.0.0.1]",
        "a@b:c",
        "a@b/c",
        "a/b@c",
        "a|b@c",
        "a\\b@c",
        "a`b@c",
        "a$b@c",
        "a{b@c",
        "a%b@c",
        "a^b@c",
        "a?b@c",
        "-a@b",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a@.b",
        "a@b.",
        "a@b..c",
        "a@-b",
        "a@b-",
        "a@b-.c",
        "a@b_c",
        "\xc3\xa4@b",
        "a@\xc3\xa4",
        "\xff@b",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (cp2fa_address_valid(bad[i])) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}

static void lengths_are_those_of_the_standards(void **state)
{
    char text[400];

    (void)state;
    memset(text, 'a', sizeof(text));
    strcpy(text + 64, "@b");
    assert_int_equal(cp2fa_address_valid(text), 1);
    memset(text, 'a', 65);
    strcpy(text + 65, "@b");
    assert_int_equal(cp2fa_address_valid(text), 0);
    strcpy(text, "a@");
    memset(text + 2, 'b', 63);
    strcpy(text + 65, ".c");
    assert_int_equal(cp2fa_address_valid(text), 1);
    memset(text + 2, 'b', 64);
    strcpy(text + 66, ".c");
    assert_int_equal(cp2fa_address_valid(text), 0);
    for (size_t n = CP2FA_ADDRESS_MAX; n <= CP2FA_ADDRESS_MAX + 1; n++) {
        for (size_t i = 0; i < n; i++) {
            text[i] = i == 1 ? '@' : i > 1 && i % 3 == 0 ? '.' : 'a';
        }
        text[n - 1] = 'a';
        text[n] = '\0';
        assert_int_equal(cp2fa_address_valid(text), n == CP2FA_ADDRESS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_addresses_are_taken),
        cmocka_unit_test(anything_that_could_be_more_is_refused),
        cmocka_unit_test(lengths_are_those_of_the_standards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
