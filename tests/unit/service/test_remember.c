/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/facts.h"
#include "service/remember.h"
#include "service/signout.h"

#define DAYS (30 * (int64_t)86400)

/* Alice enters a PIN and says that her browser is to be remembered. */
static void remembered(struct world *world, struct secret *phone,
                       struct cp2fa_grant *grant)
{
    world->rules.remember = DAYS;
    enrolled(world, &alice, "phone", T0 - MINUTE, phone);
    memset(grant, 0, sizeof(*grant));
    grant->remember = 1;
    assert_int_equal(cp2fa_verify_token(&world->service, world->p,
                                        &world->rules, &alice,
                                        code(world, phone, T0, 0), NULL, T0,
                                        grant), CP2FA_OUTCOME_DONE);
    assert_int_equal(strlen(grant->browser_id), CP2FA_TOKEN_TEXT);
    assert_string_not_equal(grant->browser_id, grant->id);
}

static enum cp2fa_outcome redeem(struct world *world,
                                 const struct cp2fa_who *who, const char *hash,
                                 int64_t now, struct cp2fa_grant *grant)
{
    enum cp2fa_outcome outcome;

    memset(grant, 0, sizeof(*grant));
    outcome = cp2fa_remember_redeem(&world->service, world->p, &world->rules,
                                    who, hash, NULL, now, grant);
    assert_int_equal(strlen(grant->id),
                     outcome == CP2FA_OUTCOME_DONE ? CP2FA_TOKEN_TEXT : 0);
    return outcome;
}

static void a_remembered_browser_stands_for_the_token(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant first, later;
    int64_t now = T0 + 29 * DAY;

    remembered(world, &phone, &first);
    assert_int_equal(redeem(world, &alice, first.browser.hash, now, &later),
                     CP2FA_OUTCOME_DONE);
    assert_true(cp2fa_facts_session_passed(&later.session));
    assert_true(cp2fa_facts_session_good(&world->rules, &alice, &later.session,
                                         now));
    /* a change of factors asks for a token all the same */
    assert_int_equal(later.session.auth_time, T0 / SECOND);
    assert_int_equal(redeem(world, &alice, first.browser.hash, now, &later),
                     CP2FA_OUTCOME_DONE);
}

static void nobody_is_remembered_unasked_or_where_it_is_off(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant grant;

    enrolled(world, &alice, "phone", T0 - MINUTE, &phone);
    world->rules.remember = DAYS;
    assert_int_equal(verify(world, &alice, code(world, &phone, T0, 0), T0,
                            &grant), CP2FA_OUTCOME_DONE);
    assert_string_equal(grant.browser_id, "");
    world->rules.remember = 0;
    memset(&grant, 0, sizeof(grant));
    grant.remember = 1;
    assert_int_equal(cp2fa_verify_token(&world->service, world->p,
                                        &world->rules, &alice,
                                        code(world, &phone, T0, 1), NULL, T0,
                                        &grant), CP2FA_OUTCOME_DONE);
    assert_string_equal(grant.browser_id, "");
    assert_string_equal(seen(world->place, "SELECT count(*) FROM cp2fa_session"
                                           " WHERE amr = 'browser'"), "0");
}

/* Its cookie in the place of a session's opens nothing, at any time. */
static void it_is_no_session(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant grant, other;

    remembered(world, &phone, &grant);
    assert_false(cp2fa_facts_session_good(&world->rules, &alice,
                                          &grant.browser, T0));
    assert_false(cp2fa_facts_session_alive(&world->rules, alice.realm,
                                           &grant.browser, T0));
    assert_false(cp2fa_facts_session_passed(&grant.browser));
    /* nor is a session a remembered browser */
    assert_int_equal(redeem(world, &alice, grant.session.hash, T0, &other),
                     CP2FA_OUTCOME_INVALID);
}

static void it_is_its_owner_s_alone(void **state)
{
    struct world *world = *state;
    struct cp2fa_who elsewhere = alice;
    struct secret phone, his;
    struct cp2fa_grant grant, other;

    remembered(world, &phone, &grant);
    enrolled(world, &bob, "his", T0 - MINUTE, &his);
    elsewhere.realm = "Elsewhere";
    assert_int_equal(redeem(world, &bob, grant.browser.hash, T0, &other),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(redeem(world, &elsewhere, grant.browser.hash, T0, &other),
                     CP2FA_OUTCOME_INVALID);
}

/* SES-07 */
static void it_ends_in_time_and_a_shorter_time_counts_at_once(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant grant, other;
    const char *hash;

    remembered(world, &phone, &grant);
    hash = grant.browser.hash;
    assert_int_equal(redeem(world, &alice, hash, T0 + DAYS * SECOND, &other),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(redeem(world, &alice, hash, T0 - DAY, &other),
                     CP2FA_OUTCOME_INVALID);
    world->rules.remember = 3600;
    assert_int_equal(redeem(world, &alice, hash, T0 + 3600 * SECOND, &other),
                     CP2FA_OUTCOME_INVALID);
    world->rules.remember = 0;
    assert_int_equal(redeem(world, &alice, hash, T0, &other),
                     CP2FA_OUTCOME_INVALID);
}

/* SES-05 */
static void it_ends_with_the_account_s_sessions(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant grant, other;
    struct cp2fa_rows ended;

    remembered(world, &phone, &grant);
    assert_int_equal(cp2fa_signout_others(&world->service, world->p, &alice,
                                          grant.session.hash, &ended),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(redeem(world, &alice, grant.browser.hash, T0, &other),
                     CP2FA_OUTCOME_INVALID);
}

/* THR-09 */
static void it_does_not_open_a_factor_that_is_locked(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant grant, other;

    remembered(world, &phone, &grant);
    hand(world->place, "UPDATE cp2fa_account SET locked_at = 1");
    assert_int_equal(redeem(world, &alice, grant.browser.hash, T0, &other),
                     CP2FA_OUTCOME_LOCKED);
}

static void it_is_listed_and_can_be_forgotten(void **state)
{
    struct world *world = *state;
    struct secret phone;
    struct cp2fa_grant grant, other;
    struct cp2fa_session *sessions;
    int count;

    remembered(world, &phone, &grant);
    assert_int_equal(cp2fa_signout_list(&world->service, world->p,
                                        &world->rules, &alice, T0 + DAY,
                                        &sessions, &count),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(count, 1); /* the sessions have gone idle */
    assert_string_equal(sessions[0].amr, "browser");
    assert_int_equal(cp2fa_signout_one(&world->service, world->p, &alice,
                                       sessions[0].hash), CP2FA_OUTCOME_DONE);
    assert_int_equal(redeem(world, &alice, grant.browser.hash, T0, &other),
                     CP2FA_OUTCOME_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_remembered_browser_stands_for_the_token),
        TEST_WORLD(nobody_is_remembered_unasked_or_where_it_is_off),
        TEST_WORLD(it_is_no_session),
        TEST_WORLD(it_is_its_owner_s_alone),
        TEST_WORLD(it_ends_in_time_and_a_shorter_time_counts_at_once),
        TEST_WORLD(it_ends_with_the_account_s_sessions),
        TEST_WORLD(it_does_not_open_a_factor_that_is_locked),
        TEST_WORLD(it_is_listed_and_can_be_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
