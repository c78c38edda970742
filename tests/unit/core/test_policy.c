/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/policy.h"

static enum cp2fa_verdict decide(enum cp2fa_mode mode, enum cp2fa_known passed,
                                 enum cp2fa_known enrolled)
{
    const struct cp2fa_facts facts = {mode, passed, enrolled};

    return cp2fa_policy_decide(&facts);
}

static const enum cp2fa_mode modes[] = {
    CP2FA_MODE_OPTIONAL, CP2FA_MODE_REQUIRED,
};
static const enum cp2fa_known answers[] = {CP2FA_NO, CP2FA_YES, CP2FA_UNKNOWN};

static void who_has_a_device_and_has_not_passed_is_asked_for_a_token(void **s)
{
    (void)s;
    for (size_t m = 0; m < COUNT(modes); m++) {
        assert_int_equal(decide(modes[m], CP2FA_NO, CP2FA_YES),
                         CP2FA_CHALLENGE);
    }
}

static void who_has_a_device_and_has_passed_goes_on(void **s)
{
    (void)s;
    for (size_t m = 0; m < COUNT(modes); m++) {
        assert_int_equal(decide(modes[m], CP2FA_YES, CP2FA_YES), CP2FA_PASS);
    }
}

static void who_has_no_device_goes_on_where_it_is_optional(void **s)
{
    (void)s;
    assert_int_equal(decide(CP2FA_MODE_OPTIONAL, CP2FA_NO, CP2FA_NO),
                     CP2FA_PASS);
}

/* FAIL-02 */
static void who_has_no_device_must_enrol_where_it_is_required(void **s)
{
    (void)s;
    assert_int_equal(decide(CP2FA_MODE_REQUIRED, CP2FA_NO, CP2FA_NO),
                     CP2FA_ENROL);
}

/* FAIL-02 "missing row => enrolment page, not pass", whatever a session
 * says that outlived the row; CP2FA_ENROL: "has no device, must have one" */
static void a_passed_session_does_not_replace_a_required_device(void **s)
{
    (void)s;
    assert_int_equal(decide(CP2FA_MODE_REQUIRED, CP2FA_YES, CP2FA_NO),
                     CP2FA_ENROL);
}

/* FAIL-01: nothing but "we can't tell" where passed is not known */
static void an_unknown_session_is_never_taken_for_a_yes_or_no(void **s)
{
    (void)s;
    for (size_t m = 0; m < COUNT(modes); m++) {
        for (size_t e = 0; e < COUNT(answers); e++) {
            assert_int_equal(decide(modes[m], CP2FA_UNKNOWN, answers[e]),
                             CP2FA_CANT_TELL);
        }
    }
}

/* FAIL-01: a device that can't be looked up is neither there nor absent */
static void an_unknown_device_is_never_taken_for_a_yes_or_no(void **s)
{
    (void)s;
    for (size_t m = 0; m < COUNT(modes); m++) {
        assert_int_equal(decide(modes[m], CP2FA_NO, CP2FA_UNKNOWN),
                         CP2FA_CANT_TELL);
    }
}

/* A session that passed had a device then: the gate needn't look again. */
static void a_passed_session_needs_no_look_at_the_device(void **s)
{
    (void)s;
    for (size_t m = 0; m < COUNT(modes); m++) {
        assert_int_equal(decide(modes[m], CP2FA_YES, CP2FA_UNKNOWN),
                         CP2FA_PASS);
    }
    assert_int_equal(decide(CP2FA_MODE_OPTIONAL, CP2FA_YES, CP2FA_NO),
                     CP2FA_PASS);
}

/* Over the whole table: a pass needs a second factor passed, or a known
 * absence of one where none is required; enrolling is for the latter. */
static void no_cell_passes_without_a_reason(void **s)
{
    (void)s;
    for (size_t m = 0; m < COUNT(modes); m++) {
        for (size_t p = 0; p < COUNT(answers); p++) {
            for (size_t e = 0; e < COUNT(answers); e++) {
                enum cp2fa_verdict v = decide(modes[m], answers[p],
                                              answers[e]);

                if (v == CP2FA_PASS) {
                    assert_true(answers[p] == CP2FA_YES
                                || (answers[p] == CP2FA_NO
                                    && answers[e] == CP2FA_NO
                                    && modes[m] == CP2FA_MODE_OPTIONAL));
                }
                if (v == CP2FA_ENROL) {
                    assert_int_equal(modes[m], CP2FA_MODE_REQUIRED);
                    assert_int_equal(answers[e], CP2FA_NO);
                }
                if (v == CP2FA_CHALLENGE) {
                    assert_int_equal(answers[p], CP2FA_NO);
                    assert_int_equal(answers[e], CP2FA_YES);
                }
                if (v == CP2FA_CANT_TELL) {
                    assert_true(answers[p] == CP2FA_UNKNOWN
                                || answers[e] == CP2FA_UNKNOWN);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            who_has_a_device_and_has_not_passed_is_asked_for_a_token),
        cmocka_unit_test(who_has_a_device_and_has_passed_goes_on),
        cmocka_unit_test(who_has_no_device_goes_on_where_it_is_optional),
        cmocka_unit_test(who_has_no_device_must_enrol_where_it_is_required),
        cmocka_unit_test(a_passed_session_does_not_replace_a_required_device),
        cmocka_unit_test(an_unknown_session_is_never_taken_for_a_yes_or_no),
        cmocka_unit_test(an_unknown_device_is_never_taken_for_a_yes_or_no),
        cmocka_unit_test(a_passed_session_needs_no_look_at_the_device),
        cmocka_unit_test(no_cell_passes_without_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
