/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fixture.h"

#include "store/db.h"

/* Every table, index and note there is, as one text. */
static const char *whole(struct place *place)
{
    const char *sql =
        place->base ? "SELECT group_concat(t) FROM (SELECT table_name || ' ' ||"
                      " column_name || ' ' || data_type AS t FROM"
                      " information_schema.columns WHERE table_schema = '%s'"
                      " ORDER BY table_name, ordinal_position LIMIT 9999)"
                      " AS found"
                    : "SELECT group_concat(sql, ';') FROM (SELECT sql"
                      " FROM sqlite_master ORDER BY name)";

    return apr_pstrcat(place->p,
                       seen(place, apr_psprintf(place->p, sql, place->name)),
                       seen(place, "SELECT group_concat(name || '=' || value)"
                                   " FROM cp2fa_meta"), NULL);
}

static void the_tables_are_made_once(void **state)
{
    struct place *place = *state;
    const char *before;
    int64_t version = 4711;

    assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_MADE);
    before = whole(place);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_READY);
        assert_int_equal(version, CP2FA_SCHEMA_VERSION);
    }
    assert_string_equal(whole(place), before);
    if (!place->base) {
        assert_int_equal(counted(place, "SELECT count(*) FROM sqlite_master"
                                        " WHERE type = 'table'"), 11);
    }
    assert_int_equal(place->complaints, 0);
}

static void who_made_the_tables_finds_them_the_next_time(void **state)
{
    struct place *place = *state;
    int64_t version;

    assert_int_equal(cp2fa_schema_ensure(place->store, place->p, &version),
                     CP2FA_SCHEMA_MADE);
    for (int i = 0; i < 3; i++) {
        enum cp2fa_schema_state again =
            cp2fa_schema_ensure(place->store, place->p, &version);

        if (again != CP2FA_SCHEMA_READY) {
            fail_msg("state %d: %s", again, place->said);
        }
    }
}

/* What the loser of a race between two makers meets: sqlite knows the tables
 * of old when its turn comes. */
static void a_connection_from_before_the_tables_finds_them(void **state)
{
    struct place *place = *state;
    struct cp2fa_store *early = store_on(place, place->p, place->file, 1, 300);
    enum cp2fa_schema_state late;
    struct cp2fa_tx *tx;
    int64_t version;

    assert_int_equal(cp2fa_db_begin(early, place->p, &tx), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_script(tx, "CREATE TABLE passing (a INT)"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_script(tx, "DROP TABLE passing"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_tx_end(tx, CP2FA_DB_OK), CP2FA_DB_OK);

    assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_MADE);
    late = cp2fa_schema_ensure(early, place->p, &version);
    if (late != CP2FA_SCHEMA_READY) {
        fail_msg("state %d: %s", late, place->said);
    }
}

/* F26 */
static void tables_of_another_version_are_left_as_they_are(void **state)
{
    static const struct {
        const char *value;
        int64_t version;
    } rows[] = {{"0", 0}, {"1", 1}, {"99", 99}, {"-1", -1}, {"x", 0}};
    struct place *place = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t version = 4711;
        const char *before;

        hand(place, apr_psprintf(place->p, "UPDATE cp2fa_meta SET value = '%s'"
                                           " WHERE name = 'schema'",
                                 rows[i].value));
        before = whole(place);
        assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_OTHER);
        assert_int_equal(version, rows[i].version);
        assert_string_equal(whole(place), before);
    }
}

/* Another program's tables, or what is left of ours: not for us to fill. */
static void a_table_in_the_way_fails_and_nothing_is_left(void **state)
{
    static const char *const in_the_way[] = {"cp2fa_account", "cp2fa_device",
                                             "cp2fa_session"};
    struct place *place = *state;
    int64_t version;

    SQLITE_ONLY(place);
    for (size_t i = 0; i < COUNT(in_the_way); i++) {
        const char *name = in_the_way[i];

        hand(place, apr_pstrcat(place->p, "CREATE TABLE ", name, " (a)",
                                NULL));
        assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_FAILED);
        assert_string_equal(seen(place, "SELECT group_concat(name)"
                                        " FROM sqlite_master"), name);
        hand(place, apr_pstrcat(place->p, "DROP TABLE ", name, NULL));
    }
    assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_MADE);
}

struct makers {
    struct place *place;
    int states[16];
};

/* Each is a node: with a store, so with connections, of its own. */
static void make_one(int number, apr_pool_t *p, void *with)
{
    struct makers *makers = with;
    struct cp2fa_store_options options = {
        .driver = makers->place->driver_name,
        .params = makers->place->file,
        .connections = 1,
        .patience = apr_time_from_sec(1),
        .complain = note_complaint,
        .baton = makers->place,
    };
    struct cp2fa_store *store;
    int64_t version;

    makers->states[number] =
        cp2fa_store_open(p, &options, &store)
            ? -1
            : (int)cp2fa_schema_ensure(store, p, &version);
}

static void of_makers_that_race_one_makes_and_all_are_ready(void **state)
{
    struct makers makers = {.place = *state};

    race(8, make_one, &makers);
    if (how_many(makers.states, 8, CP2FA_SCHEMA_MADE) != 1
        || how_many(makers.states, 8, CP2FA_SCHEMA_READY) != 7) {
        fail_msg("%d made it, %d found it; the last complaint: %s",
                 how_many(makers.states, 8, CP2FA_SCHEMA_MADE),
                 how_many(makers.states, 8, CP2FA_SCHEMA_READY),
                 makers.place->said);
    }
    assert_int_equal(counted(makers.place, "SELECT count(*) FROM cp2fa_meta"),
                     1);
    if (makers.place->base && makers.place->complaints > 0) {
        fail_msg("complained: %s", makers.place->said);
    }
}

static void notes_are_listed_by_name_and_never_overwritten(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows rows;

    assert_int_equal(cp2fa_schema_note(place->store, place->p, "z", "26"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_schema_note(place->store, place->p, "canary:k1",
                                       "tweet"), CP2FA_DB_OK);
    assert_int_equal(cp2fa_schema_note(place->store, place->p, "z", "27"),
                     CP2FA_DB_NONE);
    assert_int_equal(cp2fa_schema_notes(place->store, place->p, &rows),
                     CP2FA_DB_OK);
    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.columns, 2);
    assert_string_equal(rows.row[0][0], "canary:k1");
    assert_string_equal(rows.row[0][1], "tweet");
    assert_string_equal(rows.row[1][0], "schema");
    assert_string_equal(rows.row[2][1], "26");
}

static void without_a_store_nothing_is_said_to_be_there(void **state)
{
    struct place *place = *state;
    struct cp2fa_rows rows;
    int64_t version;

    assert_int_equal(cp2fa_schema_ensure(NULL, place->p, &version),
                     CP2FA_SCHEMA_AWAY);
    assert_int_equal(cp2fa_schema_look(NULL, place->p, &version),
                     CP2FA_SCHEMA_FAILED);
    assert_int_equal(cp2fa_schema_notes(NULL, place->p, &rows),
                     CP2FA_DB_FAILED);
    assert_int_equal(cp2fa_schema_note(NULL, place->p, "a", "b"),
                     CP2FA_DB_FAILED);
}

static void drop_index(struct place *place, const char *table,
                       const char *name)
{
    hand(place, apr_pstrcat(place->p, "DROP INDEX ", table, "_", name,
                            strcmp(place->driver_name, "mysql") == 0 ? " ON "
                                                                     : NULL,
                            table, NULL));
}

static void as_version(struct place *place, int version)
{
    static const char *const purged[][2] = {
        {"cp2fa_device", "expires"},    {"cp2fa_mail_token", "expires"},
        {"cp2fa_login_failure", "at"},  {"cp2fa_app_token", "expires"},
        {"cp2fa_app_token", "offered"},
    };

    drop_index(place, "cp2fa_session", "over");
    drop_index(place, "cp2fa_account", "locked");
    if (version == 6) {
        hand(place, "CREATE INDEX cp2fa_session_ends ON cp2fa_session (ends)");
    }
    for (size_t i = 0; version <= 5 && i < COUNT(purged); i++) {
        drop_index(place, purged[i][0], purged[i][1]);
    }
    if (version <= 4) {
        hand(place, "DROP TABLE cp2fa_ended");
    }
    if (version == 3) {
        hand(place, "DROP TABLE cp2fa_app_token");
    }
    hand(place, apr_psprintf(place->p, "UPDATE cp2fa_meta SET value = '%d'"
                                       " WHERE name = 'schema'", version));
}

/* F26 */
static void older_tables_are_migrated_step_by_step(void **state)
{
    struct place *place = *state;
    const char *before = whole(place);

    for (int from = 3; from < CP2FA_SCHEMA_VERSION; from++) {
        int64_t version;

        as_version(place, from);
        assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_OLDER);
        assert_int_equal(version, from);
        assert_int_equal(cp2fa_schema_look(place->store, place->p, &version),
                         CP2FA_SCHEMA_OLDER);
        assert_int_equal(cp2fa_schema_migrate(place->store, place->p,
                                              &version), CP2FA_SCHEMA_READY);
        assert_int_equal(version, from);
        hand_leaves(place); /* sqlite: it knows the tables of old */
        assert_string_equal(whole(place), before);
        assert_int_equal(ensured(place, &version), CP2FA_SCHEMA_READY);
        assert_int_equal(cp2fa_schema_migrate(place->store, place->p,
                                              &version), CP2FA_SCHEMA_READY);
        assert_int_equal(version, CP2FA_SCHEMA_VERSION);
    }
}

/* F26: the table of a step is there, without the step's end. */
static void a_migration_that_fails_leaves_the_version(void **state)
{
    struct place *place = *state;
    int64_t version;

    as_version(place, 3);
    hand(place, "CREATE TABLE cp2fa_ended (a INT)");
    assert_int_equal(cp2fa_schema_migrate(place->store, place->p, &version),
                     CP2FA_SCHEMA_FAILED);
    hand_leaves(place);
    /* the step before that one was taken */
    assert_string_equal(seen(place, "SELECT value FROM cp2fa_meta WHERE"
                                    " name = 'schema'"), "4");
    hand(place, "DROP TABLE cp2fa_ended");
    assert_int_equal(cp2fa_schema_migrate(place->store, place->p, &version),
                     CP2FA_SCHEMA_READY);
}

/* F26 */
static void tables_of_the_future_are_not_migrated(void **state)
{
    struct place *place = *state;
    const char *before;
    int64_t version;

    hand(place, "UPDATE cp2fa_meta SET value = '99' WHERE name = 'schema'");
    before = whole(place);
    assert_int_equal(cp2fa_schema_migrate(place->store, place->p, &version),
                     CP2FA_SCHEMA_OTHER);
    assert_int_equal(version, 99);
    assert_string_equal(whole(place), before);
}

static void a_backup_is_a_whole_database_of_its_own(void **state)
{
    struct place *place = *state;
    const char *copy = apr_pstrcat(place->p, place->folder, "/db-copy", NULL);
    struct cp2fa_store *store;
    int64_t version;

    if (place->base) { /* a server has tools of its own */
        assert_int_equal(cp2fa_schema_backup(place->store, place->p, copy),
                         CP2FA_DB_FAILED);
        return;
    }
    assert_int_equal(cp2fa_schema_note(place->store, place->p, "a", "b"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_schema_look(place->store, place->p, &version),
                     CP2FA_SCHEMA_READY);
    assert_int_equal(cp2fa_schema_backup(place->store, place->p, copy),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_schema_look(place->store, place->p, &version),
                     CP2FA_SCHEMA_READY);
    assert_int_equal(place->complaints, 0);
    assert_int_equal(cp2fa_schema_backup(place->store, place->p, copy),
                     CP2FA_DB_FAILED); /* it is not overwritten */
    store = store_on(place, place->p, copy, 1, 300);
    assert_int_equal(cp2fa_schema_look(store, place->p, &version),
                     CP2FA_SCHEMA_READY);
    assert_int_equal(cp2fa_schema_note(store, place->p, "a", "c"),
                     CP2FA_DB_NONE); /* the note is in it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_EMPTY(the_tables_are_made_once),
        TEST_EMPTY(who_made_the_tables_finds_them_the_next_time),
        TEST_EMPTY(a_connection_from_before_the_tables_finds_them),
        TEST_TABLES(tables_of_another_version_are_left_as_they_are),
        TEST_EMPTY(a_table_in_the_way_fails_and_nothing_is_left),
        TEST_EMPTY(of_makers_that_race_one_makes_and_all_are_ready),
        TEST_TABLES(notes_are_listed_by_name_and_never_overwritten),
        TEST_TABLES(older_tables_are_migrated_step_by_step),
        TEST_TABLES(a_migration_that_fails_leaves_the_version),
        TEST_TABLES(tables_of_the_future_are_not_migrated),
        TEST_TABLES(a_backup_is_a_whole_database_of_its_own),
        TEST_EMPTY(without_a_store_nothing_is_said_to_be_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
