/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/admit.h"

#include "core/csrf.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/session.h"
#include "pages/body.h"
#include "pages/fresh.h"
#include "pages/render.h"

/* A page for everybody knows a browser that is signed in all the same. */
static void recognise(struct cp2fa_page *page)
{
    if (page->state->open && !page->state->route->asset) {
        cp2fa_session_any(page->r, &page->session);
    }
    page->who.user = page->session ? page->session->name : "";
}

void cp2fa_admit_open(struct cp2fa_page *page, request_rec *r)
{
    memset(page, 0, sizeof(*page));
    page->r = r;
    page->state = cp2fa_request_of(r);
    page->before = r->prev ? cp2fa_request_peek(r->prev) : NULL;
    page->conf = cp2fa_conf_of(r);
    page->service = &cp2fa_conf_shared(r->server)->service;
    page->now = apr_time_now();
    page->verdict = CP2FA_CANT_TELL;
    /* the gate's fixups have proven who it is */
    if (cp2fa_request_who(r, &page->who) != OK) {
        recognise(page);
    }
    else if (page->state->route->need > CP2FA_NEED_FIRST) {
        page->verdict = cp2fa_gate_judge(r, &page->who);
        page->session = page->state->session;
    }
    else if (!page->state->route->asset) {
        /* a session there may be, but need not */
        cp2fa_session_find(r, &page->who, &page->session);
    }
}

/* Under `required`, who has no device yet gets to the pages that enrol. */
int cp2fa_admit(struct cp2fa_page *page)
{
    const struct cp2fa_route *route = page->state->route;

    if (route->need <= CP2FA_NEED_FIRST
        || (route->need == CP2FA_NEED_REQUIRE && !*page->who.user)
        || ((route->need == CP2FA_NEED_ENROLLING
             || route->need == CP2FA_NEED_ENABLING)
            && page->verdict == CP2FA_ENROL)) {
        return DECLINED;
    }
    /* a form that outlived its session: words, not a redirect of a POST */
    if (page->r->method_number == M_POST
        && (page->verdict == CP2FA_CHALLENGE || page->verdict == CP2FA_ENROL)) {
        return cp2fa_render_refuse(page->r, HTTP_FORBIDDEN,
                                   page->verdict == CP2FA_ENROL
                                       ? "enrollment-required"
                                       : "token-required");
    }
    if (page->r->method_number == M_POST && page->verdict == CP2FA_PASS
        && (route->need == CP2FA_NEED_ENABLING
            || route->need == CP2FA_NEED_FRESH)
        && !cp2fa_fresh_enough(page)) {
        return cp2fa_fresh_ask(page);
    }
    return cp2fa_gate_answer(page->r, page->verdict);
}

static int check_csrf(struct cp2fa_page *page)
{
    const char *field = cp2fa_form_get(page->form, "csrf");

    return cp2fa_body_same_origin(page->r) && field && page->binding
           && cp2fa_csrf_check(page->service->crypto, page->service->keys,
                               page->binding, page->who.realm, page->who.user,
                               field);
}

int cp2fa_admit_form(struct cp2fa_page *page)
{
    request_rec *r = page->r;

    if (check_csrf(page)) {
        return DECLINED;
    }
    ap_log_rerror(
        APLOG_MARK, APLOG_WARNING, 0, r,
        "CP2FA203: form of another origin or session refused, "
        "user %s, Origin %s (behind a proxy, set "
        "TwoFactorBaseURL)",
        CP2FA_LOGGED(r->pool, page->who.user),
        CP2FA_LOGGED(r->pool, apr_table_get(r->headers_in, "Origin")
                                  ? apr_table_get(r->headers_in, "Origin")
                                  : "-"));
    return cp2fa_render_error(r, HTTP_FORBIDDEN, "csrf-invalid");
}
