/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_SERVICE_FIXTURE_H
#define CP2FA_TESTS_UNIT_SERVICE_FIXTURE_H

/* A service on a database of its own, at a time that the test says. */
#include "store/fixture.h"

#include <sys/random.h>

#include "service/disable.h"
#include "service/enrol.h"
#include "service/verify.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define DAY    (86400 * SECOND)
#define T0     (NOW * SECOND + 15 * SECOND) /* the middle of a step */
#define STEP   (30 * SECOND)

struct world {
    struct place *place;
    apr_pool_t *p;
    struct cp2fa_crypto *crypto;
    struct cp2fa_keyring *ring;
    struct cp2fa_service service;
    struct cp2fa_rules rules;
};

/* The service's source of random bytes, which takes no baton: it can fail at
 * one call, and something can happen before one, in the midst of a use case. */
static struct {
    int fail_at; /* which call from now on fails; 0 for none */
    void (*happen)(struct world *world);
    struct world *world;
} dice;

static inline int roll(uint8_t *out, size_t n)
{
    void (*happen)(struct world *world) = dice.happen;

    if (happen) {
        dice.happen = NULL;
        happen(dice.world);
    }
    if (dice.fail_at > 0 && --dice.fail_at == 0) {
        memset(out, 0, n);
        return -1;
    }
    return getrandom(out, n, 0) == (ssize_t)n ? 0 : -1;
}

static const struct cp2fa_who alice = {.realm = "realm", .user = "alice"};
static const struct cp2fa_who bob = {.realm = "realm", .user = "bob"};

static inline struct cp2fa_service service_of(struct world *world,
                                              struct cp2fa_store *store)
{
    return (struct cp2fa_service){
        .store = store,
        .crypto = world->crypto,
        .keys = world->ring,
        .random = roll,
        .complain = note_complaint,
        .baton = world->place,
    };
}

static inline int begin_world(void **state, int (*with)(void **))
{
    struct world *world = calloc(1, sizeof(*world));

    if (!world || with((void **)&world->place) != 0) {
        return -1;
    }
    world->p = world->place->p;
    world->crypto = cp2fa_crypto_new();
    world->ring = ring_of(world->crypto, "k1:" KEY_A ":active\nk2:" KEY_B "\n");
    world->service = service_of(world, world->place->store);
    world->rules = (struct cp2fa_rules){
        .issuer = "Cloud",
        .totp = {CP2FA_TOTP_SHA1, 6, 30},
        .clock_skew = 180,
        .throttle = {20, 30 * DAY},
        .session_lifetime = 12 * 3600,
        .session_idle = 30 * 60,
    };
    memset(&dice, 0, sizeof(dice));
    dice.world = world;
    *state = world;
    return 0;
}

static inline int with_world(void **state)
{
    return begin_world(state, with_tables);
}

static inline int without_world(void **state)
{
    struct world *world = *state;

    cp2fa_keyring_free(world->ring);
    cp2fa_crypto_free(world->crypto);
    without_place((void **)&world->place);
    free(world);
    return 0;
}

#define TEST_WORLD(test) \
    cmocka_unit_test_setup_teardown(test, with_world, without_world)

struct secret {
    uint8_t bytes[CP2FA_SEAL_PLAIN_MAX];
    size_t len;
};

/** What the device with this secret shows, so many steps off. */
static inline const char *code(struct world *world,
                               const struct secret *secret, int64_t now,
                               int64_t steps)
{
    const struct cp2fa_totp *totp = &world->rules.totp;
    char *out = apr_palloc(world->p, CP2FA_TOTP_DIGITS_MAX + 1);

    assert_int_equal(cp2fa_totp_code(world->crypto, totp, secret->bytes,
                                     secret->len,
                                     cp2fa_totp_step(totp, now / SECOND)
                                         + steps,
                                     out), 0);
    return out;
}

/** A code that the device shows at none of the 41 steps around now. */
static inline const char *wrong(struct world *world,
                                const struct secret *secret, int64_t now)
{
    const struct cp2fa_totp *totp = &world->rules.totp;
    char out[CP2FA_TOTP_DIGITS_MAX + 1];
    uint64_t matches = 1;

    for (unsigned i = 0; matches != 0; i++) {
        snprintf(out, sizeof(out), "%06u", i % 1000000);
        assert_int_equal(cp2fa_totp_match(world->crypto, totp, secret->bytes,
                                          secret->len,
                                          cp2fa_totp_step(totp, now / SECOND)
                                              - 20,
                                          41, out, &matches), 0);
    }
    return apr_pstrdup(world->p, out);
}

static inline enum cp2fa_outcome verify(struct world *world,
                                        const struct cp2fa_who *who,
                                        const char *typed, int64_t now,
                                        struct cp2fa_grant *grant)
{
    memset(grant, 0, sizeof(*grant));
    return cp2fa_verify_token(&world->service, world->p, &world->rules, who,
                              typed, NULL, now, grant);
}

/** The same for who wants no more than the outcome. */
static inline enum cp2fa_outcome outcome_of(struct world *world,
                                            const struct cp2fa_who *who,
                                            const char *typed, int64_t now)
{
    struct cp2fa_grant grant;
    enum cp2fa_outcome outcome = verify(world, who, typed, now, &grant);

    assert_int_equal(strlen(grant.id),
                     outcome == CP2FA_OUTCOME_DONE ? CP2FA_TOKEN_TEXT : 0);
    return outcome;
}

static inline void started(struct world *world, const struct cp2fa_who *who,
                           const char *name, const char *session, int64_t now,
                           struct secret *secret)
{
    struct cp2fa_pending pending;

    assert_int_equal(cp2fa_enrol_start(&world->service, world->p,
                                       &world->rules, who, name, session, now),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_enrol_show(&world->service, world->p, who, session,
                                      now, &pending), CP2FA_OUTCOME_DONE);
    memcpy(secret->bytes, pending.secret, sizeof(secret->bytes));
    secret->len = pending.len;
}

static inline enum cp2fa_outcome confirm(struct world *world,
                                         const struct cp2fa_who *who,
                                         const char *session,
                                         const char *typed, int64_t now,
                                         struct cp2fa_grant *grant)
{
    memset(grant, 0, sizeof(*grant));
    return cp2fa_enrol_confirm(&world->service, world->p, &world->rules, who,
                               session, typed, now, grant);
}

/** A session that may change this account's factors: the oldest it has, or
 * anyone's before the first device. */
static inline const char *browser(struct world *world,
                                  const struct cp2fa_who *who)
{
    const char *hash =
        seen(world->place,
             apr_psprintf(world->p, "SELECT s.hash FROM cp2fa_session s JOIN"
                          " cp2fa_account a ON a.id = s.account WHERE"
                          " a.name = '%s' ORDER BY %s", who->user,
                          world->place->base ? "s.created, s.hash"
                                             : "s.rowid"));

    return strcmp(hash, "(none)") == 0 ? "browser" : hash;
}

/** Enrols a device, confirmed with the code of that time. */
static inline void enrolled(struct world *world, const struct cp2fa_who *who,
                            const char *name, int64_t now,
                            struct secret *secret)
{
    const char *session = browser(world, who);
    struct cp2fa_grant grant;

    started(world, who, name, session, now, secret);
    assert_int_equal(confirm(world, who, session,
                             code(world, secret, now, 0), now, &grant),
                     CP2FA_OUTCOME_DONE);
}

/** How many failures an account has noted. */
static inline int64_t failures(struct world *world,
                               const struct cp2fa_who *who)
{
    return counted(world->place,
                   apr_psprintf(world->p, "SELECT length(failures) / 17 FROM"
                                          " cp2fa_account WHERE name = '%s'",
                                who->user));
}

static inline int64_t next_try(struct world *world)
{
    return counted(world->place, "SELECT next_try FROM cp2fa_account"
                                 " WHERE name = 'alice'");
}

static inline int64_t sessions(struct world *world)
{
    return counted(world->place, "SELECT count(*) FROM cp2fa_session");
}

#endif
