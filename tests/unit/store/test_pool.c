/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include <dirent.h>
#include <sys/stat.h>

#include "store/db.h"

/* How often this process has the database's file open. */
static int open_files(const struct place *place)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char link[300];
        char target[300] = "";

        snprintf(link, sizeof(link), "/proc/self/fd/%s", entry->d_name);
        if (readlink(link, target, sizeof(target) - 1) > 0) {
            count += strcmp(target, place->file) == 0;
        }
    }
    closedir(dir);
    return count;
}

static void an_unknown_driver_is_named_with_the_package_to_install(void **s)
{
    struct place *place = *s;
    const struct cp2fa_store_options options = {
        .driver = "oracle9",
        .params = place->file,
        .connections = 1,
        .complain = note_complaint,
        .baton = place,
    };
    struct cp2fa_store *store;
    const char *problem = cp2fa_store_open(place->p, &options, &store);

    assert_non_null(problem);
    assert_non_null(strstr(problem, "libaprutil1-dbd-oracle9"));
}

static void connections_are_opened_when_first_needed(void **state)
{
    struct place *place = *state;

    SQLITE_ONLY(place);
    assert_int_equal(access(place->file, F_OK), -1);
    assert_int_equal(open_files(place), 0);
    assert_int_equal(read_note(place->store, place->p), CP2FA_DB_FAILED);
    assert_int_equal(access(place->file, F_OK), 0);
}

static void the_params_are_the_store_s_own(void **state)
{
    struct place *place = *state;
    char params[256];
    struct cp2fa_store *store;

    strcpy(params, place->file);
    store = store_on(place, place->p, params, 1, 300);
    memset(params, 'x', sizeof(params) - 1);
    assert_int_equal(read_note(store, place->p), CP2FA_DB_OK);
}

static void connections_close_with_the_pool_that_they_live_in(void **state)
{
    struct place *place = *state;
    apr_pool_t *p;
    struct cp2fa_store *store;

    SQLITE_ONLY(place);
    for (int i = 0; i < 20; i++) {
        apr_pool_create(&p, place->p);
        store = store_on(place, p, place->file, 3, 300);
        assert_int_equal(read_note(store, p), CP2FA_DB_OK);
        assert_int_equal(open_files(place), 1);
        apr_pool_destroy(p);
        assert_int_equal(open_files(place), 0);
    }
}

static void the_journal_is_written_ahead(void **state)
{
    struct place *place = *state;

    SQLITE_ONLY(place);
    assert_string_equal(seen(place, "PRAGMA journal_mode"), "wal");
}

struct waiting {
    struct place *place;
    struct cp2fa_store *store;
    int results[64];
    apr_interval_time_t took[64];
};

static void wait_for_one(int number, apr_pool_t *p, void *with)
{
    struct waiting *waiting = with;
    apr_time_t start = apr_time_now();
    struct cp2fa_tx *tx;

    switch (number) {
    case 0:
        waiting->results[0] = read_note(waiting->store, p);
        break;
    case 1:
        waiting->results[1] = add_note(waiting->store, p, "in vain");
        break;
    default:
        waiting->results[number] = cp2fa_db_begin(waiting->store, p, &tx);
        break;
    }
    waiting->took[number] = apr_time_now() - start;
}

/* F2: nobody waits for a connection without end. */
static void a_pool_without_a_free_connection_fails_after_its_patience(void **s)
{
    struct place *place = *s;
    struct waiting waiting = {.place = place};
    struct cp2fa_tx *tx;

    waiting.store = store_on(place, place->p, place->file, 1, 300);
    assert_int_equal(cp2fa_db_begin(waiting.store, place->p, &tx),
                     CP2FA_DB_OK);
    race(3, wait_for_one, &waiting);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(waiting.results[i], CP2FA_DB_FAILED);
        assert_in_range(waiting.took[i], 290000, 60000000);
    }
    assert_string_equal(place->said, "every database connection is busy");
    assert_int_equal(read_note(waiting.store, place->p), CP2FA_DB_OK);
    assert_int_equal(add_note(waiting.store, place->p, "in vain"), CP2FA_DB_OK);
}

static void hold_or_wait(int number, apr_pool_t *p, void *with)
{
    struct waiting *waiting = with;
    struct cp2fa_tx *tx;

    if (number == 0) {
        waiting->results[0] = cp2fa_db_begin(waiting->store, p, &tx);
        if (waiting->results[0] == CP2FA_DB_OK) {
            apr_sleep(apr_time_from_msec(150));
            waiting->results[0] = cp2fa_tx_end(tx, CP2FA_DB_OK);
        }
    }
    else {
        apr_sleep(apr_time_from_msec(20));
        waiting->results[number] = read_note(waiting->store, p);
    }
}

static void who_waits_gets_the_connection_that_is_given_back(void **state)
{
    struct place *place = *state;
    struct waiting waiting = {.place = place};

    waiting.store = store_on(place, place->p, place->file, 1, 30000);
    race(4, hold_or_wait, &waiting);
    assert_int_equal(how_many(waiting.results, 4, CP2FA_DB_OK), 4);
}

/* F1: it heals by itself. */
static void a_folder_that_is_missing_fails_until_it_is_there(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *store;
    char folder[80];
    char file[96];

    SQLITE_ONLY(place);
    snprintf(folder, sizeof(folder), "%s/later", place->folder);
    snprintf(file, sizeof(file), "%s/db", folder);
    store = store_on(place, place->p, file, 1, 300);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(add_note(store, place->p, "a"), CP2FA_DB_FAILED);
    }
    assert_true(place->complaints >= 3);
    assert_non_null(strstr(place->said, "cannot open the database"));
    assert_int_equal(mkdir(folder, 0700), 0);
    {
        int64_t version;

        assert_int_equal(cp2fa_schema_ensure(store, place->p, &version),
                         CP2FA_SCHEMA_MADE);
    }
    assert_int_equal(add_note(store, place->p, "a"), CP2FA_DB_OK);
    unlink(apr_pstrcat(place->p, file, "-wal", NULL));
    unlink(apr_pstrcat(place->p, file, "-shm", NULL));
    unlink(file);
    rmdir(folder);
}

static void a_file_that_is_no_database_fails_and_is_not_kept_open(void **state)
{
    struct place *place = *state;
    FILE *file;

    SQLITE_ONLY(place);
    file = fopen(place->file, "w");
    assert_non_null(file);
    for (int i = 0; i < 4096; i++) {
        fputs("no database ", file);
    }
    fclose(file);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(read_note(place->store, place->p), CP2FA_DB_FAILED);
        assert_int_equal(add_note(place->store, place->p, "a"),
                         CP2FA_DB_FAILED);
    }
    assert_int_equal(open_files(place), 0);
    assert_true(place->complaints > 0);
}

static void write_slowly_or_second(int number, apr_pool_t *p, void *with)
{
    struct waiting *waiting = with;
    apr_time_t start;
    struct cp2fa_tx *tx;

    if (number == 0) {
        waiting->results[0] = cp2fa_db_begin(waiting->store, p, &tx);
        if (waiting->results[0] == CP2FA_DB_OK) {
            apr_sleep(apr_time_from_msec(10));
            waiting->results[0] = cp2fa_tx_end(tx, CP2FA_DB_OK);
        }
        return;
    }
    apr_sleep(apr_time_from_msec(3));
    start = apr_time_now();
    waiting->results[1] =
        add_note(waiting->store, p, cp2fa_db_number(p, start));
    waiting->took[1] = apr_time_now() - start;
}

/* Not in sqlite, which would sleep for 80 ms, and its driver for 100. */
static void a_writer_waits_for_the_one_before_it(void **state)
{
    struct place *place = *state;
    struct waiting waiting = {.place = place};
    apr_interval_time_t least = apr_time_from_sec(60);

    waiting.store = store_on(place, place->p, place->file, 2, 30000);
    for (int i = 0; i < 5; i++) {
        race(2, write_slowly_or_second, &waiting);
        assert_int_equal(how_many(waiting.results, 2, CP2FA_DB_OK), 2);
        least = waiting.took[1] < least ? waiting.took[1] : least;
    }
    assert_in_range(least, 0, 79000);
}

/* As one is by another process that has the file locked. */
static void who_reads_gets_past_a_writer_that_is_held_up(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *store =
        store_on(place, place->p, place->file, 2, 30000);
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(store, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(read_note(store, place->p), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
}

static void hammer(int number, apr_pool_t *p, void *with)
{
    struct waiting *waiting = with;
    char name[40];

    for (int i = 0; i < 60 && waiting->results[number] == CP2FA_DB_OK; i++) {
        snprintf(name, sizeof(name), "thread %d turn %d", number, i);
        waiting->results[number] =
            i % 3 == 0 ? add_note(waiting->store, p, name)
                       : read_note(waiting->store, p);
    }
}

static void sixteen_threads_share_four_connections(void **state)
{
    struct place *place = *state;
    struct waiting waiting = {.place = place};
    int before = open_files(place);

    waiting.store = store_on(place, place->p, place->file, 4, 5000);
    race(16, hammer, &waiting);
    assert_int_equal(how_many(waiting.results, 16, CP2FA_DB_OK), 16);
    if (!place->base) {
        assert_in_range(open_files(place) - before, 1, 4);
    }
    assert_int_equal(counted(place, "SELECT count(*) FROM cp2fa_meta"
                                    " WHERE name LIKE 'thread%'"),
                     16 * 20);
    assert_int_equal(place->complaints, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_EMPTY(an_unknown_driver_is_named_with_the_package_to_install),
        TEST_EMPTY(connections_are_opened_when_first_needed),
        TEST_TABLES(the_params_are_the_store_s_own),
        TEST_TABLES(connections_close_with_the_pool_that_they_live_in),
        TEST_TABLES(the_journal_is_written_ahead),
        TEST_TABLES(a_pool_without_a_free_connection_fails_after_its_patience),
        TEST_TABLES(who_waits_gets_the_connection_that_is_given_back),
        TEST_TABLES(a_writer_waits_for_the_one_before_it),
        TEST_TABLES(who_reads_gets_past_a_writer_that_is_held_up),
        TEST_EMPTY(a_folder_that_is_missing_fails_until_it_is_there),
        TEST_EMPTY(a_file_that_is_no_database_fails_and_is_not_kept_open),
        TEST_TABLES(sixteen_threads_share_four_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
