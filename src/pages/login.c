/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "gate/gate.h"
#include "gate/log.h"
#include "gate/password.h"
#include "gate/session.h"
#include "pages/back.h"
#include "pages/render.h"
#include "service/login.h"

static const struct {
    int status;
    const char *code;
    unsigned retry_after; /* seconds; for WAIT, what is left */
} told[] = {
    [CP2FA_PASSWORD_RIGHT] = {HTTP_OK, NULL, 0},
    [CP2FA_PASSWORD_WRONG] = {422, "login-invalid", 0},
    [CP2FA_PASSWORD_WAIT] = {429, "login-throttled", 0},
    [CP2FA_PASSWORD_UNAVAILABLE] = {503, "unavailable", 5},
};

int cp2fa_login_show(struct cp2fa_page *page)
{
    if (!cp2fa_request_has_login(page->r)) {
        return cp2fa_render_refuse(page->r, HTTP_NOT_FOUND, "not-found");
    }
    cp2fa_render_common(page);
    cp2fa_render_notice(page);
    cp2fa_render_set(page, "CP2FA_RETURN", cp2fa_back_find(page));
    if (page->before && page->before->typed) {
        cp2fa_render_set(page, "CP2FA_TYPED_NAME", page->before->typed);
    }
    return OK;
}

static int refuse(struct cp2fa_page *page, enum cp2fa_password said,
                  unsigned wait)
{
    page->state->retry_after =
        said == CP2FA_PASSWORD_WAIT ? wait : told[said].retry_after;
    return cp2fa_render_error(page->r, told[said].status, told[said].code);
}

/* The token page is next for who has a device, and it leads back. */
static int lead_on(struct cp2fa_page *page, const char *back, int enrolled)
{
    if (enrolled) {
        return cp2fa_render_see_other(
            page, cp2fa_gate_address(page->r, "token", back));
    }
    if (cp2fa_conf_mode(page->conf) == CP2FA_MODE_REQUIRED) {
        return cp2fa_render_see_other(page, "enroll");
    }
    return cp2fa_render_see_other(page, cp2fa_render_return(page, back));
}

int cp2fa_login_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "username");
    const char *password = cp2fa_form_get(page->form, "password");
    const char *back = cp2fa_form_get(page->form, "return");
    struct cp2fa_grant grant = {.wait = 0};
    enum cp2fa_password said;
    const char *user;
    unsigned wait;
    int enrolled = 0;

    if (!cp2fa_request_has_login(page->r)) {
        return cp2fa_render_refuse(page->r, HTTP_NOT_FOUND, "not-found");
    }
    /* the form is wiped before its page is shown again */
    typed = apr_pstrdup(page->r->pool, typed ? typed : "");
    back = back ? apr_pstrdup(page->r->pool, back) : NULL;
    page->state->typed = typed;
    page->state->back = back;
    said = cp2fa_password_check(page->r, typed, password ? password : "",
                                &page->who, &user, &wait);
    if (said == CP2FA_PASSWORD_RIGHT
        && cp2fa_login_grant(page->service, page->r->pool, &page->conf->rules,
                             &page->who,
                             page->session ? page->session->hash : NULL,
                             page->now, &grant, &enrolled)
               != CP2FA_OUTCOME_DONE) {
        said = CP2FA_PASSWORD_UNAVAILABLE;
    }
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, page->r,
                  "CP2FA320: log-in %s, user %s, realm %s",
                  cp2fa_password_word(said), CP2FA_LOGGED(page->r->pool, typed),
                  CP2FA_LOGGED(page->r->pool, page->who.realm));
    if (said != CP2FA_PASSWORD_RIGHT) {
        return refuse(page, said, wait);
    }
    cp2fa_session_begin(page->r, &grant);
    return lead_on(page, back, enrolled);
}

int cp2fa_login_again(struct cp2fa_page *page)
{
    struct cp2fa_grant grant = {.wait = 0};
    int enrolled;

    /* who sends a password each time needs no session for it */
    if (!cp2fa_request_has_login(page->r) || !page->session
        || cp2fa_login_grant(page->service, page->r->pool, &page->conf->rules,
                             &page->who, NULL, page->now, &grant, &enrolled)
               != CP2FA_OUTCOME_DONE) {
        return -1;
    }
    cp2fa_session_begin(page->r, &grant);
    return 0;
}
