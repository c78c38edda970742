/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/clock.h"
#include "gate/decision.h"
#include "gate/gate.h"
#include "gate/session.h"
#include "pages/back.h"
#include "pages/fresh.h"
#include "pages/render.h"
#include "service/verify.h"

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
    }
    if (page->verdict == CP2FA_PASS) {
        cp2fa_render_set(page, "CP2FA_STEP_UP", "1");
    }
    else if (cp2fa_render_has_bypass(page->r)) {
        cp2fa_render_set(page, "CP2FA_BYPASS", "1");
    }
    cp2fa_render_set(page, "CP2FA_RETURN", back);
    cp2fa_render_common(page);
    return OK;
}

int cp2fa_token_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "token");
    const char *back = cp2fa_back_keep(page);
    struct cp2fa_grant grant = {.wait = 0};
    enum cp2fa_outcome outcome = cp2fa_verify_token(
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
