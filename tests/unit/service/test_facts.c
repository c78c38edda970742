/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/facts.h"

static void only_a_second_factor_counts_as_passed(void **state)
{
    static const struct {
        const char *amr;
        int passed;
    } rows[] = {
        {"pwd", 0},     {"", 0},         {"pwd otp", 1}, {"pwd rc", 1},
        {"otp", 1},     {"otp pwd", 1},  {"pwd  rc", 1}, {"pwdotp", 0},
        {"otpx", 0},    {"pwd otps", 0}, {"rcx", 0},     {"pwd mrc", 0},
        {"pwd OTP", 0}, {"pwd ot", 0},   {" otp ", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct cp2fa_session session = {.amr = rows[i].amr};

        if (cp2fa_facts_session_passed(&session) != rows[i].passed) {
            fail_msg("amr '%s'", rows[i].amr);
        }
    }
}

static void a_session_is_alive_in_its_own_realm_whoever_it_is(void **state)
{
    const struct cp2fa_rules rules = {.session_lifetime = 3600,
                                      .session_idle = 600};
    const struct cp2fa_session session = {
        .realm = "realm", .name = "alice", .created = NOW,
        .last_seen = NOW, .ends = NOW + 3600};

    (void)state;
    assert_true(cp2fa_facts_session_alive(&rules, "realm", &session, T0));
    assert_false(cp2fa_facts_session_alive(&rules, "other", &session, T0));
    assert_false(cp2fa_facts_session_alive(&rules, "realm", &session,
                                           T0 + 601 * SECOND));
    assert_true(cp2fa_facts_session_good(&rules, &alice, &session, T0));
    assert_false(cp2fa_facts_session_good(&rules, &bob, &session, T0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_second_factor_counts_as_passed),
        cmocka_unit_test(a_session_is_alive_in_its_own_realm_whoever_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
