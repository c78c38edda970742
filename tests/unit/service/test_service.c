/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

/* OTP-11 */
static void every_outcome_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < CP2FA_OUTCOMES; i++) {
        const char *name =
            cp2fa_service_outcome_name((enum cp2fa_outcome)i);

        assert_non_null(name);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(
                name, cp2fa_service_outcome_name((enum cp2fa_outcome)other));
        }
    }
    assert_string_equal(cp2fa_service_outcome_name(CP2FA_OUTCOME_USED),
                        "otp_replay");
}

static void an_id_is_32_random_hex_digits(void **state)
{
    struct world *world = *state;
    const char *ids[100];

    for (size_t i = 0; i < COUNT(ids); i++) {
        ids[i] = cp2fa_service_new_id(&world->service, world->p);
        assert_int_equal(strlen(ids[i]), CP2FA_ID_TEXT);
        assert_int_equal(strspn(ids[i], "0123456789abcdef"), CP2FA_ID_TEXT);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(ids[i], ids[other]);
        }
    }
    dice.fail_at = 1;
    assert_null(cp2fa_service_new_id(&world->service, world->p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_a_word_of_its_own),
        TEST_WORLD(an_id_is_32_random_hex_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
