/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/facts.h"

#define HOUR 3600

/* SES-03, SES-06, SES-07; times in seconds from NOW */
static void a_session_is_good_within_its_times_and_for_its_account(void **s)
{
    static const struct {
        const char *realm, *name;
        int64_t created, last_seen, ends, now;
        int good;
    } rows[] = {
        {"realm", "alice", 0, 0, 12 * HOUR, 0, 1},
        /* another account */
        {"realm", "bob", 0, 0, 12 * HOUR, 0, 0},
        {"other", "alice", 0, 0, 12 * HOUR, 0, 0},
        {"realm", "Alice", 0, 0, 12 * HOUR, 0, 0},
        {"realm", "alice ", 0, 0, 12 * HOUR, 0, 0},
        {"alice", "realm", 0, 0, 12 * HOUR, 0, 0},
        {"realm", "", 0, 0, 12 * HOUR, 0, 0},
        /* idle for 30 minutes */
        {"realm", "alice", 0, 0, 12 * HOUR, 1799, 1},
        {"realm", "alice", 0, 0, 12 * HOUR, 1800, 0},
        {"realm", "alice", 0, 5, 12 * HOUR, 1804, 1},
        {"realm", "alice", 0, 5, 12 * HOUR, 1805, 0},
        /* kept alive to its absolute end */
        {"realm", "alice", 0, 12 * HOUR - 9, 12 * HOUR, 12 * HOUR - 1, 1},
        {"realm", "alice", 0, 12 * HOUR - 9, 12 * HOUR, 12 * HOUR, 0},
        {"realm", "alice", 0, 12 * HOUR, 24 * HOUR, 12 * HOUR, 0},
        {"realm", "alice", 0, 0, 60, 59, 1},
        {"realm", "alice", 0, 0, 60, 60, 0},
        {"realm", "alice", 0, 0, 0, 0, 0},
        /* of the future, by more than clocks differ */
        {"realm", "alice", 60, 60, 12 * HOUR, 0, 1},
        {"realm", "alice", 61, 61, 12 * HOUR, 0, 0},
        {"realm", "alice", 0, 61, 12 * HOUR, 0, 0},
        {"realm", "alice", 0, 60, 12 * HOUR, 0, 1},
        {"realm", "alice", 0, 0, 12 * HOUR, -24 * HOUR, 0},
        {"realm", "alice", 0, 0, 12 * HOUR, -365 * 24 * HOUR, 0},
    };
    struct world *world = *s;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct cp2fa_session session = {
            .hash = "h",
            .account = "a",
            .realm = rows[i].realm,
            .name = rows[i].name,
            .amr = "pwd otp",
            .created = NOW + rows[i].created,
            .auth_time = NOW + rows[i].created,
            .last_seen = NOW + rows[i].last_seen,
            .ends = NOW + rows[i].ends,
        };
        int64_t now = (NOW + rows[i].now) * SECOND;

        if (cp2fa_facts_session_good(&world->rules, &alice, &session, now)
                != rows[i].good
            || cp2fa_facts_session_good(&world->rules, &alice, &session,
                                        now + SECOND - 1) != rows[i].good) {
            fail_msg("row %zu", i);
        }
    }
}

/* SES-07: what is refused as of the future is over, or it would come to life
 * once its time has come. */
static void a_session_ahead_of_the_clock_is_over_for_good(void **state)
{
    static const struct {
        int64_t created, last_seen, ahead;
    } rows[] = {
        {0, 0, 0}, {60, 60, 0}, {0, 60, 0}, {61, 61, 61}, {0, 61, 61},
        {48 * HOUR, 48 * HOUR, 48 * HOUR}, {-9, 48 * HOUR, 48 * HOUR},
    };
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct cp2fa_session session = {
            .realm = "realm", .name = "alice",
            .created = NOW + rows[i].created,
            .last_seen = NOW + rows[i].last_seen,
            .ends = NOW + rows[i].created + 12 * HOUR,
        };

        assert_int_equal(cp2fa_facts_session_ahead(&session, NOW * SECOND),
                         rows[i].ahead);
        assert_int_equal(cp2fa_facts_session_over(&world->rules, &session,
                                                  NOW * SECOND),
                         rows[i].ahead > 0);
    }
}

/* A lifetime that was made shorter holds for the sessions that there are. */
static void a_shorter_rule_ends_older_sessions(void **state)
{
    struct world *world = *state;
    const struct cp2fa_session session = {
        .realm = "realm", .amr = "pwd otp", .name = "alice", .created = NOW,
        .last_seen = NOW + 2 * HOUR, .ends = NOW + 12 * HOUR,
    };

    assert_int_equal(cp2fa_facts_session_good(&world->rules, &alice, &session,
                                              (NOW + 2 * HOUR) * SECOND), 1);
    world->rules.session_lifetime = HOUR;
    assert_int_equal(cp2fa_facts_session_good(&world->rules, &alice, &session,
                                              (NOW + 2 * HOUR) * SECOND), 0);
}

static void who_has_an_active_device_is_enrolled(void **state)
{
    struct world *world = *state;
    struct cp2fa_rows ended;
    struct secret secret;

    assert_int_equal(cp2fa_facts_enrolled(&world->service, world->p, &alice),
                     CP2FA_NO);
    started(world, &alice, "phone", "browser", T0, &secret);
    assert_int_equal(cp2fa_facts_enrolled(&world->service, world->p, &alice),
                     CP2FA_NO);
    enrolled(world, &alice, "phone", T0, &secret);
    assert_int_equal(cp2fa_facts_enrolled(&world->service, world->p, &alice),
                     CP2FA_YES);
    assert_int_equal(cp2fa_facts_enrolled(&world->service, world->p, &bob),
                     CP2FA_NO);
    assert_int_equal(cp2fa_disable_all(&world->service, world->p, &alice, NULL, CP2FA_NOTICE_DISABLED, T0,
                                       &ended), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_facts_enrolled(&world->service, world->p, &alice),
                     CP2FA_NO);
}

/* FAIL-01: never "no", which would let who has a device in without it. */
static void what_cannot_be_asked_is_unknown(void **state)
{
    static const char *const changes[] = {
        "UPDATE cp2fa_device SET type = 'hotp'",
        "UPDATE cp2fa_account SET failures = 'x'",
        "DROP TABLE cp2fa_device",
    };
    struct world *world = *state;
    struct cp2fa_service none = service_of(world, NULL);
    struct secret secret;

    enrolled(world, &alice, "phone", T0, &secret);
    assert_int_equal(cp2fa_facts_enrolled(&none, world->p, &alice),
                     CP2FA_UNKNOWN);
    for (size_t i = 0; i < COUNT(changes); i++) {
        hand(world->place, changes[i]);
        assert_int_equal(cp2fa_facts_enrolled(&world->service, world->p,
                                              &alice), CP2FA_UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_session_is_good_within_its_times_and_for_its_account),
        TEST_WORLD(a_session_ahead_of_the_clock_is_over_for_good),
        TEST_WORLD(a_shorter_rule_ends_older_sessions),
        TEST_WORLD(who_has_an_active_device_is_enrolled),
        TEST_WORLD(what_cannot_be_asked_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
