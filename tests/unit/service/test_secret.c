/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/secret.h"

static int64_t devices(struct world *world)
{
    return counted(world->place, "SELECT count(*) FROM cp2fa_device");
}

static void a_secret_opens_in_its_own_row_only(void **state)
{
    static const uint8_t secret[20] = "12345678901234567890";
    const struct cp2fa_who others[] = {{"realm", "bob"}, {"other", "alice"},
                                       {"realma", "lice"}, {"", ""}};
    struct world *world = *state;
    struct cp2fa_device device = {.id = "d1",
                                  .totp = {CP2FA_TOTP_SHA1, 6, 30}};
    uint8_t out[CP2FA_SEAL_PLAIN_MAX];
    struct cp2fa_device moved;

    assert_int_equal(cp2fa_secret_seal(&world->service, world->p, &alice,
                                       &device, secret, sizeof(secret)), 0);
    assert_null(strstr(device.secret, "12345"));
    assert_int_equal(cp2fa_secret_open(&world->service, world->p, &alice,
                                       &device, out), 20);
    assert_memory_equal(out, secret, 20);
    assert_int_equal(world->place->complaints, 0);
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(cp2fa_secret_open(&world->service, world->p,
                                           &others[i], &device, out), -1);
    }
    for (int i = 0; i < 4; i++) {
        moved = device;
        moved.id = i == 0 ? "d2" : moved.id;
        moved.totp.alg = i == 1 ? CP2FA_TOTP_SHA256 : moved.totp.alg;
        moved.totp.digits = i == 2 ? 8 : moved.totp.digits;
        moved.totp.period = i == 3 ? 60 : moved.totp.period;
        assert_int_equal(cp2fa_secret_open(&world->service, world->p, &alice,
                                           &moved, out), -1);
    }
    assert_int_equal(world->place->complaints, 8);
}

/* CRY-02 */
static void a_changed_or_moved_secret_is_unavailable_and_complained_of(void **s)
{
    static const char *const changes[] = {
        "UPDATE cp2fa_device SET secret = (SELECT o.secret FROM cp2fa_device o"
        " WHERE o.id <> cp2fa_device.id)", /* alice's and bob's swapped */
        "UPDATE cp2fa_device SET period = 60",
        "UPDATE cp2fa_device SET algorithm = 'SHA256'",
        "UPDATE cp2fa_device SET secret = substr(secret, 1, 40)",
        "UPDATE cp2fa_device SET secret = ''",
        "UPDATE cp2fa_device SET secret = replace(secret, '1.k1.', '1.k2.')",
        "UPDATE cp2fa_device SET secret = replace(secret, '1.k1.', '1.k9.')",
        "UPDATE cp2fa_device SET id = 'zz' || substr(id, 3)",
    };
    struct world *world = *s;
    struct secret hers, his;

    enrolled(world, &alice, "phone", T0 - MINUTE, &hers);
    enrolled(world, &bob, "phone", T0 - MINUTE, &his);
    hand(world->place, "CREATE TABLE kept AS SELECT * FROM cp2fa_device");
    for (size_t i = 0; i < COUNT(changes); i++) {
        int before;

        hand(world->place, changes[i]);
        before = world->place->complaints;
        for (int turn = 0; turn < 5; turn++) {
            enum cp2fa_outcome outcome =
                outcome_of(world, &alice, code(world, turn % 2 ? &his : &hers,
                                               T0, 0), T0);

            if (outcome != CP2FA_OUTCOME_UNAVAILABLE) {
                fail_msg("change %zu: %s", i,
                         cp2fa_service_outcome_name(outcome));
            }
        }
        assert_true(world->place->complaints >= before + 5);
        assert_non_null(strstr(world->place->said, "does not open"));
        assert_int_equal(failures(world, &alice), 0);
        hand(world->place, "DELETE FROM cp2fa_device");
        hand(world->place, "INSERT INTO cp2fa_device SELECT * FROM kept");
    }
    assert_int_equal(outcome_of(world, &alice, code(world, &hers, T0, 0), T0),
                     CP2FA_OUTCOME_DONE);
}

/* CRY-05 */
static void a_wrong_or_lost_key_never_reads_as_a_wrong_token(void **state)
{
    static const char *const keys[] = {"k1:" KEY_B "\n", "k2:" KEY_A "\n"};
    struct world *world = *state;
    struct cp2fa_pending pending;
    struct cp2fa_grant grant;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - MINUTE, &secret);
    started(world, &alice, "tablet", browser(world, &alice), T0, &secret);
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct cp2fa_keyring *other = ring_of(world->crypto, keys[i]);

        world->service.keys = other;
        for (int turn = 0; turn < 4; turn++) {
            assert_int_equal(outcome_of(world, &alice, "123456", T0),
                             CP2FA_OUTCOME_UNAVAILABLE);
            assert_int_equal(confirm(world, &alice, browser(world, &alice),
                                     "123456", T0, &grant),
                             CP2FA_OUTCOME_UNAVAILABLE);
            assert_int_equal(cp2fa_enrol_show(&world->service, world->p,
                                              &alice,
                                              browser(world, &alice), T0,
                                              &pending),
                             CP2FA_OUTCOME_UNAVAILABLE);
        }
        assert_int_equal(failures(world, &alice), 0);
        world->service.keys = world->ring;
        cp2fa_keyring_free(other);
    }
    assert_int_equal(devices(world), 2);
}

/* One that opens still lets its owner in, and is still guessed at: those
 * guesses cost what they always do (THR-01). */
static void a_device_that_does_not_open_makes_no_guess_at_another_free(void **s)
{
    struct world *world = *s;
    struct secret phone, tablet;
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_DONE;

    enrolled(world, &alice, "phone", T0 - DAY, &phone);
    enrolled(world, &alice, "tablet", T0 - DAY + MINUTE, &tablet);
    for (int i = 0; i < 2; i++) {
        hand(world->place, "UPDATE cp2fa_device SET secret = '1.k9.AAAA'"
                           " WHERE name = 'tablet'");
        assert_int_equal(outcome_of(world, &alice, code(world, &phone, T0, i),
                                    T0), CP2FA_OUTCOME_DONE);
    }
    for (int i = 0; i < 25; i++) {
        outcome = outcome_of(world, &alice, wrong(world, &phone, T0), T0);
        assert_int_not_equal(outcome, CP2FA_OUTCOME_DONE);
    }
    if (outcome != CP2FA_OUTCOME_WAIT) {
        fail_msg("after 25 wrong tokens at once: %s, %d counted",
                 cp2fa_service_outcome_name(outcome),
                 (int)failures(world, &alice));
    }
}

static void the_first_code_sets_the_skew_within_bounds(void **state)
{
    static const int64_t offs[] = {-6, -3, 0, 4, 6};
    struct world *world = *state;
    struct cp2fa_match match;
    struct secret secret;

    for (size_t i = 0; i < COUNT(offs); i++) {
        struct cp2fa_account *account;
        struct cp2fa_device device;
        int64_t here = cp2fa_totp_step(&world->rules.totp, T0 / SECOND);

        enrolled(world, &alice, "phone", T0 - DAY, &secret);
        assert_int_equal(cp2fa_accounts_find(world->service.store, world->p,
                                             "realm", "alice", &account), 0);
        device = account->devices[0];
        device.last_step = -1;
        assert_int_equal(cp2fa_secret_match(&world->service, world->p,
                                            &world->rules, &alice, &device,
                                            0, 1,
                                            code(world, &secret, T0, offs[i]),
                                            T0, &match), CP2FA_OUTCOME_DONE);
        assert_int_equal(match.step, here + offs[i]);
        assert_int_equal(match.skew, offs[i]);
        device.last_step = here + offs[i];
        assert_int_equal(cp2fa_secret_match(&world->service, world->p,
                                            &world->rules, &alice, &device,
                                            0, 1,
                                            code(world, &secret, T0, offs[i]),
                                            T0, &match), CP2FA_OUTCOME_USED);
        assert_int_equal(cp2fa_secret_match(&world->service, world->p,
                                            &world->rules, &alice, &device,
                                            0, 1,
                                            "12345", T0, &match),
                         CP2FA_OUTCOME_MALFORMED);
    }
}

static void without_random_bytes_nothing_is_sealed(void **state)
{
    static const uint8_t secret[20] = "12345678901234567890";
    struct world *world = *state;
    struct cp2fa_device device = {.id = "d1",
                                  .totp = {CP2FA_TOTP_SHA1, 6, 30}};

    dice.fail_at = 1;
    assert_int_equal(cp2fa_secret_seal(&world->service, world->p, &alice,
                                       &device, secret, sizeof(secret)), -1);
    assert_null(device.secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_secret_opens_in_its_own_row_only),
        TEST_WORLD(a_changed_or_moved_secret_is_unavailable_and_complained_of),
        TEST_WORLD(a_wrong_or_lost_key_never_reads_as_a_wrong_token),
        TEST_WORLD(a_device_that_does_not_open_makes_no_guess_at_another_free),
        TEST_WORLD(the_first_code_sets_the_skew_within_bounds),
        TEST_WORLD(without_random_bytes_nothing_is_sealed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
