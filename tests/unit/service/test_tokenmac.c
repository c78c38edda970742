/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/tokenmac.h"

static const uint8_t token[] = {1, 2, 3, 4};

static void made(struct world *world, const char *key, const char *purpose,
                 const char *account, size_t len,
                 char out[CP2FA_TOKENMAC_TEXT])
{
    assert_int_equal(cp2fa_tokenmac_make(&world->service, key, purpose,
                                         account, token, len, out), 0);
}

static void it_names_its_key_and_is_a_mac_in_hex(void **state)
{
    char mac[CP2FA_TOKENMAC_TEXT];

    made(*state, "k1", "recovery", "a", 4, mac);
    assert_int_equal(strlen(mac), 2 + 1 + 64);
    assert_memory_equal(mac, "k1:", 3);
    assert_int_equal(strspn(mac + 3, "0123456789abcdef"), 64);
}

static void the_same_token_gives_the_same_text_again(void **state)
{
    char one[CP2FA_TOKENMAC_TEXT];
    char two[CP2FA_TOKENMAC_TEXT];

    made(*state, "k1", "recovery", "a", 4, one);
    made(*state, "k1", "recovery", "a", 4, two);
    assert_string_equal(one, two);
}

static void key_purpose_account_and_every_byte_count(void **state)
{
    static const struct {
        const char *key;
        const char *purpose;
        const char *account;
        size_t len;
    } rows[] = {{"k1", "recovery", "a", 4}, {"k2", "recovery", "a", 4},
                {"k1", "bypass", "a", 4},   {"k1", "recovery", "b", 4},
                {"k1", "recovery", "a", 3}, {"k1", "recoverya", "", 4}};
    char macs[COUNT(rows)][CP2FA_TOKENMAC_TEXT];

    for (size_t i = 0; i < COUNT(rows); i++) {
        made(*state, rows[i].key, rows[i].purpose, rows[i].account,
             rows[i].len, macs[i]);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(macs[i] + 3, macs[other] + 3);
        }
    }
}

static void a_key_that_is_not_there_makes_none(void **state)
{
    struct world *world = *state;
    char mac[CP2FA_TOKENMAC_TEXT];

    assert_int_equal(cp2fa_tokenmac_make(&world->service, "k3", "recovery",
                                         "a", token, 4, mac), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(it_names_its_key_and_is_a_mac_in_hex),
        TEST_WORLD(the_same_token_gives_the_same_text_again),
        TEST_WORLD(key_purpose_account_and_every_byte_count),
        TEST_WORLD(a_key_that_is_not_there_makes_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
