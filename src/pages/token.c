/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "gate/clock.h"
#include "gate/decision.h"
#include "gate/gate.h"
#include "gate/session.h"
#include "pages/back.h"
#include "pages/fresh.h"
#include "pages/render.h"
#include "service/remember.h"
#include "service/verify.h"

#define DAY 86400

/* For how long the browser would be remembered, in days if they are whole. */
static void tell_remember(struct cp2fa_page *page)
{
    int64_t seconds = page->conf->rules.remember;
    int days = seconds % DAY == 0;

    if (seconds > 0) {
        cp2fa_render_set(page,
                         days ? "CP2FA_REMEMBER_DAYS" : "CP2FA_REMEMBER_HOURS",
                         apr_psprintf(page->r->pool, "%" APR_INT64_T_FMT,
                                      seconds / (days ? DAY : 3600)));
    }
}

/* Whether a remembered browser stood for the token: the session is begun. */
static int browser_will_do(struct cp2fa_page *page)
{
    const char *browser = cp2fa_session_browser(page->r);
    struct cp2fa_grant grant = {.wait = 0};
    enum cp2fa_outcome outcome;

    if (!browser) {
        return 0;
    }
    outcome = cp2fa_remember_redeem(
        page->service, page->r->pool, &page->conf->rules, &page->who, browser,
        page->session ? page->session->hash : NULL, page->now, &grant);
    cp2fa_decision_note(page->r, CP2FA_DECISION_BROWSER, outcome, &page->who);
    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_session_begin(page->r, &grant);
    }
    else if (outcome == CP2FA_OUTCOME_INVALID) {
        cp2fa_session_forget_browser(page->r);
    }
    return outcome == CP2FA_OUTCOME_DONE;
}

int cp2fa_token_show(struct cp2fa_page *page)
{
    const char *back = cp2fa_back_find(page);

    page->verdict = cp2fa_gate_judge(page->r, &page->who);
    if (!page->before || !page->before->error) {
        /* nothing to ask: who has passed, or has no device, goes on */
        if (page->verdict == CP2FA_PASS && cp2fa_fresh_enough(page)) {
            return cp2fa_render_see_other(page, back);
        }
        if (page->verdict == CP2FA_ENROL) {
            return cp2fa_render_see_other(page, "enroll");
        }
        if (page->verdict == CP2FA_CHALLENGE && browser_will_do(page)) {
            return cp2fa_render_see_other(page, back);
        }
    }
    if (page->verdict == CP2FA_PASS) {
        cp2fa_render_set(page, "CP2FA_STEP_UP", "1");
    }
    else {
        tell_remember(page);
        if (cp2fa_render_has_bypass(page->r)) {
            cp2fa_render_set(page, "CP2FA_BYPASS", "1");
        }
    }
    cp2fa_render_set(page, "CP2FA_RETURN", back);
    cp2fa_render_common(page);
    return OK;
}

int cp2fa_token_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "token");
    const char *back = cp2fa_back_keep(page);
    const char *remember = cp2fa_form_get(page->form, "remember");
    struct cp2fa_grant grant = {.remember = remember && *remember};
    enum cp2fa_outcome outcome;

    cp2fa_session_expect(page->r, &grant);
    outcome = cp2fa_verify_token(
        page->service, page->r->pool, &page->conf->rules, &page->who,
        typed ? typed : "", page->session ? page->session->hash : NULL,
        page->now, &grant);
    cp2fa_decision_note(page->r, CP2FA_DECISION_TOKEN, outcome, &page->who);
    cp2fa_clock_token(page->r, &page->who, grant.ahead);
    if (outcome == CP2FA_OUTCOME_NOT_ENROLLED) {
        return cp2fa_render_see_other(page, back);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, grant.wait);
    }
    cp2fa_session_begin(page->r, &grant);
    return cp2fa_render_see_other(page, back);
}
