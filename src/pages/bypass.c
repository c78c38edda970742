/* SPDX-License-Identifier: Apache-2.0 */
#include "service/bypass.h"

#include "gate/gate.h"
#include "gate/decision.h"
#include "gate/session.h"
#include "pages/render.h"

int cp2fa_bypass_show(struct cp2fa_page *page)
{
    const char *query = page->r->args;

    page->verdict = cp2fa_gate_judge(page->r, &page->who);
    if (!page->before || !page->before->error) {
        /* nothing to disable, or a PIN at hand */
        if (page->verdict == CP2FA_PASS) {
            return cp2fa_render_see_other(page, "profile");
        }
        if (page->verdict == CP2FA_ENROL) {
            return cp2fa_render_see_other(page, "enroll");
        }
    }
    if (query && strcmp(query, "sent") == 0) {
        cp2fa_render_set(page, "CP2FA_SENT", "1");
    }
    cp2fa_render_common(page);
    return OK;
}

/* The answer is the same whatever came of it. */
int cp2fa_bypass_mail(struct cp2fa_page *page)
{
    enum cp2fa_outcome outcome = cp2fa_bypass_ask(
        page->service, page->r->pool, &page->who, page->binding,
        page->conf->mail_token_lifetime, page->now);

    cp2fa_decision_note(page->r, CP2FA_DECISION_BYPASS_MAIL, outcome,
                        &page->who);
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "bypass?sent")
               : cp2fa_render_outcome(page, outcome, 0);
}

/* Where the session was the log-in, the log-in page is next, and says why. */
static const char *next_page(struct cp2fa_page *page)
{
    if (cp2fa_request_has_login(page->r)) {
        return "login?notice=disabled";
    }
    return cp2fa_conf_mode(page->conf) == CP2FA_MODE_REQUIRED
               ? "enroll"
               : "profile?notice=disabled";
}

int cp2fa_bypass_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "mail_token");
    struct cp2fa_rows ended;
    unsigned wait;
    enum cp2fa_outcome outcome = cp2fa_bypass_redeem(
        page->service, page->r->pool, &page->conf->rules, &page->who,
        page->binding, typed ? typed : "", page->now, &ended, &wait);

    cp2fa_decision_note(page->r, CP2FA_DECISION_BYPASS, outcome, &page->who);
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_mail_outcome(page, outcome, wait);
    }
    cp2fa_session_forget(page->r, &ended);
    /* the password is all that is known of this browser, again */
    if (cp2fa_session_end(page->r, NULL) != 0) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    return cp2fa_render_see_other(page, next_page(page));
}
