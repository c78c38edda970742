/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/logins.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static enum cp2fa_db_result swap(struct place *place, int64_t failures,
                                 int64_t at, int64_t new_failures,
                                 int64_t new_at)
{
    const struct cp2fa_slowness before = {failures, at};
    const struct cp2fa_slowness after = {new_failures, new_at};
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    return cp2fa_tx_end(tx,
                        cp2fa_logins_swap(tx, place->p, KEY, &before, &after));
}

static void reads(struct place *place, int64_t failures, int64_t at)
{
    struct cp2fa_slowness state;
    int64_t now = NOW;

    assert_int_equal(
        cp2fa_logins_read(place->store, NULL, place->p, KEY, &state, &now),
        CP2FA_DB_OK);
    /* this store's node is not to go by the database's clock */
    assert_int_equal(now, NOW);
    assert_int_equal(state.failures, failures);
    assert_int_equal(state.at, at);
}

static void who_is_not_there_has_failed_never(void **state)
{
    reads(*state, 0, 0);
}

static void a_swap_has_one_winner(void **state)
{
    assert_int_equal(swap(*state, 0, 0, 1, NOW), CP2FA_DB_OK);
    reads(*state, 1, NOW);
    assert_int_equal(swap(*state, 0, 0, 1, NOW + 1), CP2FA_DB_NONE);
    assert_int_equal(swap(*state, 1, NOW + 1, 2, NOW), CP2FA_DB_NONE);
    assert_int_equal(swap(*state, 2, NOW, 3, NOW), CP2FA_DB_NONE);
    reads(*state, 1, NOW);
    assert_int_equal(swap(*state, 1, NOW, 2, NOW), CP2FA_DB_OK);
    assert_int_equal(swap(*state, 2, NOW, 1, NOW), CP2FA_DB_OK);
    reads(*state, 1, NOW);
}

static void the_old_are_forgotten_and_the_forgiven(void **state)
{
    struct place *place = *state;
    struct cp2fa_tx *tx;

    for (int forgive = 0; forgive < 2; forgive++) {
        enum cp2fa_db_result result;

        assert_int_equal(swap(place, 0, 0, 5, NOW), CP2FA_DB_OK);
        assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx),
                         CP2FA_DB_OK);
        result = cp2fa_logins_expire(tx, place->p, NOW);
        assert_int_equal(result, CP2FA_DB_OK);
        assert_int_equal(cp2fa_tx_end(tx, result), CP2FA_DB_OK);
        reads(place, 5, NOW);
        assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx),
                         CP2FA_DB_OK);
        result = forgive ? cp2fa_logins_forgive(tx, KEY)
                         : cp2fa_logins_expire(tx, place->p, NOW + 1);
        assert_int_equal(cp2fa_tx_end(tx, result), CP2FA_DB_OK);
        reads(place, 0, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_not_there_has_failed_never,
                                        with_tables, without_place),
        cmocka_unit_test_setup_teardown(a_swap_has_one_winner, with_tables,
                                        without_place),
        cmocka_unit_test_setup_teardown(
            the_old_are_forgotten_and_the_forgiven, with_tables,
            without_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
