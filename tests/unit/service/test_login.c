/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/login.h"
#include "store/accounts.h"

#define FREE 3
#define ROWS "SELECT COUNT(*) FROM cp2fa_login_failure"

static struct cp2fa_who at(const char *user, const char *address)
{
    return (struct cp2fa_who){
        .realm = "realm", .user = user, .address = address};
}

static enum cp2fa_outcome ask(struct world *world, struct cp2fa_who who,
                              int64_t now, struct cp2fa_login_try *try)
{
    return cp2fa_login_reserve(&world->service, world->p, &who, now, try);
}

/* One wrong password: DONE, or what the asking said. */
static enum cp2fa_outcome miss(struct world *world, struct cp2fa_who who,
                               int64_t now)
{
    struct cp2fa_login_try try;
    enum cp2fa_outcome outcome = ask(world, who, now, &try);

    if (outcome == CP2FA_OUTCOME_DONE) {
        assert_int_equal(
            cp2fa_login_failed(&world->service, world->p, now, &try),
            CP2FA_OUTCOME_DONE);
    }
    return outcome;
}

static void miss_times(struct world *world, struct cp2fa_who who, int64_t now,
                       int times)
{
    for (int i = 0; i < times; i++) {
        assert_int_equal(miss(world, who, now), CP2FA_OUTCOME_DONE);
    }
}

static void succeed(struct world *world, struct cp2fa_who who, int64_t now)
{
    struct cp2fa_login_try try;

    assert_int_equal(ask(world, who, now, &try), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_login_succeeded(&world->service, world->p, &try),
                     CP2FA_OUTCOME_DONE);
}

/* THR-08 */
static void a_name_waits_after_the_free_tries_from_one_address(void **state)
{
    struct world *world = *state;
    struct cp2fa_login_try try;

    miss_times(world, at("alice", "192.0.2.1"), T0, FREE + 1);
    assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0, &try),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(try.wait, 5);
    succeed(world, at("alice", "192.0.2.2"), T0);
    succeed(world, at("bob", "192.0.2.1"), T0);
    succeed(world, at("alice", "192.0.2.1"), T0 + 5 * SECOND);
}

static void a_right_password_alone_writes_nothing(void **state)
{
    struct world *world = *state;

    succeed(world, at("alice", "192.0.2.1"), T0);
    assert_int_equal(counted(world->place, ROWS), 0);
}

static void waiting_writes_nothing(void **state)
{
    struct world *world = *state;
    const char *sum = "SELECT group_concat(failures || ' ' || at)"
                      " FROM cp2fa_login_failure";
    struct cp2fa_login_try try;
    const char *before;

    miss_times(world, at("alice", "192.0.2.1"), T0, FREE + 1);
    before = seen(world->place, sum);
    assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0 + SECOND, &try),
                     CP2FA_OUTCOME_WAIT);
    assert_string_equal(seen(world->place, sum), before);
}

/* THR-01: between asking and knowing nobody else is let through */
static void a_name_that_failed_is_looked_at_one_try_at_a_time(void **state)
{
    struct world *world = *state;
    struct cp2fa_who who = at("alice", "192.0.2.1");
    struct cp2fa_login_try first;
    struct cp2fa_login_try second;

    miss_times(world, who, T0, FREE);
    assert_int_equal(ask(world, who, T0, &first), CP2FA_OUTCOME_DONE);
    assert_int_equal(ask(world, who, T0, &second), CP2FA_OUTCOME_WAIT);
    assert_int_equal(
        cp2fa_login_succeeded(&world->service, world->p, &first),
        CP2FA_OUTCOME_DONE);
    assert_int_equal(ask(world, who, T0, &second), CP2FA_OUTCOME_DONE);
}

static void honest_tries_at_one_time_hinder_each_other_not(void **state)
{
    struct world *world = *state;
    struct cp2fa_login_try tries[30];

    for (size_t i = 0; i < COUNT(tries); i++) {
        assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0, &tries[i]),
                         CP2FA_OUTCOME_DONE);
    }
    for (size_t i = 0; i < COUNT(tries); i++) {
        assert_int_equal(
            cp2fa_login_succeeded(&world->service, world->p, &tries[i]),
            CP2FA_OUTCOME_DONE);
    }
    assert_int_equal(counted(world->place, ROWS), 0);
}

/* THR-08: spraying one password over many names */
static void an_address_is_slowed_whatever_the_names(void **state)
{
    struct world *world = *state;
    struct cp2fa_login_try try;

    for (int i = 0; i < 21; i++) {
        miss_times(world, at(apr_psprintf(world->p, "u%d", i), "192.0.2.1"),
                   T0, 1);
    }
    assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0, &try),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(ask(world, at("alice", "192.0.2.2"), T0, &try),
                     CP2FA_OUTCOME_DONE);
}

/* THR-08: however many strangers guess */
/* F16: ten thousand in a second, of one name and of a thousand. What is not
 * looked at writes nothing. */
static void a_flood_is_looked_at_a_few_times_and_written_as_often(void **state)
{
    struct world *world = *state;
    const char *sum = "SELECT COUNT(*) || ' ' || total(at) || ' ' ||"
                      " total(failures) FROM cp2fa_login_failure";
    const char *before = "";
    int looked_at = 0;

    for (int i = 0; i < 10000; i++) {
        int is_one = i % 2;
        struct cp2fa_who who = at(
            is_one ? "alice" : apr_psprintf(world->p, "u%d", i % 1000),
            is_one ? "192.0.2.1" : "192.0.2.2");

        looked_at += miss(world, who, T0 + i * SECOND / 10000)
                     == CP2FA_OUTCOME_DONE;
        if (i == 200) {
            before = seen(world->place, sum);
            assert_in_range(looked_at, FREE + 1, 2 * FREE + 21);
        }
    }
    assert_in_range(looked_at, FREE + 1, 2 * FREE + 21);
    assert_string_equal(seen(world->place, sum), before);
    succeed(world, at("alice", "192.0.2.3"), T0 + SECOND);
}

static void the_owner_gets_in_from_an_address_of_no_failures(void **state)
{
    struct world *world = *state;
    struct cp2fa_login_try try;

    for (int i = 0; i < 50; i++) {
        miss_times(world, at("alice", apr_psprintf(world->p, "192.0.2.%d", i)),
                   T0, 1);
    }
    succeed(world, at("alice", "198.51.100.1"), T0);
    /* the others wait a little */
    assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0, &try),
                     CP2FA_OUTCOME_WAIT);
    assert_in_range(try.wait, 1, 15);
}

static void a_right_password_forgives_its_own_address_alone(void **state)
{
    struct world *world = *state;
    struct cp2fa_login_try try;

    miss_times(world, at("alice", "192.0.2.1"), T0, FREE);
    miss_times(world, at("alice", "192.0.2.2"), T0, FREE + 1);
    succeed(world, at("alice", "192.0.2.1"), T0);
    assert_int_equal(ask(world, at("alice", "192.0.2.2"), T0, &try),
                     CP2FA_OUTCOME_WAIT);
    miss_times(world, at("alice", "192.0.2.1"), T0, FREE);
}

static void what_nobody_could_check_is_given_back(void **state)
{
    struct world *world = *state;
    struct cp2fa_who who = at("alice", "192.0.2.1");
    struct cp2fa_login_try try;

    miss_times(world, who, T0, FREE);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ask(world, who, T0, &try), CP2FA_OUTCOME_DONE);
        cp2fa_login_void(&world->service, world->p, &try);
    }
    miss_times(world, who, T0, 1);
}

static void the_table_holds_hashes_and_loses_what_is_old(void **state)
{
    struct world *world = *state;

    miss_times(world, at("alice", "192.0.2.1"), T0, 1);
    assert_int_equal(counted(world->place, ROWS " WHERE length(origin) = 64"),
                     3);
    miss_times(world, at("bob", "192.0.2.2"), T0 + 2 * DAY, 1);
    assert_int_equal(counted(world->place, ROWS), 3);
}

static void a_realm_has_counters_of_its_own(void **state)
{
    struct world *world = *state;
    struct cp2fa_who elsewhere = at("alice", "192.0.2.1");

    elsewhere.realm = "other";
    miss_times(world, at("alice", "192.0.2.1"), T0, FREE + 1);
    succeed(world, elsewhere, T0);
}

static void a_store_out_of_reach_is_neither_right_nor_wrong(void **state)
{
    struct world *world = *state;
    struct cp2fa_login_try try;

    assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0, &try),
                     CP2FA_OUTCOME_DONE);
    hand(world->place, "DROP TABLE cp2fa_login_failure");
    assert_int_equal(cp2fa_login_failed(&world->service, world->p, T0, &try),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(ask(world, at("alice", "192.0.2.1"), T0, &try),
                     CP2FA_OUTCOME_UNAVAILABLE);
}

static void grant(struct world *world, struct cp2fa_who who, const char *old,
                  struct cp2fa_grant *grant, int *enrolled)
{
    assert_int_equal(cp2fa_login_grant(&world->service, world->p,
                                       &world->rules, &who, old, T0, grant,
                                       enrolled),
                     CP2FA_OUTCOME_DONE);
}

/* SES-02 */
static void a_log_in_makes_the_account_and_replaces_the_session(void **state)
{
    struct world *world = *state;
    struct cp2fa_grant first = {.wait = 0};
    struct cp2fa_grant second = {.wait = 0};
    int enrolled = 1;

    grant(world, at("alice", "192.0.2.1"), NULL, &first, &enrolled);
    assert_int_equal(enrolled, 0);
    assert_int_equal(first.ended.count, 0);
    grant(world, at("alice", "192.0.2.1"), first.session.hash, &second,
          &enrolled);
    assert_int_equal(second.ended.count, 1);
    assert_string_equal(second.ended.row[0][0], first.session.hash);
    assert_string_equal(seen(world->place, "SELECT hash FROM cp2fa_session"),
                        second.session.hash);
    assert_string_equal(seen(world->place, "SELECT amr FROM cp2fa_session"),
                        "pwd");
    assert_int_equal(
        counted(world->place, "SELECT COUNT(*) FROM cp2fa_account"), 1);
}

static void the_directorys_address_is_kept_for_later_requests(void **state)
{
    struct world *world = *state;
    struct cp2fa_who who = at("alice", "192.0.2.1");
    struct cp2fa_grant made = {.wait = 0};
    int enrolled;

    who.email = "alice@example.org";
    grant(world, who, NULL, &made, &enrolled);
    assert_string_equal(seen(world->place, "SELECT email FROM cp2fa_account"),
                        "alice@example.org");
    who.email = NULL;
    grant(world, who, NULL, &made, &enrolled);
    assert_string_equal(seen(world->place, "SELECT email FROM cp2fa_account"),
                        "alice@example.org");
}

static void without_random_bytes_there_is_no_session(void **state)
{
    struct world *world = *state;
    struct cp2fa_who who = at("alice", "192.0.2.1");

    for (int i = 1; i <= 2; i++) {
        struct cp2fa_grant made = {.wait = 0};
        int enrolled;

        hand(world->place, "DELETE FROM cp2fa_account");
        dice.fail_at = i;
        assert_int_equal(cp2fa_login_grant(&world->service, world->p,
                                           &world->rules, &who, NULL, T0,
                                           &made, &enrolled),
                         CP2FA_OUTCOME_UNAVAILABLE);
        assert_int_equal(
            counted(world->place, "SELECT COUNT(*) FROM cp2fa_session"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_name_waits_after_the_free_tries_from_one_address),
        TEST_WORLD(a_right_password_alone_writes_nothing),
        TEST_WORLD(waiting_writes_nothing),
        TEST_WORLD(a_name_that_failed_is_looked_at_one_try_at_a_time),
        TEST_WORLD(honest_tries_at_one_time_hinder_each_other_not),
        TEST_WORLD(an_address_is_slowed_whatever_the_names),
        TEST_WORLD(a_flood_is_looked_at_a_few_times_and_written_as_often),
        TEST_WORLD(the_owner_gets_in_from_an_address_of_no_failures),
        TEST_WORLD(a_right_password_forgives_its_own_address_alone),
        TEST_WORLD(what_nobody_could_check_is_given_back),
        TEST_WORLD(the_table_holds_hashes_and_loses_what_is_old),
        TEST_WORLD(a_realm_has_counters_of_its_own),
        TEST_WORLD(a_store_out_of_reach_is_neither_right_nor_wrong),
        TEST_WORLD(a_log_in_makes_the_account_and_replaces_the_session),
        TEST_WORLD(the_directorys_address_is_kept_for_later_requests),
        TEST_WORLD(without_random_bytes_there_is_no_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
