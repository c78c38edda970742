/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/devices.h"

static int with_two_accounts(void **state)
{
    if (with_tables(state) != 0) {
        return -1;
    }
    hand(*state, "INSERT INTO cp2fa_account VALUES"
                 " ('a', 'realm', 'alice', 1, '', 0, 0, '', '', '', 0),"
                 " ('b', 'realm', 'bob', 1, '', 0, 0, '', '', '', 0)");
    return 0;
}

#define TEST_TWO(test) \
    cmocka_unit_test_setup_teardown(test, with_two_accounts, without_place)

static struct cp2fa_device device_of(const char *id, const char *name)
{
    return (struct cp2fa_device){
        .id = id,
        .type = "totp",
        .name = name,
        .secret = "sealed",
        .totp = {CP2FA_TOTP_SHA256, 8, 60},
        .created = NOW,
    };
}

static void add(struct place *place, const char *account, const char *id,
                const char *name, const char *session, int64_t expires)
{
    struct cp2fa_device device = device_of(id, name);
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    result = cp2fa_devices_add(tx, place->p, account, &device, session,
                               expires);
    assert_int_equal(cp2fa_tx_end(tx, result), CP2FA_DB_OK);
}

static enum cp2fa_db_result pending(struct place *place, const char *account,
                                    const char *session, int64_t now)
{
    struct cp2fa_device *device;
    enum cp2fa_db_result result = cp2fa_devices_pending(
        place->store, place->p, account, session, now, &device);

    assert_int_equal(device != NULL, result == CP2FA_DB_OK);
    return result;
}

static enum cp2fa_db_result confirm(struct place *place, const char *account,
                                    const char *id, const char *name,
                                    const char *session, int64_t now)
{
    struct cp2fa_device device = device_of(id, name);
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    result = cp2fa_devices_confirm(tx, place->p, account, &device, session,
                                   100, 2, now);
    return cp2fa_tx_end(tx, result);
}

static enum cp2fa_db_result use(struct place *place, const char *id,
                                int64_t step)
{
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    return cp2fa_tx_end(tx, cp2fa_devices_use_step(tx, place->p, id, step, 1,
                                                   NOW + 5));
}

static const char *ids(struct place *place, const char *state)
{
    return seen(place, apr_psprintf(place->p,
                                    "SELECT group_concat(id) FROM (SELECT id"
                                    " FROM cp2fa_device WHERE state = '%s'"
                                    " ORDER BY id LIMIT 99) AS f", state));
}

/* ENR-04 */
static void a_pending_device_is_its_own_session_s_until_it_expires(void **s)
{
    static const struct {
        const char *account, *session;
        int64_t now;
        enum cp2fa_db_result result;
    } rows[] = {
        {"a", "mine", NOW, CP2FA_DB_OK},
        {"a", "mine", NOW + 599, CP2FA_DB_OK},
        {"a", "mine", NOW + 600, CP2FA_DB_NONE},
        {"a", "mine", NOW + 86400, CP2FA_DB_NONE},
        {"a", "other", NOW, CP2FA_DB_NONE},
        {"a", "", NOW, CP2FA_DB_NONE},
        {"a", "Mine", NOW, CP2FA_DB_NONE},
        {"b", "mine", NOW, CP2FA_DB_NONE},
    };
    struct place *place = *s;
    struct cp2fa_device *device;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (pending(place, rows[i].account, rows[i].session, rows[i].now)
            != rows[i].result) {
            fail_msg("row %zu", i);
        }
    }
    assert_int_equal(cp2fa_devices_pending(place->store, place->p, "a", "mine",
                                           NOW, &device), CP2FA_DB_OK);
    assert_string_equal(device->id, "d1");
    assert_string_equal(device->name, "phone");
    assert_string_equal(device->secret, "sealed");
    assert_int_equal(device->totp.alg, CP2FA_TOTP_SHA256);
    assert_int_equal(device->totp.digits, 8);
    assert_int_equal(device->totp.period, 60);
    assert_int_equal(device->last_step, -1);
    assert_int_equal(device->created, NOW);
}

static void an_account_has_one_pending_device_the_last(void **state)
{
    struct place *place = *state;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW),
                     CP2FA_DB_OK);
    add(place, "b", "d2", "phone", "hers", NOW + 600);
    add(place, "a", "d3", "tablet", "mine", NOW + 600);
    add(place, "a", "d4", "watch", "other", NOW + 600);
    assert_string_equal(ids(place, "pending"), "d2,d4");
    assert_string_equal(ids(place, "active"), "d1");
    assert_int_equal(pending(place, "a", "mine", NOW), CP2FA_DB_NONE);
    assert_int_equal(pending(place, "a", "other", NOW), CP2FA_DB_OK);
}

static void a_device_of_no_account_is_refused(void **state)
{
    struct place *place = *state;
    struct cp2fa_device device = device_of("d1", "phone");
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    result = cp2fa_devices_add(tx, place->p, "nobody", &device, "s", NOW);
    assert_int_equal(result, CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_tx_end(tx, result), CP2FA_DB_FAILED);
}

static void what_is_confirmed_is_active_and_its_first_step_used(void **state)
{
    struct place *place = *state;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW + 9),
                     CP2FA_DB_OK);
    assert_string_equal(seen(place, "SELECT state || last_step || ' ' || skew"
                                    " || session || ' ' || last_used"
                                    " FROM cp2fa_device"),
                        apr_psprintf(place->p, "active100 2 %d",
                                     (int)NOW + 9));
    assert_int_equal(use(place, "d1", 100), CP2FA_DB_NONE);
    assert_int_equal(use(place, "d1", 101), CP2FA_DB_OK);
    assert_int_equal(pending(place, "a", "mine", NOW), CP2FA_DB_NONE);
}

static void a_confirmation_needs_its_session_its_time_and_a_first_time(void **s)
{
    struct place *place = *s;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "other", NOW),
                     CP2FA_DB_NONE);
    assert_int_equal(confirm(place, "a", "d1", "phone", "", NOW),
                     CP2FA_DB_NONE);
    assert_int_equal(confirm(place, "a", "d2", "phone", "mine", NOW),
                     CP2FA_DB_NONE);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW + 600),
                     CP2FA_DB_NONE);
    assert_string_equal(ids(place, "pending"), "d1");
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW + 599),
                     CP2FA_DB_OK);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW),
                     CP2FA_DB_NONE);
    assert_int_equal(confirm(place, "a", "d1", "phone", "", NOW),
                     CP2FA_DB_NONE);
}

static void a_confirmed_device_takes_the_place_of_its_namesake(void **state)
{
    struct place *place = *state;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW), 0);
    add(place, "a", "d2", "Phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d2", "Phone", "mine", NOW), 0);
    add(place, "b", "d3", "phone", "hers", NOW + 600);
    assert_int_equal(confirm(place, "b", "d3", "phone", "hers", NOW), 0);
    add(place, "a", "d4", "phone", "mine", NOW + 600);
    assert_string_equal(ids(place, "active"), "d1,d2,d3");
    assert_int_equal(confirm(place, "a", "d4", "phone", "mine", NOW), 0);
    assert_string_equal(ids(place, "active"), "d2,d3,d4");
}

/* OTP-02, OTP-03; as numbers, and beyond 32 bits */
static void a_step_is_used_once_and_never_one_before_it(void **state)
{
    static const struct {
        int64_t step;
        enum cp2fa_db_result result;
    } rows[] = {
        {99, CP2FA_DB_NONE},      {100, CP2FA_DB_NONE},
        {101, CP2FA_DB_OK},       {101, CP2FA_DB_NONE},
        {100, CP2FA_DB_NONE},     {-5, CP2FA_DB_NONE},
        {1000, CP2FA_DB_OK},      {999, CP2FA_DB_NONE},
        {INT64_C(5000000000), CP2FA_DB_OK},
        {INT64_C(4999999999), CP2FA_DB_NONE},
        {INT64_C(5000000001), CP2FA_DB_OK},
    };
    struct place *place = *state;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(use(place, "d1", 200), CP2FA_DB_NONE); /* pending */
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (use(place, "d1", rows[i].step) != rows[i].result) {
            fail_msg("row %zu", i);
        }
    }
    assert_string_equal(seen(place, "SELECT last_step || ' ' || skew || ' ' ||"
                                    " last_used FROM cp2fa_device"),
                        apr_psprintf(place->p, "5000000001 1 %d",
                                     (int)NOW + 5));
    assert_int_equal(use(place, "nobody", 1), CP2FA_DB_NONE);
}

static void the_first_of_two_steps_is_noted_once(void **s)
{
    static const int64_t noted[] = {101, 101, 100, 99, 103, 102};
    struct place *place = *s;
    struct cp2fa_tx *tx;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW), 0);
    for (size_t i = 0; i < COUNT(noted); i++) {
        assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), 0);
        assert_int_equal(cp2fa_tx_end(tx, cp2fa_devices_note_half(
                                              tx, place->p, "d1", noted[i])),
                         i % 4 == 0 ? CP2FA_DB_OK : CP2FA_DB_NONE);
    }
    assert_int_equal(counted(place, "SELECT half_step FROM cp2fa_device"), 103);
    assert_int_equal(use(place, "d1", 104), CP2FA_DB_OK);
    assert_int_equal(counted(place, "SELECT half_step FROM cp2fa_device"), -1);
}

#define RACERS 16
#define STEPS  200

struct race {
    struct cp2fa_store *nodes[2];
    unsigned char accepted[RACERS][STEPS];
    int failed[RACERS];
};

static void use_every_step(int number, apr_pool_t *p, void *with)
{
    struct race *race = with;

    for (int step = 0; step < STEPS; step++) {
        struct cp2fa_tx *tx;
        enum cp2fa_db_result result =
            cp2fa_db_begin(race->nodes[number % 2], p, &tx);

        if (result == CP2FA_DB_OK) {
            result = cp2fa_devices_use_step(tx, p, "d1", 1000 + step, 0, NOW);
            result = cp2fa_tx_end(tx, result);
        }
        race->accepted[number][step] = result == CP2FA_DB_OK;
        race->failed[number] += result == CP2FA_DB_FAILED;
    }
}

/* OTP-05, on two nodes: of more connections than two, sqlite's driver makes
 * a crawl. */
static void of_16_racers_over_200_steps_one_gets_each_step(void **state)
{
    struct place *place = *state;
    struct race all = {.nodes = {NULL, NULL}};
    int failed = 0;
    int total = 0;

    for (int i = 0; i < 2; i++) {
        all.nodes[i] = store_on(place, place->p, place->file, 1, 20000);
    }
    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW), 0);
    race(RACERS, use_every_step, &all);
    for (int step = 0; step < STEPS; step++) {
        int times = 0;

        for (int i = 0; i < RACERS; i++) {
            times += all.accepted[i][step];
        }
        assert_in_range(times, 0, 1);
        total += times;
    }
    for (int i = 0; i < RACERS; i++) {
        failed += all.failed[i];
    }
    assert_int_equal(failed, 0);
    /* None failed, so whoever came first to a step got it. */
    assert_int_equal(total, STEPS);
    assert_int_equal(counted(place, "SELECT last_step FROM cp2fa_device"),
                     1000 + STEPS - 1);
}

static void what_is_dropped_is_this_account_s_only(void **state)
{
    struct place *place = *state;
    struct cp2fa_tx *tx;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    assert_int_equal(confirm(place, "a", "d1", "phone", "mine", NOW), 0);
    add(place, "a", "d2", "tablet", "mine", NOW + 600);
    add(place, "b", "d3", "phone", "hers", NOW + 600);
    assert_int_equal(cp2fa_devices_drop_pending(place->store, place->p, "a"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_devices_drop_pending(place->store, place->p, "a"),
                     CP2FA_DB_NONE);
    assert_string_equal(ids(place, "pending"), "d3");
    assert_string_equal(ids(place, "active"), "d1");
    add(place, "a", "d2", "tablet", "mine", NOW + 600);
    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_devices_drop_all(tx, "a"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_devices_drop_all(tx, "a"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    assert_string_equal(seen(place, "SELECT group_concat(id)"
                                    " FROM cp2fa_device"), "d3");
}

static void a_pending_row_that_is_not_understood_fails(void **state)
{
    struct place *place = *state;
    struct cp2fa_device *device;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    hand(place, "UPDATE cp2fa_device SET algorithm = 'MD5'");
    assert_int_equal(cp2fa_devices_pending(place->store, place->p, "a", "mine",
                                           NOW, &device), CP2FA_DB_FAILED);
}

static void a_number_beyond_32_bits_is_not_taken_for_its_tail(void **state)
{
    struct place *place = *state;
    struct cp2fa_device *device;

    add(place, "a", "d1", "phone", "mine", NOW + 600);
    hand(place, "UPDATE cp2fa_device SET digits = 4294967296 + digits");
    assert_int_equal(cp2fa_devices_pending(place->store, place->p, "a", "mine",
                                           NOW, &device), CP2FA_DB_FAILED);
}

static void without_a_store_everything_fails(void **state)
{
    struct place *place = *state;
    struct cp2fa_device *device;

    assert_int_equal(cp2fa_devices_pending(NULL, place->p, "a", "mine", NOW,
                                           &device), CP2FA_DB_FAILED);
    assert_null(device);
    assert_int_equal(cp2fa_devices_drop_pending(NULL, place->p, "a"),
                     CP2FA_DB_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TWO(a_pending_device_is_its_own_session_s_until_it_expires),
        TEST_TWO(an_account_has_one_pending_device_the_last),
        TEST_TWO(a_device_of_no_account_is_refused),
        TEST_TWO(the_first_of_two_steps_is_noted_once),
        TEST_TWO(what_is_confirmed_is_active_and_its_first_step_used),
        TEST_TWO(a_confirmation_needs_its_session_its_time_and_a_first_time),
        TEST_TWO(a_confirmed_device_takes_the_place_of_its_namesake),
        TEST_TWO(a_step_is_used_once_and_never_one_before_it),
        TEST_TWO(of_16_racers_over_200_steps_one_gets_each_step),
        TEST_TWO(what_is_dropped_is_this_account_s_only),
        TEST_TWO(a_pending_row_that_is_not_understood_fails),
        TEST_TWO(a_number_beyond_32_bits_is_not_taken_for_its_tail),
        TEST_TWO(without_a_store_everything_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
