/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/tally.h"

#include <stdatomic.h>

#include <apr_strings.h>

#include "gate/segment.h"

#define PASSWORDS (CP2FA_PASSWORD_UNAVAILABLE + 1)

struct cp2fa_tally {
    _Atomic uint64_t counts[CP2FA_COUNTS];
    _Atomic uint64_t passwords[PASSWORDS];
    _Atomic uint64_t decided[CP2FA_DECISIONS][CP2FA_OUTCOMES];
};

#define CACHE_NAME "cp2fa_session_cache_total"
#define CACHE_HELP "Sessions looked for in the cache."

static const struct cp2fa_sample counts[CP2FA_COUNTS] = {
    [CP2FA_COUNT_CACHE_HIT] = {CACHE_NAME, CACHE_HELP, "result=\"hit\"", 0},
    [CP2FA_COUNT_CACHE_MISS] = {CACHE_NAME, CACHE_HELP, "result=\"miss\"", 0},
    [CP2FA_COUNT_COMPLAINT] = {"cp2fa_database_errors_total",
                               "Errors and time-outs of the database, as "
                               "logged by CP2FA003.",
                               "", 0},
    [CP2FA_COUNT_UNAVAILABLE] = {"cp2fa_unavailable_total",
                                 "Requests answered 503: nobody could tell.",
                                 "", 0},
};

struct cp2fa_tally *cp2fa_tally_create(apr_pool_t *pconf)
{
    return cp2fa_segment_create(pconf, sizeof(struct cp2fa_tally));
}

static void add(_Atomic uint64_t *number)
{
    atomic_fetch_add_explicit(number, 1, memory_order_relaxed);
}

void cp2fa_tally_count(struct cp2fa_tally *tally, enum cp2fa_count what)
{
    if (tally) {
        add(&tally->counts[what]);
    }
}

void cp2fa_tally_decided(struct cp2fa_tally *tally,
                         enum cp2fa_decision decision,
                         enum cp2fa_outcome outcome)
{
    if (tally) {
        add(&tally->decided[decision][outcome]);
    }
}

void cp2fa_tally_password(struct cp2fa_tally *tally, enum cp2fa_password said)
{
    if (tally) {
        add(&tally->passwords[said]);
    }
}

/* An alert must see the first one, and so the zero before it. */
static int is_awaited(enum cp2fa_outcome outcome)
{
    return outcome == CP2FA_OUTCOME_DONE || outcome == CP2FA_OUTCOME_INVALID
           || outcome == CP2FA_OUTCOME_LOCKED;
}

/* What else was never decided is left out. */
static void each_decision(const struct cp2fa_tally *tally, apr_pool_t *p,
                          cp2fa_sample_fn *call, void *baton)
{
    struct cp2fa_sample sample = {"cp2fa_decisions_total",
                                  "What was decided, at which door.", NULL, 0};

    for (int door = 0; door < CP2FA_DECISIONS; door++) {
        for (int outcome = 0; outcome < CP2FA_OUTCOMES; outcome++) {
            sample.value = tally->decided[door][outcome];
            if (sample.value > 0 || is_awaited((enum cp2fa_outcome)outcome)) {
                sample.labels = apr_psprintf(
                    p, "door=\"%s\",outcome=\"%s\"",
                    cp2fa_decision_door((enum cp2fa_decision)door),
                    cp2fa_service_outcome_name((enum cp2fa_outcome)outcome));
                call(baton, &sample);
            }
        }
    }
}

void cp2fa_tally_each(const struct cp2fa_tally *tally, apr_pool_t *p,
                      cp2fa_sample_fn *call, void *baton)
{
    each_decision(tally, p, call, baton);
    for (int i = 0; i < PASSWORDS; i++) {
        const struct cp2fa_sample sample = {
            "cp2fa_passwords_total", "Passwords under AuthType TwoFactor.",
            apr_psprintf(p, "outcome=\"%s\"",
                         cp2fa_password_word((enum cp2fa_password)i)),
            tally->passwords[i]};

        call(baton, &sample);
    }
    for (int i = 0; i < CP2FA_COUNTS; i++) {
        struct cp2fa_sample sample = counts[i];

        sample.value = tally->counts[i];
        call(baton, &sample);
    }
}
