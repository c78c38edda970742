/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/network.h"

static void an_address_stands_for_whom_it_was_given_to(void **state)
{
    static const struct {
        const char *address;
        const char *network;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:DB8:1:2::", "2001:db8:1:2::/64"},
        {"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"::1", "::/64"},
        {"", ""},
        {"no address", "no address"},
        {"fe80::1%eth0", "fe80::1%eth0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char out[CP2FA_NETWORK_MAX];

        cp2fa_network_of(rows[i].address, out);
        assert_string_equal(out, rows[i].network);
    }
}

static void text_of_any_length_is_cut(void **state)
{
    char text[1000];
    char out[CP2FA_NETWORK_MAX];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cp2fa_network_of(text, out);
    assert_int_equal(strlen(out), CP2FA_NETWORK_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_stands_for_whom_it_was_given_to),
        cmocka_unit_test(text_of_any_length_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
