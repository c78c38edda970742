/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

static int grant_at(struct world *world, int64_t now,
                    struct cp2fa_grant *grant)
{
    memset(grant, 0, sizeof(*grant));
    return cp2fa_grant_make(&world->service, world->p, &world->rules, &alice,
                            "a", "pwd otp", now, grant);
}

static void a_grant_holds_a_fresh_id_and_its_hash(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grants[100];

    for (size_t i = 0; i < COUNT(grants); i++) {
        uint8_t token[CP2FA_TOKEN_LEN];
        char hash[CP2FA_HASH_TEXT + 1];

        assert_int_equal(grant_at(world, T0, &grants[i]), 0);
        assert_int_equal(strlen(grants[i].id), CP2FA_TOKEN_TEXT);
        assert_int_equal(cp2fa_token_parse(grants[i].id, CP2FA_TOKEN_TEXT,
                                           token), 0);
        assert_int_equal(cp2fa_token_hash(world->crypto, token, hash), 0);
        assert_string_equal(grants[i].session.hash, hash);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(grants[i].id, grants[other].id);
        }
    }
    assert_int_equal(sessions(world), 0);
}

static void a_session_s_times_are_whole_seconds_from_now(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grant;

    assert_int_equal(grant_at(world, T0 + SECOND - 1, &grant), 0);
    assert_int_equal(grant.session.created, T0 / SECOND);
    assert_int_equal(grant.session.auth_time, T0 / SECOND);
    assert_int_equal(grant.session.last_seen, T0 / SECOND);
    assert_int_equal(grant.session.ends, T0 / SECOND + 12 * 3600);
    assert_string_equal(grant.session.account, "a");
    assert_string_equal(grant.session.realm, "realm");
    assert_string_equal(grant.session.name, "alice");
    assert_string_equal(grant.session.amr, "pwd otp");
}

/* F20 */
static void without_random_bytes_there_is_no_grant(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant grant;

    dice.fail_at = 1;
    assert_int_equal(grant_at(world, T0, &grant), -1);
    assert_string_equal(grant.id, "");
    assert_null(grant.session.hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_grant_holds_a_fresh_id_and_its_hash),
        TEST_WORLD(a_session_s_times_are_whole_seconds_from_now),
        TEST_WORLD(without_random_bytes_there_is_no_grant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
