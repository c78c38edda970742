/* SPDX-License-Identifier: Apache-2.0 */
#include "service/faulty.h"

#include <sys/wait.h>

#include "service/invariants.h"

/* As SQLite tests itself: the first call fails, then the second …, until a
 * use case passes untouched; after each the invariants hold. */

/* One connection: who keeps it, or needs two, is found out. */
static apr_pool_t *open_store(struct world *world)
{
    apr_pool_t *p;

    apr_pool_create(&p, world->place->p);
    world->service.store = store_on(world->place, p, world->place->file, 1,
                                    300);
    return p;
}

static enum cp2fa_outcome play(struct world *world, const struct scene *scene)
{
    enum cp2fa_outcome outcome;

    fault.calls = 0;
    fault.fired = 0;
    outcome = scene->play(world);
    fault.at = 0;
    return outcome;
}

/* In a process of its own, which may end: whether it did. */
static int play_to_death(struct world *world, const struct scene *scene)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        open_store(world);
        play(world, scene);
        _exit(0);
    }
    HOLDS(child > 0 && waitpid(child, &status, 0) == child);
    HOLDS(WIFEXITED(status));
    return WEXITSTATUS(status) == KILLED;
}

/* The state that a scene begins with, as the bytes of its database. */
static struct {
    struct world *world;
    struct state before;
    char *bytes;
    size_t len;
} stage;

static void set_the_stage(const struct scene *scene)
{
    void *state = NULL;
    apr_pool_t *p;
    FILE *file;

    assert_int_equal(with_world(&state), 0);
    stage.world = state;
    p = open_store(stage.world);
    scene->set(stage.world);
    stage.before = look(stage.world);
    apr_pool_destroy(p);
    hand_leaves(stage.world->place);
    file = fopen(stage.world->place->file, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    stage.len = (size_t)ftell(file);
    stage.bytes = malloc(stage.len);
    rewind(file);
    assert_int_equal(fread(stage.bytes, 1, stage.len, file), stage.len);
    fclose(file);
}

static void reset_the_stage(void)
{
    struct place *place = stage.world->place;
    FILE *file;

    hand_leaves(place); /* no connection may cross a fork */
    unlink(apr_pstrcat(place->p, place->file, "-wal", NULL));
    unlink(apr_pstrcat(place->p, place->file, "-shm", NULL));
    file = fopen(place->file, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(stage.bytes, 1, stage.len, file), stage.len);
    fclose(file);
    memset(&on.grant, 0, sizeof(on.grant));
    place->complaints = 0;
}

/* One scene with one fault: whether there was a k-th call. */
static int suffer(const struct scene *scene, const struct fault *how, int k)
{
    struct world *world = stage.world;
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_DONE;
    apr_pool_t *p;
    int fired;

    reset_the_stage();
    fault.how = *how;
    fault.at = k;
    if (how->kills) {
        fired = play_to_death(world, scene);
        fault.at = 0;
        p = open_store(world);
        check(world, scene, NULL, &stage.before);
    }
    else {
        p = open_store(world);
        outcome = play(world, scene);
        fired = fault.fired;
        HOLDS(outcome != CP2FA_OUTCOME_UNAVAILABLE
              || (fired
                  && (how->of == OF_CRYPTO || world->place->complaints > 0)));
        check(world, scene, &outcome, &stage.before);
    }
    check_again(world, scene, &stage.before);
    check_well(world);
    apr_pool_destroy(p);
    return fired;
}

static void each_call(const struct scene *scene, const struct fault *how,
                      int step, int least)
{
    char text[128];
    int k = 1;

    set_the_stage(scene);
    do {
        snprintf(text, sizeof(text), "%s: %s at call %d", scene->name,
                 how->name, k);
        at = text;
        k += step;
    } while (suffer(scene, how, k - step));
    if (k - step <= least) {
        fail_msg("%s: only %d calls", at, k - step - 1);
    }
    free(stage.bytes);
    without_world((void **)&stage.world);
}

static void each_scene(const struct fault *how, int step, int least)
{
    for (size_t i = 0; i < COUNT(scenes); i++) {
        each_call(&scenes[i], how, step, least);
    }
}

/* F6, FAIL-01 */
static void whichever_database_call_fails_nothing_is_half(void **state)
{
    static const struct fault once = {.name = "a call fails"};
    static const struct fault on = {.name = "all calls fail", .for_good = 1};

    (void)state;
    each_scene(&once, 1, 10);
    each_scene(&on, 2, 10);
}

/* F6, FAIL-01: as when a database server goes away while it commits. */
static void whichever_answer_is_lost_nothing_is_granted_twice(void **state)
{
    static const struct fault once = {.name = "an answer is lost",
                                      .after = 1};
    static const struct fault on = {.name = "all answers are lost",
                                    .after = 1, .for_good = 1};

    (void)state;
    each_scene(&once, 1, 10);
    each_scene(&on, 3, 10);
}

/* F7, OTP-02 */
static void a_process_killed_at_any_call_leaves_all_well(void **state)
{
    static const struct fault killed = {.name = "killed", .kills = 1,
                                        .after = 1};

    (void)state;
    each_scene(&killed, 1, 10);
}

/* F19, FAIL-01 */
static void memory_of_libcrypto_that_ends_grants_nothing(void **state)
{
    static const struct fault once = {.name = "no memory once",
                                      .of = OF_CRYPTO};
    static const struct fault on = {.name = "no memory any more",
                                    .of = OF_CRYPTO, .for_good = 1};

    (void)state;
    each_scene(&once, 3, 0);
    each_scene(&on, 5, 0);
}

/* F19, FAIL-01: some places of a thousand where it can end. */
static void memory_of_sqlite_that_ends_leaves_nothing_half(void **state)
{
    static const struct fault once = {.name = "no memory once",
                                      .of = OF_SQLITE};
    static const struct fault on = {.name = "no memory any more",
                                    .of = OF_SQLITE, .for_good = 1};

    (void)state;
    each_scene(&once, 127, 300);
    each_scene(&on, 151, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whichever_database_call_fails_nothing_is_half),
        cmocka_unit_test(whichever_answer_is_lost_nothing_is_granted_twice),
        cmocka_unit_test(a_process_killed_at_any_call_leaves_all_well),
        cmocka_unit_test(memory_of_libcrypto_that_ends_grants_nothing),
        cmocka_unit_test(memory_of_sqlite_that_ends_leaves_nothing_half),
    };

    /* a disk that waits for nothing, where there is one */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    if (bring_faults() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
