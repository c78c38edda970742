/* SPDX-License-Identifier: Apache-2.0 */
#include "service/faulty.h"

#include <sys/wait.h>

#include "service/scenes.h"
#include "service/secret.h"

/* As SQLite tests itself: the first call fails, then the second …, until a
 * use case passes untouched; after each the invariants hold:
 * I1 sessions <= codes used up         I2 attempts counted >= answered
 * I3 one secret a device, and it opens I4 change <=> notice and its mail
 * I5 what was used stays used          I6 a healthy log-in works */

struct state {
    const char *devices;
    const char *email;
    const char *codes;
    const char *strong; /* sessions of a second factor */
    const char *tokens; /* mailed */
    int64_t step;
    int64_t failures;
    int64_t events; /* of changes */
    int64_t wanted; /* mails that these events are due */
    int64_t mails;
    int64_t token_mails;
};

#define OF_CHANGES " FROM cp2fa_event WHERE kind NOT IN ('third-failure'," \
                   " 'locked')"
#define LIST(column, from) \
    seen(place, "SELECT coalesce(group_concat(v), '') FROM (SELECT " column \
                " AS v FROM " from " ORDER BY v)")

static struct state look(struct world *world)
{
    struct place *place = world->place;

    return (struct state){
        .devices = LIST("id", "cp2fa_device WHERE state = 'active'"),
        .email = LIST("email", "cp2fa_account"),
        .codes = LIST("mac", "cp2fa_code"),
        .strong = LIST("hash", "cp2fa_session WHERE amr <> 'pwd'"),
        .tokens = LIST("mac", "cp2fa_mail_token"),
        .step = counted(place, "SELECT total(last_step) FROM cp2fa_device"
                               " WHERE state = 'active'"),
        .failures = counted(place, "SELECT total(length(failures) / 17)"
                                   " FROM cp2fa_account"),
        .events = counted(place, "SELECT count(*)" OF_CHANGES),
        /* the first of them was before there was an address */
        .wanted = counted(place, "SELECT total(CASE kind WHEN 'codes-made'"
                                 " THEN 0 WHEN 'email-changed' THEN 2 ELSE 1"
                                 " END)" OF_CHANGES),
        .mails = counted(place, "SELECT count(*) FROM cp2fa_outbox WHERE kind"
                                " NOT LIKE '%-token' AND kind NOT IN"
                                " ('third-failure', 'locked')"),
        .token_mails = counted(place, "SELECT count(*) FROM cp2fa_outbox"
                                      " WHERE kind LIKE '%-token'"),
    };
}

static int differ(const char *a, const char *b)
{
    return strcmp(a, b) != 0;
}

/* How many items of a list were not in the one before. */
static int news(const char *before, const char *after)
{
    char *rest = strdup(after);
    char *next = NULL;
    int count = 0;

    for (char *one = strtok_r(rest, ",", &next); one;
         one = strtok_r(NULL, ",", &next)) {
        count += strstr(before, one) == NULL;
    }
    free(rest);
    return count;
}

static int is_changed(const struct state *a, const struct state *b)
{
    return differ(a->devices, b->devices) || differ(a->email, b->email)
           || differ(a->codes, b->codes);
}

static int is_used(const struct state *a, const struct state *b)
{
    return is_changed(a, b) || a->step != b->step;
}

static const char *at; /* which scene, which fault, which call */

#define HOLDS(what) \
    do { \
        if (!(what)) { \
            fail_msg("%s: not so: %s (%s)", at, #what, \
                     world->place->said); \
        } \
    } while (0)

static void check_every_secret_opens(struct world *world)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result found = cp2fa_accounts_find(
        world->service.store, world->p, "realm", "alice", &account);
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

    HOLDS(found != CP2FA_DB_FAILED);
    for (int i = 0; found == CP2FA_DB_OK && i < account->device_count; i++) {
        HOLDS(cp2fa_secret_open(&world->service, world->p, &her,
                                &account->devices[i], plain) == 20);
    }
    HOLDS(counted(world->place, "SELECT count(*) FROM (SELECT 1 FROM"
                                " cp2fa_device WHERE state = 'active' GROUP"
                                " BY account, name HAVING count(*) > 1)")
          == 0);
}

/* I1 to I4, and what the caller was told; a process that was killed was told
 * nothing. */
static void check(struct world *world, const struct scene *scene,
                  const enum cp2fa_outcome *outcome,
                  const struct state *before)
{
    struct state after = look(world);
    int granted = news(before->strong, after.strong);

    HOLDS(granted <= is_used(before, &after));
    HOLDS(after.failures <= before->failures + 2);
    HOLDS((after.events - before->events) == is_changed(before, &after));
    HOLDS(after.mails - before->mails == after.wanted - before->wanted);
    HOLDS(after.token_mails - before->token_mails
          == news(before->tokens, after.tokens));
    HOLDS(after.step >= before->step || is_changed(before, &after));
    check_every_secret_opens(world);
    if (scene->kind == NO) {
        HOLDS(granted == 0 && !is_used(before, &after));
    }
    if (!outcome) {
        return;
    }
    HOLDS((strlen(on.grant.id) > 0) == (*outcome == CP2FA_OUTCOME_DONE
                                        && on.grant.session.hash));
    if (on.grant.id[0]) {
        HOLDS(counted(world->place,
                      apr_psprintf(world->p, "SELECT count(*) FROM"
                                             " cp2fa_session WHERE hash ="
                                             " '%s'",
                                   on.grant.session.hash)) == 1);
    }
    if (scene->kind == NO && *outcome != CP2FA_OUTCOME_UNAVAILABLE
        && *outcome != CP2FA_OUTCOME_WAIT) {
        HOLDS(after.failures > before->failures);
    }
}

/* I5: once more the same, with nothing in its way. */
static void check_again(struct world *world, const struct scene *scene,
                        const struct state *before)
{
    struct state between = look(world);
    int ended = counted(world->place,
                        apr_psprintf(world->p, "SELECT count(*) FROM"
                                               " cp2fa_session WHERE hash ="
                                               " '%s'", on.mine)) == 0;
    int used = is_used(before, &between)
               || (scene->play == end_one && ended);
    enum cp2fa_outcome outcome = scene->play(world);

    HOLDS(outcome != CP2FA_OUTCOME_UNAVAILABLE);
    if (scene->kind == ONCE) {
        HOLDS((outcome == CP2FA_OUTCOME_DONE) == !used);
    }
    if (scene->kind == NO) {
        HOLDS(outcome != CP2FA_OUTCOME_DONE);
    }
    check(world, scene, &outcome, &between);
}

/* I6: with the next code of whatever phone alice has by now. */
static void check_well(struct world *world)
{
    int64_t now = T0 + 10 * MINUTE;
    struct cp2fa_account *account;
    struct secret secret;
    int len;

    HOLDS(strcmp(seen(world->place, "PRAGMA integrity_check"), "ok") == 0);
    HOLDS(strcmp(seen(world->place, "PRAGMA foreign_key_check"), "(none)")
          == 0);
    if (cp2fa_accounts_find(world->service.store, world->p, "realm", "alice",
                            &account) != CP2FA_DB_OK
        || account->device_count == 0) {
        enrolled(world, &her, "phone", now, &secret);
        return;
    }
    len = cp2fa_secret_open(&world->service, world->p, &her,
                            &account->devices[0], secret.bytes);
    HOLDS(len == 20);
    secret.len = (size_t)len;
    HOLDS(outcome_of(world, &her, code(world, &secret, now, 0), now)
          == CP2FA_OUTCOME_DONE);
}

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
    print_message("%s\n", at);
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
