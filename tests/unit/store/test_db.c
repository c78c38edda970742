/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/db.h"

static enum cp2fa_db_result note(struct cp2fa_store *store, apr_pool_t *p,
                                 const char *name, const char *value)
{
    const char *args[] = {name, value};

    return cp2fa_db_run(store, p, CP2FA_SQL_META_ADD, args);
}

static enum cp2fa_db_result tx_note(struct cp2fa_tx *tx, const char *name)
{
    const char *args[] = {name, "value"};

    return cp2fa_tx_run(tx, CP2FA_SQL_META_ADD, args);
}

static enum cp2fa_db_result get(struct cp2fa_store *store, apr_pool_t *p,
                                const char *name, struct cp2fa_rows *rows)
{
    return cp2fa_db_read(store, p, CP2FA_SQL_META_GET, &name, rows);
}

static int64_t notes(struct place *place)
{
    return counted(place, "SELECT count(*) FROM cp2fa_meta"
                          " WHERE name <> 'schema'");
}

static struct cp2fa_tx *begun(struct place *place)
{
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(place->store, place->p, &tx), CP2FA_DB_OK);
    return tx;
}

static void a_number_comes_back_as_it_went(void **state)
{
    static const int64_t numbers[] = {
        0, 1, -1, 1767225600000000, INT64_C(9007199254740993), INT64_MAX,
        INT64_MIN,
    };
    struct place *place = *state;
    struct cp2fa_rows rows;

    for (size_t i = 0; i < COUNT(numbers); i++) {
        const char *text = cp2fa_db_number(place->p, numbers[i]);

        assert_true(cp2fa_db_int(text) == numbers[i]);
        assert_int_equal(note(place->store, place->p, text, text),
                         CP2FA_DB_OK);
        assert_int_equal(get(place->store, place->p, text, &rows),
                         CP2FA_DB_OK);
        assert_true(cp2fa_db_int(rows.row[0][0]) == numbers[i]);
    }
    assert_int_equal(cp2fa_db_int(""), 0);
    assert_int_equal(cp2fa_db_int("x1"), 0);
}

/* INP-02 */
static void whatever_is_bound_stays_text(void **state)
{
    static const char *const values[] = {
        "", "'", "\"; --", "'; DROP TABLE cp2fa_meta; --", "%s%lld%n", "?",
        "\\", "\303\244\360\237\230\200", "a\nb\rc", "A", "a", "a ",
    };
    struct place *place = *state;
    struct cp2fa_rows rows;

    for (size_t i = 0; i < COUNT(values); i++) {
        assert_int_equal(note(place->store, place->p, values[i], values[i]),
                         CP2FA_DB_OK);
        assert_int_equal(get(place->store, place->p, values[i], &rows),
                         CP2FA_DB_OK);
        assert_int_equal(rows.count, 1);
        assert_string_equal(rows.row[0][0], values[i]);
    }
    assert_int_equal(notes(place), COUNT(values));
}

static void a_change_of_one_row_is_ok_and_of_none_is_none(void **state)
{
    struct place *place = *state;
    const char *nobody[] = {"nobody"};
    const char *origin[] = {"origin", "1", "2"};

    assert_int_equal(cp2fa_db_run(place->store, place->p,
                                  CP2FA_SQL_LOGIN_ADD, origin), CP2FA_DB_OK);
    assert_int_equal(cp2fa_db_run(place->store, place->p,
                                  CP2FA_SQL_LOGIN_ADD, origin), CP2FA_DB_NONE);
    assert_int_equal(cp2fa_db_run(place->store, place->p,
                                  CP2FA_SQL_SESSION_END, nobody),
                     CP2FA_DB_NONE);
}

/* sqlite: the count of the statement before can come back with an error. */
static void a_change_that_fails_is_never_ok(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *one = store_on(place, place->p, place->file, 1, 300);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(note(one, place->p, cp2fa_db_number(place->p, i),
                              "first"), CP2FA_DB_OK);
        assert_int_equal(note(one, place->p, cp2fa_db_number(place->p, i),
                              "second"), CP2FA_DB_FAILED);
        assert_int_equal(note(one, place->p, "no value", NULL),
                         CP2FA_DB_FAILED);
    }
    assert_int_equal(notes(place), 3);
    assert_int_equal(counted(place, "SELECT count(*) FROM cp2fa_meta"
                                    " WHERE value = 'first'"), 3);
}

static void what_is_read_is_text_and_null_is_empty(void **state)
{
    struct place *place = *state;
    const char *args[] = {"realm", "alice"};
    struct cp2fa_rows rows = {NULL, 4711, 0};

    assert_int_equal(cp2fa_db_read(place->store, place->p,
                                   CP2FA_SQL_ACCOUNT_WITH_DEVICES, args,
                                   &rows), CP2FA_DB_NONE);
    assert_int_equal(rows.count, 0);
    hand(place, "INSERT INTO cp2fa_account VALUES"
                " ('a', 'realm', 'alice', 5, 'f', 6, 7, '', '', '', 0)");
    assert_int_equal(cp2fa_db_read(place->store, place->p,
                                   CP2FA_SQL_ACCOUNT_WITH_DEVICES, args,
                                   &rows), CP2FA_DB_OK);
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.columns, 19);
    assert_string_equal(rows.row[0][0], "a");
    assert_string_equal(rows.row[0][2], "6");
    for (int i = 7; i < rows.columns; i++) { /* behind the clock */
        assert_string_equal(rows.row[0][i], "");
    }
}

static void many_rows_come_whole_and_in_order(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows rows;

    hand(place, "INSERT INTO cp2fa_meta WITH RECURSIVE n(i) AS (SELECT 1"
                " UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
                " SELECT 'n' || (1000 + i), i FROM n");
    assert_int_equal(cp2fa_db_read(place->store, place->p,
                                   CP2FA_SQL_META_LIST, NULL, &rows),
                     CP2FA_DB_OK);
    assert_int_equal(rows.count, 1001);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(cp2fa_db_int(rows.row[i][1]), i + 1);
    }
}

static void a_table_that_is_gone_fails_and_one_that_is_back_heals(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows rows;

    assert_int_equal(note(place->store, place->p, "a", "1"), CP2FA_DB_OK);
    hand(place, "ALTER TABLE cp2fa_meta RENAME TO gone");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(note(place->store, place->p, "b", "2"),
                         CP2FA_DB_FAILED);
        assert_int_equal(get(place->store, place->p, "a", &rows),
                         CP2FA_DB_FAILED);
    }
    hand(place, "ALTER TABLE gone RENAME TO cp2fa_meta");
    assert_int_equal(note(place->store, place->p, "b", "2"), CP2FA_DB_OK);
    assert_int_equal(get(place->store, place->p, "a", &rows), CP2FA_DB_OK);
}

/* As after a restart of the database: prepared statements are of no use. */
static void a_stale_statement_is_tried_again_on_a_new_connection(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *one = store_on(place, place->p, place->file, 1, 300);
    struct cp2fa_rows rows;

    assert_int_equal(note(one, place->p, "a", "1"), CP2FA_DB_OK);
    for (int i = 0; i < 3; i++) {
        hand(place, apr_psprintf(place->p, "CREATE TABLE other%d (a INT)", 2 * i));
        assert_int_equal(get(one, place->p, "a", &rows), CP2FA_DB_OK);
        hand(place, apr_psprintf(place->p, "CREATE TABLE other%d (a INT)",
                                 2 * i + 1));
        assert_int_equal(note(one, place->p, cp2fa_db_number(place->p, i),
                              "1"), CP2FA_DB_OK);
    }
}

struct locked {
    struct place *place;
    int results[3];
    apr_interval_time_t took[3];
};

static void meet_a_lock(int number, apr_pool_t *p, void *with)
{
    struct locked *locked = with;
    struct cp2fa_store *store = locked->place->store;
    apr_time_t start = apr_time_now();
    struct cp2fa_rows rows;
    struct cp2fa_tx *tx;

    switch (number) {
    case 0:
        locked->results[0] = note(store, p, "too late", "1");
        break;
    case 1:
        locked->results[1] = cp2fa_db_begin(store, p, &tx);
        break;
    default:
        locked->results[2] = get(store, p, "schema", &rows);
        break;
    }
    locked->took[number] = apr_time_now() - start;
}

/* F4: could not tell, and soon; nothing of it happens when the lock goes. */
static void a_locked_database_fails_within_3_seconds_and_heals(void **state)
{
    struct place *place = *state;
    struct locked locked = {.place = place};

    SQLITE_ONLY(place);
    hand(place, "BEGIN IMMEDIATE");
    race(3, meet_a_lock, &locked);
    hand(place, "COMMIT");
    assert_int_equal(locked.results[0], CP2FA_DB_FAILED);
    assert_int_equal(locked.results[1], CP2FA_DB_FAILED);
    assert_int_equal(locked.results[2], CP2FA_DB_OK); /* WAL: readers go on */
    assert_int_equal(notes(place), 0);
    assert_int_equal(note(place->store, place->p, "now", "1"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(begun(place), CP2FA_DB_OK), CP2FA_DB_OK);
    for (int i = 0; i < 3; i++) {
        if (locked.took[i] > apr_time_from_sec(20)) { /* a busy machine's */
            fail_msg("call %d took %ld ms", i,
                     (long)(locked.took[i] / 1000));
        }
    }
}

static void what_a_transaction_did_stays_only_if_it_ends_well(void **state)
{
    static const struct {
        enum cp2fa_db_result so_far;
        int64_t left;
    } rows[] = {
        {CP2FA_DB_NONE, 0},
        {CP2FA_DB_FAILED, 0},
        {CP2FA_DB_OK, 2},
    };
    struct place *place = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp2fa_tx *tx = begun(place);

        assert_int_equal(tx_note(tx, "a"), CP2FA_DB_OK);
        assert_int_equal(tx_note(tx, "b"), CP2FA_DB_OK);
        assert_int_equal(notes(place), 0); /* not for others to see */
        assert_int_equal(cp2fa_tx_end(tx, rows[i].so_far), rows[i].so_far);
        assert_int_equal(notes(place), rows[i].left);
    }
}

static void a_step_that_changes_nothing_does_not_break_the_rest(void **state)
{
    struct place *place = *state;
    struct cp2fa_tx *tx = begun(place);
    const char *nobody = "nobody";
    struct cp2fa_rows rows;

    assert_int_equal(cp2fa_tx_run(tx, CP2FA_SQL_SESSION_END, &nobody),
                     CP2FA_DB_NONE);
    assert_int_equal(cp2fa_tx_run_any(tx, CP2FA_SQL_SESSIONS_END, &nobody),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_read(tx, CP2FA_SQL_SESSIONS_LIST, &nobody,
                                   &rows), CP2FA_DB_NONE);
    assert_int_equal(tx_note(tx, "a"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);
    assert_int_equal(notes(place), 1);
}

static enum cp2fa_db_result break_by(struct cp2fa_tx *tx, int how)
{
    const char *args[] = {"a"};
    struct cp2fa_rows rows;

    switch (how) {
    case 0: /* a constraint */
        return tx_note(tx, "schema");
    case 1: /* the trigger below ends sqlite's transaction */
        return tx_note(tx, "roll back");
    case 2:
        return cp2fa_tx_script(tx, "NO SUCH COMMAND");
    default:
        if (cp2fa_tx_script(tx, "ALTER TABLE cp2fa_session RENAME TO gone")
            != CP2FA_DB_OK) {
            return CP2FA_DB_NONE;
        }
        return cp2fa_tx_read(tx, CP2FA_SQL_SESSIONS_LIST, args, &rows);
    }
}

/* Not even if its caller says that all went well. */
static void a_broken_transaction_cannot_be_committed(void **state)
{
    struct place *place = *state;

    int sqlite = !place->base;

    if (sqlite) {
        hand(place, "CREATE TRIGGER t BEFORE INSERT ON cp2fa_meta"
                    " WHEN new.name = 'roll back'"
                    " BEGIN SELECT RAISE(ROLLBACK, 'over'); END");
    }
    for (int how = 0; how < 4; how++) {
        struct cp2fa_tx *tx;

        if (!sqlite && (how == 1 || how == 3)) {
            continue; /* no such trigger; and MariaDB commits an ALTER */
        }
        tx = begun(place);
        assert_int_equal(tx_note(tx, "before"), CP2FA_DB_OK);
        assert_int_equal(break_by(tx, how), CP2FA_DB_FAILED);
        tx_note(tx, "after"); /* must not autocommit */
        assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_FAILED);
        if (notes(place) != 0) {
            fail_msg("broken by %d: %s stays", how,
                     seen(place, "SELECT name FROM cp2fa_meta"
                                 " WHERE name <> 'schema'"));
        }
    }
    assert_int_equal(note(place->store, place->p, "healed", "1"), CP2FA_DB_OK);
}

/* Foreign keys put off until COMMIT make it fail. */
static void a_commit_that_fails_is_no_success(void **state)
{
    struct place *place = *state;
    struct cp2fa_tx *tx;
    const char *orphan[] = {"hash", "nobody", "pwd", "1", "1", "1", "1", "",
                            ""};

    SQLITE_ONLY(place);
    tx = begun(place);
    assert_int_equal(cp2fa_tx_script(tx, "PRAGMA defer_foreign_keys = ON"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_run(tx, CP2FA_SQL_SESSION_ADD, orphan),
                     CP2FA_DB_OK);
    assert_int_equal(tx_note(tx, "a"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_FAILED);
    assert_int_equal(notes(place), 0);
    assert_int_equal(note(place->store, place->p, "healed", "1"), CP2FA_DB_OK);
    assert_int_equal(counted(place, "SELECT count(*) FROM cp2fa_session"), 0);
}

static void without_a_store_everything_fails(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows rows;
    struct cp2fa_tx *tx;

    assert_int_equal(note(NULL, place->p, "a", "b"), CP2FA_DB_FAILED);
    assert_int_equal(get(NULL, place->p, "schema", &rows), CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_db_begin(NULL, place->p, &tx), CP2FA_DB_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TABLES(a_number_comes_back_as_it_went),
        TEST_TABLES(whatever_is_bound_stays_text),
        TEST_TABLES(a_change_of_one_row_is_ok_and_of_none_is_none),
        TEST_TABLES(a_change_that_fails_is_never_ok),
        TEST_TABLES(what_is_read_is_text_and_null_is_empty),
        TEST_TABLES(many_rows_come_whole_and_in_order),
        TEST_TABLES(a_table_that_is_gone_fails_and_one_that_is_back_heals),
        TEST_TABLES(a_stale_statement_is_tried_again_on_a_new_connection),
        TEST_TABLES(a_locked_database_fails_within_3_seconds_and_heals),
        TEST_TABLES(what_a_transaction_did_stays_only_if_it_ends_well),
        TEST_TABLES(a_step_that_changes_nothing_does_not_break_the_rest),
        TEST_TABLES(a_broken_transaction_cannot_be_committed),
        TEST_TABLES(a_commit_that_fails_is_no_success),
        TEST_TABLES(without_a_store_everything_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
