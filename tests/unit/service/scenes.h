/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_SERVICE_SCENES_H
#define CP2FA_TESTS_UNIT_SERVICE_SCENES_H

/* Every use case that changes something, each from a state of its own: alice
 * has a phone, ten recovery codes, a session "mine" of a second factor, and
 * an address. */
#include "service/fixture.h"

#include "service/address.h"
#include "service/bypass.h"
#include "service/letter.h"
#include "service/login.h"
#include "service/recover.h"
#include "service/signout.h"

static struct {
    struct secret phone;
    struct secret fresh; /* pending */
    struct cp2fa_recover_set set;
    const char *typed;
    const char *device; /* an id */
    const char *mine;   /* the hash of alice's session */
    struct cp2fa_grant grant;
} on; /* the stage */

static const struct cp2fa_who her = {.realm = "realm", .user = "alice",
                                     .address = "192.0.2.1",
                                     .agent = "Browser/1",
                                     .site = "https://localhost/2fa"};

#define PAST (T0 - 5 * MINUTE)

static inline void nobody(struct world *world)
{
    memset(&on, 0, sizeof(on));
    on.mine = "browser";
    world->service.mail = 1;
}

static inline void alice_is_there(struct world *world)
{
    struct cp2fa_grant grant;

    nobody(world);
    started(world, &her, "phone", "browser", PAST, &on.phone);
    assert_int_equal(confirm(world, &her, "browser",
                             code(world, &on.phone, PAST, 0), PAST, &grant),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_recover_take(&world->service, world->p, &her,
                                        grant.session.hash, PAST, &on.set),
                     CP2FA_OUTCOME_DONE);
    hand(world->place, "UPDATE cp2fa_account SET email = 'a@example.org'");
    on.mine = apr_pstrdup(world->p, grant.session.hash);
    on.typed = code(world, &on.phone, T0, 0);
}

static inline void first_enrolment(struct world *world)
{
    nobody(world);
    started(world, &her, "phone", "browser", PAST, &on.fresh);
    hand(world->place, "UPDATE cp2fa_account SET email = 'a@example.org'");
    on.typed = code(world, &on.fresh, T0, 0);
}

static inline void a_new_phone(struct world *world)
{
    alice_is_there(world);
    started(world, &her, "phone", on.mine, T0, &on.fresh);
    on.typed = code(world, &on.fresh, T0, 0);
}

static inline void two_devices(struct world *world)
{
    a_new_phone(world);
    hand(world->place, "UPDATE cp2fa_device SET name = 'tablet', state ="
                       " 'active', session = '' WHERE state = 'pending'");
    on.device = seen(world->place, "SELECT id FROM cp2fa_device"
                                   " WHERE name = 'tablet'");
}

static inline void wrong_ones_before(struct world *world, int count)
{
    alice_is_there(world);
    on.typed = wrong(world, &on.phone, T0);
    for (int i = 0; i < count; i++) {
        assert_int_equal(outcome_of(world, &her, on.typed, T0 - MINUTE),
                         CP2FA_OUTCOME_INVALID);
    }
}

static inline void a_first_wrong_token(struct world *world)
{
    wrong_ones_before(world, 0);
}

static inline void a_third_wrong_token(struct world *world)
{
    wrong_ones_before(world, 2);
}

static inline void a_code_far_off(struct world *world)
{
    wrong_ones_before(world, 2);
    on.typed = code(world, &on.phone, T0, 5);
}

static inline void a_recovery_code(struct world *world)
{
    alice_is_there(world);
    on.typed = on.set.code[3];
}

static inline void a_code_through_the_lock(struct world *world)
{
    a_recovery_code(world);
    hand(world->place, "UPDATE cp2fa_account SET locked_at = 1");
}

static inline void a_wrong_recovery_code(struct world *world)
{
    alice_is_there(world);
    on.typed = "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA";
}

/* The token in the newest mail. */
static inline void take_mail(struct world *world)
{
    struct cp2fa_value values[CP2FA_LETTER_VALUES];
    struct cp2fa_mail *mails;
    char *secret = NULL;
    int count;

    assert_int_equal(cp2fa_outbox_due(world->service.store, world->p,
                                      T0 / SECOND, &mails, &count),
                     CP2FA_DB_OK);
    for (int i = 0; i < count && !secret; i++) {
        assert_true(cp2fa_letter_values(&world->service, world->p, &mails[i],
                                        values, &secret) > 0);
    }
    assert_non_null(secret);
    on.typed = secret;
}

static inline void a_mailed_token(struct world *world)
{
    alice_is_there(world);
    assert_int_equal(cp2fa_bypass_ask(&world->service, world->p, &her, on.mine,
                                      600, T0 - MINUTE), CP2FA_OUTCOME_DONE);
    take_mail(world);
}

static inline void a_wrong_mailed_token(struct world *world)
{
    a_mailed_token(world);
    on.typed = "00000000000000000000000000";
}

static inline void an_address_to_confirm(struct world *world)
{
    unsigned wait;

    alice_is_there(world);
    assert_int_equal(cp2fa_address_ask(&world->service, world->p, &her,
                                       "new@example.org", on.mine, 600,
                                       T0 - MINUTE, &wait),
                     CP2FA_OUTCOME_DONE);
    take_mail(world);
}

static inline void an_offer(struct world *world)
{
    alice_is_there(world);
    assert_int_equal(cp2fa_recover_offer(&world->service, world->p, &her,
                                         on.mine, T0), CP2FA_OUTCOME_DONE);
}

static inline void wrong_passwords_before(struct world *world)
{
    struct cp2fa_login_try try;

    alice_is_there(world);
    assert_int_equal(cp2fa_login_reserve(&world->service, world->p, &her,
                                         T0 - MINUTE, &try),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(cp2fa_login_failed(&world->service, world->p,
                                        T0 - MINUTE, &try),
                     CP2FA_OUTCOME_DONE);
}

/* -- what is done there; no test's assertion is inside -------------------- */

static inline enum cp2fa_outcome start(struct world *world)
{
    return cp2fa_enrol_start(&world->service, world->p, &world->rules, &her,
                             "phone", on.mine, T0);
}

static inline enum cp2fa_outcome do_confirm(struct world *world)
{
    return confirm(world, &her, on.mine, on.typed, T0, &on.grant);
}

static inline enum cp2fa_outcome cancel(struct world *world)
{
    return cp2fa_enrol_cancel(&world->service, world->p, &her, on.mine, T0);
}

static inline enum cp2fa_outcome do_verify(struct world *world)
{
    return verify(world, &her, on.typed, T0, &on.grant);
}

static inline enum cp2fa_outcome disable(struct world *world)
{
    struct cp2fa_rows ended;

    return cp2fa_disable_all(&world->service, world->p, &her, on.mine,
                             CP2FA_NOTICE_DISABLED, T0, &ended);
}

static inline enum cp2fa_outcome remove_device(struct world *world)
{
    struct cp2fa_rows ended;

    return cp2fa_disable_device(&world->service, world->p, &her, on.device,
                                on.mine, T0, &ended);
}

static inline enum cp2fa_outcome use_code(struct world *world)
{
    memset(&on.grant, 0, sizeof(on.grant));
    return cp2fa_recover_use(&world->service, world->p, &world->rules, &her,
                             on.typed, T0, &on.grant);
}

static inline enum cp2fa_outcome offer(struct world *world)
{
    return cp2fa_recover_offer(&world->service, world->p, &her, on.mine, T0);
}

static inline enum cp2fa_outcome take_codes(struct world *world)
{
    struct cp2fa_recover_set set;

    return cp2fa_recover_take(&world->service, world->p, &her, on.mine, T0,
                              &set);
}

static inline enum cp2fa_outcome ask_bypass(struct world *world)
{
    return cp2fa_bypass_ask(&world->service, world->p, &her, on.mine, 600, T0);
}

static inline enum cp2fa_outcome redeem(struct world *world)
{
    struct cp2fa_rows ended;
    unsigned wait;

    return cp2fa_bypass_redeem(&world->service, world->p, &world->rules, &her,
                               on.mine, on.typed, T0, &ended, &wait);
}

static inline enum cp2fa_outcome ask_address(struct world *world)
{
    unsigned wait;

    return cp2fa_address_ask(&world->service, world->p, &her,
                             "new@example.org", on.mine, 600, T0, &wait);
}

static inline enum cp2fa_outcome confirm_address(struct world *world)
{
    unsigned wait;

    return cp2fa_address_confirm(&world->service, world->p, &world->rules,
                                 &her, on.mine, on.typed, T0, &wait);
}

static inline enum cp2fa_outcome end_one(struct world *world)
{
    return cp2fa_signout_one(&world->service, world->p, &her, on.mine);
}

static inline enum cp2fa_outcome end_others(struct world *world)
{
    struct cp2fa_rows ended;

    return cp2fa_signout_others(&world->service, world->p, &her, "", &ended);
}

static inline enum cp2fa_outcome wrong_password(struct world *world)
{
    struct cp2fa_login_try try;
    enum cp2fa_outcome outcome = cp2fa_login_reserve(
        &world->service, world->p, &her, T0, &try);

    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_login_failed(&world->service, world->p, T0, &try)
               : outcome;
}

static inline enum cp2fa_outcome right_password(struct world *world)
{
    struct cp2fa_login_try try;
    int enrolled;
    enum cp2fa_outcome outcome = cp2fa_login_reserve(
        &world->service, world->p, &her, T0, &try);

    memset(&on.grant, 0, sizeof(on.grant));
    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = cp2fa_login_succeeded(&world->service, world->p, &try);
    }
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_login_grant(&world->service, world->p, &world->rules,
                                   &her, on.mine, T0, &on.grant, &enrolled)
               : outcome;
}

enum scene_kind {
    AGAIN, /* may be done again */
    ONCE,  /* what was typed, or offered, is used up by it */
    NO,    /* what was typed is wrong */
};

static const struct scene {
    const char *name;
    void (*set)(struct world *world);
    enum cp2fa_outcome (*play)(struct world *world);
    enum scene_kind kind;
} scenes[] = {
    {"an enrolment begins", nobody, start, AGAIN},
    {"the first phone is confirmed", first_enrolment, do_confirm, ONCE},
    {"a new phone is confirmed", a_new_phone, do_confirm, ONCE},
    {"an enrolment is cancelled", a_new_phone, cancel, AGAIN},
    {"a token", alice_is_there, do_verify, ONCE},
    {"a wrong token", a_first_wrong_token, do_verify, NO},
    {"a third wrong token", a_third_wrong_token, do_verify, NO},
    {"the first of two tokens", a_code_far_off, do_verify, AGAIN},
    {"two-factor auth is disabled", alice_is_there, disable, AGAIN},
    {"a device is removed", two_devices, remove_device, ONCE},
    {"a recovery code", a_recovery_code, use_code, ONCE},
    {"one through the lock", a_code_through_the_lock, use_code, ONCE},
    {"a wrong recovery code", a_wrong_recovery_code, use_code, NO},
    {"fresh recovery codes are offered", alice_is_there, offer, AGAIN},
    {"fresh recovery codes are made", an_offer, take_codes, ONCE},
    {"a token is to be mailed", alice_is_there, ask_bypass, AGAIN},
    {"a mailed token", a_mailed_token, redeem, ONCE},
    {"a wrong mailed token", a_wrong_mailed_token, redeem, NO},
    {"an address is set", alice_is_there, ask_address, AGAIN},
    {"an address is confirmed", an_address_to_confirm, confirm_address, ONCE},
    {"a session is ended", alice_is_there, end_one, ONCE},
    {"the other sessions are ended", alice_is_there, end_others, AGAIN},
    {"a wrong password", wrong_passwords_before, wrong_password, AGAIN},
    {"a right password", wrong_passwords_before, right_password, AGAIN},
};

#endif
