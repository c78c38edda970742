/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/recover.h"

/* What alice's enrolment, by the browser's new session, lets her take. */
static void enrolled_with_codes(struct world *world, struct secret *phone,
                                struct cp2fa_recover_set *set)
{
    struct cp2fa_grant grant;

    started(world, &alice, "phone", "browser", T0 - MINUTE, phone);
    assert_int_equal(confirm(world, &alice, "browser",
                             code(world, phone, T0 - MINUTE, 0), T0 - MINUTE,
                             &grant), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                        grant.session.hash, T0, set),
                     CP2FA_OUTCOME_DONE);
}

static enum cp2fa_outcome use_at(struct world *world, const char *typed,
                                 int64_t now, struct cp2fa_grant *grant)
{
    memset(grant, 0, sizeof(*grant));
    return cp2fa_recover_use(&world->service, world->p, &world->rules, &alice,
                             typed, now, grant);
}

static enum cp2fa_outcome use(struct world *world, const char *typed)
{
    struct cp2fa_grant grant;
    enum cp2fa_outcome outcome = use_at(world, typed, T0, &grant);

    assert_int_equal(strlen(grant.id),
                     outcome == CP2FA_OUTCOME_DONE ? CP2FA_TOKEN_TEXT : 0);
    return outcome;
}

static int64_t left(struct world *world)
{
    return counted(world->place, "SELECT count(*) FROM cp2fa_code");
}

static int64_t notices(struct world *world, const char *kind)
{
    return counted(world->place,
                   apr_psprintf(world->p, "SELECT count(*) FROM cp2fa_event"
                                          " WHERE kind = '%s'", kind));
}

/* REC-01 */
static void a_set_is_ten_different_codes_of_25_digits(void **state)
{
    struct cp2fa_recover_set set;
    struct secret phone;

    enrolled_with_codes(*state, &phone, &set);
    for (int i = 0; i < CP2FA_RECOVER_CODES; i++) {
        assert_int_equal(strlen(set.code[i]), 29);
        for (int at = 0; at < 29; at++) {
            assert_non_null(strchr(at % 6 == 5
                                       ? "-"
                                       : "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
                                   set.code[i][at]));
        }
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(set.code[i], set.code[other]);
        }
    }
    assert_int_equal(left(*state), 10);
    assert_int_equal(notices(*state, "codes-made"), 1);
}

/* REC-01, CRY-01 */
static void the_database_holds_no_digit_of_them(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;

    SQLITE_ONLY(world->place);
    enrolled_with_codes(world, &phone, &set);
    assert_int_equal(
        counted(world->place, "SELECT count(*) FROM cp2fa_code WHERE"
                              " mac GLOB 'k1:[0-9a-f]*'"
                              " AND length(mac) = 67"), 10);
}

static void an_offer_is_taken_once_by_its_session_and_in_time(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;

    enrolled_with_codes(world, &phone, &set);
    assert_int_equal(cp2fa_recover_offer(&world->service, world->p, &alice,
                                         "mine", T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                        "another", T0, &set),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &bob,
                                        "mine", T0, &set),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                        "mine", T0 + 10 * MINUTE, &set),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                        "mine", T0 + 10 * MINUTE - SECOND,
                                        &set), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                        "mine", T0, &set),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(set.code[0][0], '\0');
}

static void who_has_no_device_is_offered_nothing(void **state)
{
    struct world *world = *state;

    assert_int_equal(cp2fa_recover_offer(&world->service, world->p, &bob,
                                         "mine", T0),
                     CP2FA_OUTCOME_NOT_ENABLED);
    assert_int_equal(use(world, "00000-00000-00000-00000-00000"),
                     CP2FA_OUTCOME_NOT_ENROLLED);
}

/* REC-04 */
static void a_new_set_takes_the_place_of_the_old_one(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set old, new;
    struct secret phone;

    enrolled_with_codes(world, &phone, &old);
    assert_int_equal(cp2fa_recover_offer(&world->service, world->p, &alice,
                                         "mine", T0), CP2FA_OUTCOME_DONE);
    /* an offer alone changes nothing */
    assert_int_equal(use(world, old.code[0]), CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                        "mine", T0, &new),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(left(world), 10);
    assert_int_equal(use(world, old.code[1]), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(use(world, new.code[1]), CP2FA_OUTCOME_DONE);
}

/* REC-04, F7 */
static void a_set_that_cannot_be_made_leaves_the_old_one(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set old, new;
    struct secret phone;

    enrolled_with_codes(world, &phone, &old);
    assert_int_equal(cp2fa_recover_offer(&world->service, world->p, &alice,
                                         "mine", T0), CP2FA_OUTCOME_DONE);
    for (int at = 1; at <= CP2FA_RECOVER_CODES; at++) {
        dice.fail_at = at;
        assert_int_equal(cp2fa_recover_take(&world->service, world->p, &alice,
                                            "mine", T0, &new),
                         CP2FA_OUTCOME_UNAVAILABLE);
        assert_int_equal(new.code[0][0], '\0');
    }
    dice.fail_at = 0;
    assert_int_equal(left(world), 10);
    assert_int_equal(use(world, old.code[3]), CP2FA_OUTCOME_DONE);
}

/* REC-02 */
static void a_code_works_once_and_tells_the_owner(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;
    struct cp2fa_grant grant;

    enrolled_with_codes(world, &phone, &set);
    assert_int_equal(use_at(world, set.code[4], T0, &grant),
                     CP2FA_OUTCOME_DONE);
    assert_string_equal(grant.session.amr, "pwd rc");
    assert_int_equal(grant.ended.count, 1);
    assert_int_equal(sessions(world), 1);
    assert_int_equal(left(world), 9);
    assert_int_equal(notices(world, "recovery-used"), 1);
    assert_int_equal(failures(world, &alice), 0);
    assert_int_equal(use(world, set.code[4]), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(failures(world, &alice), 1);
    assert_int_equal(notices(world, "recovery-used"), 1);
}

static void a_code_may_be_typed_as_people_read_it(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;
    char typed[80] = " ";

    enrolled_with_codes(world, &phone, &set);
    for (size_t i = 0, n = 1; set.code[0][i]; i++) {
        char c = set.code[0][i];

        if (c == '-') {
            continue;
        }
        typed[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a')
                     : c == '0'           ? 'o'
                     : c == '1'           ? 'L'
                                          : c;
        typed[n++] = ' ';
    }
    assert_int_equal(use(world, typed), CP2FA_OUTCOME_DONE);
}

static void what_is_no_code_costs_no_attempt(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;
    char longer[40];

    enrolled_with_codes(world, &phone, &set);
    snprintf(longer, sizeof(longer), "%s0", set.code[0]);
    set.code[1][28] = '\0';
    assert_int_equal(use(world, ""), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(use(world, "123456"), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(use(world, longer), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(use(world, set.code[1]), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(use(world, apr_psprintf(world->p, "%*s%s", 200, "",
                                             set.code[0])),
                     CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(failures(world, &alice), 0);
}

/* REC-02, THR-01, THR-05 */
static void wrong_codes_and_wrong_tokens_share_one_budget(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;
    struct cp2fa_grant grant;

    enrolled_with_codes(world, &phone, &set);
    assert_int_equal(outcome_of(world, &alice, wrong(world, &phone, T0), T0),
                     CP2FA_OUTCOME_INVALID);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(use(world, "00000-00000-00000-00000-00000"),
                         CP2FA_OUTCOME_BAD_CODE);
    }
    assert_int_equal(use_at(world, set.code[0], T0, &grant),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(grant.wait, 30);
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 1), T0),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(use_at(world, set.code[0], T0 + 30 * SECOND, &grant),
                     CP2FA_OUTCOME_DONE);
    /* a success forgets nothing */
    assert_int_equal(failures(world, &alice), 3);
}

/* THR-04 */
static void a_locked_factor_is_unlocked_once_the_delay_is_over(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;
    struct cp2fa_grant grant;

    enrolled_with_codes(world, &phone, &set);
    world->rules.throttle.limit = 3;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(outcome_of(world, &alice, wrong(world, &phone, T0),
                                    T0), CP2FA_OUTCOME_INVALID);
    }
    assert_int_equal(use_at(world, set.code[0], T0, &grant),
                     CP2FA_OUTCOME_WAIT);
    assert_int_equal(grant.wait, 30);
    assert_int_equal(use_at(world, "00000-00000-00000-00000-00000",
                            T0 + MINUTE, &grant), CP2FA_OUTCOME_BAD_CODE);
    assert_int_equal(failures(world, &alice), 3);
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 3),
                                T0 + MINUTE), CP2FA_OUTCOME_LOCKED);
    assert_int_equal(use_at(world, set.code[0], T0 + MINUTE, &grant),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(failures(world, &alice), 0);
    assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, 3),
                                T0 + MINUTE), CP2FA_OUTCOME_DONE);
}

/* CRY-04 */
static void a_code_of_before_a_key_rotation_still_works(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;

    enrolled_with_codes(world, &phone, &set);
    cp2fa_keyring_free(world->ring);
    world->ring = ring_of(world->crypto, "k2:" KEY_B ":active\nk1:" KEY_A "\n");
    world->service.keys = world->ring;
    assert_int_equal(use(world, set.code[0]), CP2FA_OUTCOME_DONE);
}

static void fault(struct world *world, const char *at)
{
    hand(world->place, apr_psprintf(world->p, "CREATE TRIGGER t BEFORE %s"
                                    " BEGIN SELECT RAISE(ABORT, 'no');"
                                    " END", at));
}

/* FAIL-01: nothing is used up, nobody is let in, nothing is counted */
static void what_cannot_all_be_done_is_not_done_at_all(void **state)
{
    static const char *const faults[] = {
        "DELETE ON cp2fa_code", "DELETE ON cp2fa_session",
        "INSERT ON cp2fa_session", "INSERT ON cp2fa_event"};
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct secret phone;

    SQLITE_ONLY(world->place);
    enrolled_with_codes(world, &phone, &set);
    for (size_t i = 0; i < COUNT(faults); i++) {
        fault(world, faults[i]);
        for (int turn = 0; turn < 2; turn++) {
            assert_int_equal(use(world, set.code[0]),
                             CP2FA_OUTCOME_UNAVAILABLE);
        }
        hand(world->place, "DROP TRIGGER t");
        assert_int_equal(left(world), 10);
        assert_int_equal(sessions(world), 1);
        assert_int_equal(failures(world, &alice), 0);
    }
    assert_int_equal(use(world, set.code[0]), CP2FA_OUTCOME_DONE);
}

struct contest {
    struct world *world;
    const char *code;
    enum cp2fa_outcome outcomes[32];
};

static void contend(int number, apr_pool_t *p, void *with)
{
    struct contest *contest = with;
    struct cp2fa_grant grant = {.wait = 0};

    contest->outcomes[number] = cp2fa_recover_use(
        &contest->world->service, p, &contest->world->rules, &alice,
        contest->code, T0, &grant);
}

/* REC-02 */
static void of_many_who_use_one_code_at_once_one_gets_in(void **state)
{
    struct world *world = *state;
    struct cp2fa_recover_set set;
    struct contest contest = {.world = world};
    struct secret phone;

    enrolled_with_codes(world, &phone, &set);
    for (int round = 0; round < 5; round++) {
        int won = 0;

        contest.code = set.code[round];
        race(3, contend, &contest);
        for (int i = 0; i < 3; i++) {
            won += contest.outcomes[i] == CP2FA_OUTCOME_DONE;
        }
        assert_int_equal(won, 1);
        assert_int_equal(left(world), 9 - round);
        hand(world->place, "UPDATE cp2fa_account SET failures = '',"
                           " next_try = 0, locked_at = 0");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_set_is_ten_different_codes_of_25_digits),
        TEST_WORLD(the_database_holds_no_digit_of_them),
        TEST_WORLD(an_offer_is_taken_once_by_its_session_and_in_time),
        TEST_WORLD(who_has_no_device_is_offered_nothing),
        TEST_WORLD(a_new_set_takes_the_place_of_the_old_one),
        TEST_WORLD(a_set_that_cannot_be_made_leaves_the_old_one),
        TEST_WORLD(a_code_works_once_and_tells_the_owner),
        TEST_WORLD(a_code_may_be_typed_as_people_read_it),
        TEST_WORLD(what_is_no_code_costs_no_attempt),
        TEST_WORLD(wrong_codes_and_wrong_tokens_share_one_budget),
        TEST_WORLD(a_locked_factor_is_unlocked_once_the_delay_is_over),
        TEST_WORLD(a_code_of_before_a_key_rotation_still_works),
        TEST_WORLD(what_cannot_all_be_done_is_not_done_at_all),
        TEST_WORLD(of_many_who_use_one_code_at_once_one_gets_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
