/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_SERVICE_INVARIANTS_H
#define CP2FA_TESTS_UNIT_SERVICE_INVARIANTS_H

/* What holds whatever has failed:
 * I1 sessions <= codes used up         I2 attempts counted >= answered
 * I3 one secret a device, and it opens I4 change <=> notice and its mail
 * I5 what was used stays used          I6 a healthy log-in works */
#include "service/scenes.h"
#include "service/secret.h"

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

#endif
