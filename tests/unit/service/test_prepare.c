/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "service/prepare.h"
#include "store/schema.h"

/* Somebody quick: right after a folder is made, a link is in its place. */
static const char *put_there;

int mkdir(const char *path, mode_t mode)
{
    int rv = (int)syscall(SYS_mkdir, path, mode);

    if (rv == 0 && put_there) {
        rv = rmdir(path) || symlink(put_there, path);
    }
    return rv;
}

static int with_nothing(void **state)
{
    return begin_world(state, with_empty);
}

#define TEST_NOTHING(test) \
    cmocka_unit_test_setup_teardown(test, with_nothing, without_world)

/* What a server that starts with these keys hears. */
static const char *prepare(struct world *world, const char *keys, int *made)
{
    struct cp2fa_keyring *ring = keys ? ring_of(world->crypto, keys) : NULL;
    struct cp2fa_service service = world->service;
    const char *problem;
    apr_pool_t *p;

    apr_pool_create(&p, world->p);
    service.store = store_on(world->place, p, world->place->file, 1, 500);
    service.keys = ring ? ring : world->ring;
    problem = cp2fa_prepare(&service, p, made);
    problem = problem ? apr_pstrdup(world->p, problem) : NULL;
    apr_pool_destroy(p);
    cp2fa_keyring_free(ring);
    return problem;
}

static const char *canaries(struct world *world)
{
    return seen(world->place, "SELECT group_concat(name) FROM (SELECT name"
                              " FROM cp2fa_meta WHERE name LIKE 'canary:%'"
                              " ORDER BY name)");
}

static void an_empty_database_gets_tables_and_a_canary(void **state)
{
    struct world *world = *state;
    int made = 4711;

    assert_null(prepare(world, NULL, &made));
    assert_int_equal(made, 1);
    assert_string_equal(canaries(world), "canary:k1");
    for (int i = 0; i < 3; i++) {
        const char *before = seen(world->place, "SELECT group_concat(value)"
                                                " FROM cp2fa_meta");

        assert_null(prepare(world, NULL, &made));
        assert_int_equal(made, 0);
        assert_string_equal(seen(world->place, "SELECT group_concat(value)"
                                               " FROM cp2fa_meta"), before);
    }
    assert_int_equal(world->place->complaints, 0);
}

/* CRY-04 */
static void each_key_that_ever_sealed_has_a_canary(void **state)
{
    struct world *world = *state;
    int made;

    assert_null(prepare(world, "k1:" KEY_A "\n", &made));
    assert_null(prepare(world, "k1:" KEY_A "\nk2:" KEY_B ":active\n", &made));
    assert_string_equal(canaries(world), "canary:k1,canary:k2");
    assert_null(prepare(world, "k2:" KEY_B "\nk1:" KEY_A ":active\n", &made));
    assert_string_equal(canaries(world), "canary:k1,canary:k2");
}

/* CRY-05 */
static void a_wrong_or_a_lost_key_is_named(void **state)
{
    static const struct {
        const char *keys;
        const char *name, *words;
    } rows[] = {
        {"k1:" KEY_B "\n", "\"k1\"", "put the right key file back"},
        {"k2:" KEY_A "\n", "\"k1\"", "not in the key file"},
        {"k1:" KEY_B "\nk2:" KEY_A ":active\n", "\"k1\"",
         "put the right key file back"},
    };
    struct world *world = *state;
    int made;

    assert_null(prepare(world, "k1:" KEY_A "\n", &made));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *problem = prepare(world, rows[i].keys, &made);

        assert_non_null(problem);
        assert_non_null(strstr(problem, rows[i].name));
        assert_non_null(strstr(problem, rows[i].words));
        assert_int_equal(made, 0);
        /* nothing was left that would take the wrong key for right */
        assert_string_equal(canaries(world), "canary:k1");
    }
    assert_null(prepare(world, "k1:" KEY_A "\n", &made));
}

static void a_canary_that_was_changed_is_found_out(void **state)
{
    static const char *const changes[] = {
        "UPDATE cp2fa_meta SET value = '' WHERE name = 'canary:k1'",
        "UPDATE cp2fa_meta SET value = replace(value, '1.k1', '1.k2')"
        " WHERE name = 'canary:k1'",
        "UPDATE cp2fa_meta SET value = 'x' WHERE name = 'canary:k1'",
    };
    struct world *world = *state;
    int made;

    assert_null(prepare(world, NULL, &made));
    for (size_t i = 0; i < COUNT(changes); i++) {
        hand(world->place, changes[i]);
        assert_non_null(prepare(world, NULL, &made));
    }
}

/* F26 */
static void tables_of_another_version_are_refused_with_both_versions(void **s)
{
    struct world *world = *s;
    const char *problem;
    int made;

    assert_null(prepare(world, NULL, &made));
    hand(world->place, "UPDATE cp2fa_meta SET value = 99"
                       " WHERE name = 'schema'");
    problem = prepare(world, NULL, &made);
    assert_string_equal(
        problem, apr_psprintf(world->p, "the database's tables are of version"
                                        " 99, this module needs version %d",
                              CP2FA_SCHEMA_VERSION));
}

/* F1 */
static void a_database_out_of_reach_is_refused(void **state)
{
    struct world *world = *state;
    struct cp2fa_service none = service_of(world, NULL);
    const char *problem;
    int made = 4711;

    problem = cp2fa_prepare(&none, world->p, &made);
    assert_string_equal(problem, "the database can't be opened, read and"
                                 " written to");
    assert_int_equal(made, 0);
    rmdir(world->place->folder);
    assert_non_null(prepare(world, NULL, &made));
    mkdir(world->place->folder, 0700);
}

/* F5: as the user "nobody", since root may write anywhere */
static void a_database_that_may_only_be_read_is_refused(void **state)
{
    struct world *world = *state;
    uid_t me = geteuid();
    const char *problem;
    int made;

    assert_null(prepare(world, NULL, &made));
    hand_leaves(world->place);
    chmod(world->place->file, 0444);
    chmod(world->place->folder, 0555);
    if (me == 0) {
        assert_int_equal(seteuid(65534), 0);
    }
    problem = prepare(world, NULL, &made);
    if (me == 0) {
        assert_int_equal(seteuid(0), 0);
    }
    chmod(world->place->folder, 0700);
    chmod(world->place->file, 0600);
    assert_non_null(problem);
    assert_non_null(strstr(problem, "written to"));
    assert_int_equal(made, 0);
    assert_null(prepare(world, NULL, &made));
}

/* F20 */
static void without_random_bytes_no_canary_is_left(void **state)
{
    struct world *world = *state;
    int made;

    dice.fail_at = 1;
    assert_non_null(prepare(world, NULL, &made));
    assert_string_equal(canaries(world), "(null)");
    assert_null(prepare(world, NULL, &made));
}

static void prepare_too(struct world *world)
{
    int made;

    assert_null(prepare(world, NULL, &made));
}

/* Two nodes that start at once on one empty database */
static void a_canary_that_another_node_left_meanwhile_is_as_good(void **state)
{
    struct world *world = *state;
    const char *problem;
    int made;

    dice.happen = prepare_too;
    problem = prepare(world, NULL, &made);
    if (problem) {
        fail_msg("%s", problem);
    }
    assert_string_equal(canaries(world), "canary:k1");
}

/* CRY-04: who rotates keys sees by it that the server has read them. */
static void a_start_notes_every_key_that_it_has_read(void **state)
{
    struct world *world = *state;
    struct cp2fa_rows notes;
    int made;

    assert_null(prepare(world, "k1:" KEY_A "\n", &made));
    assert_int_equal(cp2fa_schema_notes(world->service.store, world->p,
                                        &notes), CP2FA_DB_OK);
    assert_int_equal(cp2fa_prepare_knows(&world->service, &notes, "k1", 0), 1);
    assert_int_equal(cp2fa_prepare_knows(&world->service, &notes, "k2", 0), 0);
    assert_null(prepare(world, NULL, &made));
    assert_int_equal(cp2fa_schema_notes(world->service.store, world->p,
                                        &notes), CP2FA_DB_OK);
    assert_int_equal(cp2fa_prepare_knows(&world->service, &notes, "k2", 0), 1);
    assert_int_equal(cp2fa_prepare_knows(&world->service, &notes, "k2", 1), 0);
    assert_int_equal(cp2fa_prepare_knows(&world->service, &notes, "k1", 1), 1);
}

static void a_note_of_another_key_of_that_name_is_none(void **state)
{
    struct world *world = *state;
    struct cp2fa_rows notes;
    int made;

    assert_null(prepare(world, NULL, &made));
    hand(world->place, "UPDATE cp2fa_meta SET value = 'x' WHERE name ="
                       " 'known:k2'");
    assert_int_equal(cp2fa_schema_notes(world->service.store, world->p,
                                        &notes), CP2FA_DB_OK);
    assert_int_equal(cp2fa_prepare_knows(&world->service, &notes, "k2", 0), 0);
}

static void a_key_that_is_forgotten_may_leave_the_file(void **state)
{
    struct world *world = *state;
    int made;

    assert_null(prepare(world, NULL, &made));
    assert_non_null(prepare(world, "k2:" KEY_B "\n", &made));
    assert_int_equal(cp2fa_prepare_forget(&world->service, world->p, "k1"),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_prepare_forget(&world->service, world->p, "k1"),
                     CP2FA_DB_OK);
    assert_null(prepare(world, "k2:" KEY_B "\n", &made));
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? (unsigned)(st.st_mode & 07777) : 0;
}

static void a_folder_is_made_for_the_server_s_group(void **state)
{
    struct world *world = *state;
    const char *inner =
        apr_pstrcat(world->p, world->place->folder, "/new", NULL);
    const char *file = apr_pstrcat(world->p, inner, "/key", NULL);
    const char *problem;

    assert_null(cp2fa_prepare_folder(world->p, file, (gid_t)-1));
    assert_int_equal(mode_of(inner), 0700);
    assert_null(cp2fa_prepare_folder(world->p, file, getgid()));
    assert_int_equal(mode_of(inner), 0700); /* it was there */
    rmdir(inner);
    assert_null(cp2fa_prepare_folder(world->p, file, getgid()));
    assert_int_equal(mode_of(inner), 01770);
    problem = cp2fa_prepare_folder(
        world->p, apr_pstrcat(world->p, inner, "/a/b", NULL), getgid());
    rmdir(apr_pstrcat(world->p, inner, "/a", NULL));
    assert_null(problem);
    problem = cp2fa_prepare_folder(
        world->p, apr_pstrcat(world->p, inner, "/a/b/c", NULL), getgid());
    assert_non_null(strstr(problem, "can't be made"));
    rmdir(inner);
}

static void a_link_in_a_new_folder_s_place_is_not_followed(void **state)
{
    struct world *world = *state;
    const char *inner =
        apr_pstrcat(world->p, world->place->folder, "/new", NULL);
    unsigned before = mode_of(world->place->folder);
    const char *problem;

    put_there = world->place->folder;
    problem = cp2fa_prepare_folder(
        world->p, apr_pstrcat(world->p, inner, "/key", NULL), getgid());
    put_there = NULL;
    unlink(inner);
    assert_non_null(problem);
    assert_non_null(strstr(problem, "can't be given to the server's group"));
    assert_int_equal(mode_of(world->place->folder), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_NOTHING(an_empty_database_gets_tables_and_a_canary),
        TEST_NOTHING(each_key_that_ever_sealed_has_a_canary),
        TEST_NOTHING(a_wrong_or_a_lost_key_is_named),
        TEST_NOTHING(a_canary_that_was_changed_is_found_out),
        TEST_NOTHING(tables_of_another_version_are_refused_with_both_versions),
        TEST_NOTHING(a_database_out_of_reach_is_refused),
        TEST_NOTHING(a_database_that_may_only_be_read_is_refused),
        TEST_NOTHING(without_random_bytes_no_canary_is_left),
        TEST_NOTHING(a_canary_that_another_node_left_meanwhile_is_as_good),
        TEST_NOTHING(a_start_notes_every_key_that_it_has_read),
        TEST_NOTHING(a_note_of_another_key_of_that_name_is_none),
        TEST_NOTHING(a_key_that_is_forgotten_may_leave_the_file),
        TEST_NOTHING(a_folder_is_made_for_the_server_s_group),
        TEST_NOTHING(a_link_in_a_new_folder_s_place_is_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
