/* SPDX-License-Identifier: Apache-2.0 */

/* What a database server may do to a connection. sqlite has none: there each
 * test of it is left out. */
#include "store/fixture.h"

#include <signal.h>

#include "store/accounts.h"
#include "store/db.h"

#define SERVER_ONLY(place)                                                     \
    do {                                                                       \
        if (!(place)->base) {                                                  \
            skip();                                                            \
        }                                                                      \
    } while (0)

static int is_pgsql(const struct place *place)
{
    return strcmp(place->driver_name, "pgsql") == 0;
}

struct heard {
    int count;
    int64_t seconds;
};

static struct heard heard;

static void hear(void *baton, int64_t seconds)
{
    (void)baton;
    heard.count++;
    heard.seconds = seconds;
}

/* With a limit, as httpd's children have it. */
static struct cp2fa_store *limited(struct place *place, int limit, int clock)
{
    const struct cp2fa_store_options options = {
        .driver = place->driver_name,
        .params = place->file,
        .connections = 2,
        .patience = apr_time_from_msec(500),
        .limit = apr_time_from_msec(limit),
        .complain = note_complaint,
        .skewed = clock ? hear : NULL,
        .baton = place,
    };
    struct cp2fa_store *store = NULL;

    assert_null(cp2fa_store_open(place->p, &options, &store));
    return store;
}

#define OURS                                                                   \
    " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND"                 \
    " application_name = 'mod_cp2fa'"

/* Every connection but the one by hand, as a restart would. */
static void cut_all(struct place *place)
{
    int64_t id;

    by_hand(place);
    if (is_pgsql(place)) {
        while (counted(place, "SELECT count(pg_terminate_backend(pid))" OURS)
               != 0) {
            apr_sleep(apr_time_from_msec(20));
        }
        return;
    }
    while ((id = counted(place, "SELECT id FROM information_schema.processlist"
                                " WHERE id <> connection_id() AND"
                                " db = database()")) != 0) {
        hand(place, apr_psprintf(place->p, "KILL %d", (int)id));
        apr_sleep(apr_time_from_msec(20));
    }
}

/* F1: prepared statements and all come back with a new connection. */
static void a_connection_that_the_server_closed_costs_nothing(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *store;
    struct cp2fa_tx *tx;

    SERVER_ONLY(place);
    store = limited(place, 2000, 0);
    for (int i = 0; i < 3; i++) {
        const char *name = apr_psprintf(place->p, "n%d", i);

        assert_int_equal(read_note(store, place->p), CP2FA_DB_OK);
        cut_all(place);
        assert_int_equal(read_note(store, place->p), CP2FA_DB_OK);
        cut_all(place);
        assert_int_equal(add_note(store, place->p, name), CP2FA_DB_OK);
        cut_all(place);
        /* here PostgreSQL's apr_dbd driver would crash */
        assert_int_equal(cp2fa_db_begin(store, place->p, &tx), CP2FA_DB_OK);
        assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    }
}

/* F1, FAIL-01: nothing of it is there, nobody is told that it is. */
static void a_transaction_that_the_server_cut_is_not_committed(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *store;
    const char *args[] = {"a", "value"};
    struct cp2fa_tx *tx;

    SERVER_ONLY(place);
    store = limited(place, 2000, 0);
    assert_int_equal(cp2fa_db_begin(store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_run(tx, CP2FA_SQL_META_ADD, args), CP2FA_DB_OK);
    cut_all(place);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_FAILED);
    assert_int_equal(counted(place, "SELECT count(*) FROM cp2fa_meta WHERE"
                                    " name = 'a'"), 0);
    assert_int_equal(add_note(store, place->p, "a"), CP2FA_DB_OK);
}

/* The process that serves the store, or all of them. */
static pid_t server_of(struct place *place)
{
    FILE *file;
    int pid = 0;

    if (is_pgsql(place)) {
        return (pid_t)counted(place, "SELECT pid" OURS
                                     " ORDER BY backend_start DESC LIMIT 1");
    }
    file = fopen(seen(place, "SELECT @@pid_file"), "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

/* The process that is stopped: it goes on whatever becomes of the test, or all
 * that use the server would hang. */
static volatile pid_t frozen;

static void thaw(int signal)
{
    (void)signal;
    if (frozen > 1) {
        kill(frozen, SIGCONT);
    }
}

static void freeze(pid_t pid)
{
    assert_true(pid > 1);
    frozen = pid;
    signal(SIGALRM, thaw);
    alarm(20);
    assert_int_equal(kill(pid, SIGSTOP), 0);
}

static int thawed(void **state)
{
    thaw(SIGALRM);
    alarm(0);
    frozen = 0;
    return without_place(state);
}

/* Within a time in which anything would have. */
static void assert_heals(struct place *place, struct cp2fa_store *store)
{
    apr_time_t start = apr_time_now();

    while (read_note(store, place->p) != CP2FA_DB_OK) {
        assert_true(apr_time_now() - start < apr_time_from_sec(20));
        apr_sleep(apr_time_from_msec(100));
    }
}

#define LIMIT 1000 /* milliseconds */
#define REST  1000 /* that a server which was cut off is left alone */

/* F2 */
static void a_silent_server_is_given_up_in_time_and_heals(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *store;
    enum cp2fa_db_result results[2];
    apr_interval_time_t took[2];
    apr_time_t start = 0;

    SERVER_ONLY(place);
    store = limited(place, LIMIT, 0);
    by_hand(place);
    assert_int_equal(read_note(store, place->p), CP2FA_DB_OK);
    freeze(server_of(place));
    /* its threads stop one by one: one may still answer */
    for (int i = 0; i < 100; i++) {
        start = apr_time_now();
        results[0] = read_note(store, place->p);
        took[0] = apr_time_now() - start;
        if (results[0] != CP2FA_DB_OK) {
            break;
        }
        apr_sleep(apr_time_from_msec(10));
    }
    results[1] = read_note(store, place->p);
    took[1] = apr_time_now() - start;
    thaw(SIGALRM);
    assert_int_equal(results[0], CP2FA_DB_FAILED);
    assert_in_range(took[0], apr_time_from_msec(LIMIT),
                    apr_time_from_msec(10 * LIMIT));
    /* the second is not kept at all, unless we were, by a busy machine */
    if (took[1] < apr_time_from_msec(LIMIT + REST)) {
        assert_int_equal(results[1], CP2FA_DB_FAILED);
        assert_non_null(strstr(place->said, "away a moment ago"));
    }
    assert_heals(place, store);
}

/* F4: could not tell, and soon; nothing of it happens when the lock goes. */
static void a_locked_table_fails_in_time_and_heals(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *store;
    apr_time_t start;
    apr_interval_time_t took;
    enum cp2fa_db_result told;

    SERVER_ONLY(place);
    store = limited(place, 2000, 0);
    assert_int_equal(read_note(store, place->p), CP2FA_DB_OK);
    if (is_pgsql(place)) {
        hand(place, "BEGIN");
        hand(place, "LOCK TABLE cp2fa_meta IN ACCESS EXCLUSIVE MODE");
    }
    else {
        hand(place, "LOCK TABLES cp2fa_meta WRITE");
    }
    start = apr_time_now();
    told = add_note(store, place->p, "a");
    took = apr_time_now() - start;
    hand(place, is_pgsql(place) ? "COMMIT" : "UNLOCK TABLES");
    assert_int_equal(told, CP2FA_DB_FAILED);
    assert_in_range(took, apr_time_from_msec(500), apr_time_from_sec(10));
    assert_heals(place, store);
    assert_int_equal(counted(place, "SELECT count(*) FROM cp2fa_meta WHERE"
                                    " name = 'a'"), 0);
    assert_int_equal(add_note(store, place->p, "a"), CP2FA_DB_OK);
}

/* F11 */
static void the_database_s_clock_is_compared(void **state)
{
    struct place *place = *state;

    SERVER_ONLY(place);
    heard.count = 0;
    assert_int_equal(read_note(limited(place, 2000, 1), place->p), CP2FA_DB_OK);
    assert_int_equal(heard.count, 0);
}

struct pair {
    struct place *place;
    struct cp2fa_store *nodes[2];
    int results[2];
};

/* Each waits until the other has begun, and then wants what the other has. */
static void end_my_account(int number, apr_pool_t *p, void *with)
{
    struct pair *pair = with;
    const char *args[] = {number ? "one" : "two", "1", "2"};
    struct cp2fa_tx *tx;

    pair->results[number] = CP2FA_DB_FAILED;
    if (cp2fa_accounts_begin(pair->nodes[number], p, "a", &tx)
        == CP2FA_DB_OK) {
        enum cp2fa_db_result result =
            cp2fa_tx_run(tx, CP2FA_SQL_LOGIN_ADD, args);

        apr_sleep(apr_time_from_msec(200));
        pair->results[number] = cp2fa_tx_end(tx, result);
    }
}

/* Of one account they follow each other; sqlite has one writer anyway. */
static void transactions_of_an_account_wait_for_each_other(void **state)
{
    struct place *place = *state;
    struct pair pair = {.place = place};
    apr_time_t start;

    hand(place, "INSERT INTO cp2fa_account VALUES"
                " ('a', 'realm', 'alice', 5, '', 6, 7, '', '', '', 0)");
    for (int i = 0; i < 2; i++) {
        pair.nodes[i] = store_on(place, place->p, place->file, 1, 3000);
        assert_int_equal(read_note(pair.nodes[i], place->p), CP2FA_DB_OK);
    }
    start = apr_time_now();
    race(2, end_my_account, &pair);
    assert_int_equal(how_many(pair.results, 2, CP2FA_DB_OK), 2);
    assert_true(apr_time_now() - start >= apr_time_from_msec(400));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TABLES(a_connection_that_the_server_closed_costs_nothing),
        TEST_TABLES(a_transaction_that_the_server_cut_is_not_committed),
        cmocka_unit_test_setup_teardown(
            a_silent_server_is_given_up_in_time_and_heals, with_tables, thawed),
        TEST_TABLES(a_locked_table_fails_in_time_and_heals),
        TEST_TABLES(the_database_s_clock_is_compared),
        TEST_TABLES(transactions_of_an_account_wait_for_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
