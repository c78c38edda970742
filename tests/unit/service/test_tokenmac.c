/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "service/tokenmac.h"

static const uint8_t bytes[16] = "sixteen bytes...";

static void make(const char *key, const char *purpose, const char *account,
                 size_t len, char out[CP2FA_TOKENMAC_TEXT + 1])
{
    assert_int_equal(cp2fa_tokenmac_make(&world.service, key, purpose, account,
                                         bytes, len, out),
                     0);
}

static void it_names_its_key_and_is_the_same_each_time(void **state)
{
    char one[CP2FA_TOKENMAC_TEXT + 1];
    char two[CP2FA_TOKENMAC_TEXT + 1];

    (void)state;
    make(NULL, "bypass", "a", 16, one);
    make("k1", "bypass", "a", 16, two);
    assert_string_equal(one, two);
    assert_memory_equal(one, "k1:", 3);
    assert_int_equal(strlen(one), 3 + 64);
}

static void another_key_purpose_account_or_token_is_another(void **state)
{
    char first[CP2FA_TOKENMAC_TEXT + 1];
    char other[CP2FA_TOKENMAC_TEXT + 1];

    (void)state;
    make("k1", "bypass", "a", 16, first);
    make("k2", "bypass", "a", 16, other);
    assert_string_not_equal(first + 3, other + 3);
    make("k1", "email", "a", 16, other);
    assert_string_not_equal(first, other);
    make("k1", "bypass", "b", 16, other);
    assert_string_not_equal(first, other);
    make("k1", "bypass", "a", 15, other);
    assert_string_not_equal(first, other);
    make("k1", "bypas", "sa", 16, other);
    assert_string_not_equal(first, other);
}

static void without_its_key_there_is_none(void **state)
{
    char out[CP2FA_TOKENMAC_TEXT + 1];

    (void)state;
    assert_int_equal(cp2fa_tokenmac_make(&world.service, "k3", "bypass", "a",
                                         bytes, 16, out),
                     -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_names_its_key_and_is_the_same_each_time),
        cmocka_unit_test(another_key_purpose_account_or_token_is_another),
        cmocka_unit_test(without_its_key_there_is_none),
    };

    return cmocka_run_group_tests(tests, open_world, close_world);
}
