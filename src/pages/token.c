/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "gate/gate.h"
#include "gate/log.h"
#include "gate/session.h"
#include "pages/render.h"
#include "service/verify.h"

/* The query's return address, decoded, or NULL. */
static const char *wanted_return(request_rec *r)
{
    static const char name[] = "return=";
    const char *at = cp2fa_request_first(r)->parsed_uri.query;

    while (at && strncmp(at, name, sizeof(name) - 1) != 0) {
        at = strchr(at, '&');
        at = at ? at + 1 : NULL;
    }
    if (at) {
        char *value = apr_pstrndup(r->pool, at + sizeof(name) - 1,
                                   strcspn(at, "&") - (sizeof(name) - 1));

        return cp2fa_form_decode(value) == 0 ? value : NULL;
    }
    return NULL;
}

int cp2fa_token_show(struct cp2fa_page *page)
{
    const char *back = wanted_return(page->r);
    struct cp2fa_request *before =
        page->r->prev ? cp2fa_request_peek(page->r->prev) : NULL;

    /* a POST that failed brings the form's own return address along */
    if (before && before->back) {
        back = before->back;
    }
    back = cp2fa_render_return(page, back);
    page->verdict = cp2fa_gate_judge(page->r, &page->who);
    if (!before || !before->error) {
        /* nothing to ask: who has passed, or has no device, goes on */
        if (page->verdict == CP2FA_PASS) {
            return cp2fa_render_see_other(page, back);
        }
        if (page->verdict == CP2FA_ENROL) {
            return cp2fa_render_see_other(page, "enroll");
        }
    }
    cp2fa_render_set(page, "CP2FA_RETURN", back);
    cp2fa_render_common(page);
    return OK;
}

int cp2fa_token_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "token");
    const char *back =
        cp2fa_render_return(page, cp2fa_form_get(page->form, "return"));
    struct cp2fa_grant grant = {.wait = 0};
    enum cp2fa_outcome outcome;

    /* the form is wiped before its page is shown again */
    page->state->back = apr_pstrdup(page->r->pool, back);
    outcome = cp2fa_verify_token(
        page->service, page->r->pool, &page->conf->rules, &page->who,
        typed ? typed : "", page->session ? page->session->hash : NULL,
        page->now, &grant);
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, page->r,
                  "CP2FA301: token %s, user %s, realm %s",
                  cp2fa_service_outcome_name(outcome),
                  CP2FA_LOGGED(page->r->pool, page->who.user),
                  CP2FA_LOGGED(page->r->pool, page->who.realm));
    if (outcome == CP2FA_OUTCOME_NOT_ENROLLED) {
        return cp2fa_render_see_other(page, page->state->back);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, grant.wait);
    }
    cp2fa_session_begin(page->r, &grant);
    return cp2fa_render_see_other(page, page->state->back);
}
