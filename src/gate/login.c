/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/login.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "gate/conf.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/password.h"
#include "gate/session.h"

/* RFC 9110 11.6.1: a 401 says what for. */
static void challenge(request_rec *r, const char *scheme)
{
    apr_table_setn(r->err_headers_out,
                   r->proxyreq == PROXYREQ_PROXY ? "Proxy-Authenticate"
                                                 : "WWW-Authenticate",
                   apr_pstrcat(r->pool, scheme, " realm=\"",
                               ap_escape_quotes(r->pool, cp2fa_conf_realm(r)),
                               "\"", (char *)NULL));
}

/* A page's picture or script can't be sent to another page; and asked for a
 * password, the browser would keep it, and no log-out would end that. */
static int is_of_browser(request_rec *r)
{
    return apr_table_get(r->headers_in, "Sec-Fetch-Mode")
           || apr_table_get(r->headers_in, "X-Requested-With");
}

static int refuse(request_rec *r, int status, const char *code, unsigned wait)
{
    if (wait > 0) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_itoa(r->pool, (int)wait));
    }
    return cp2fa_gate_problem(r, status, code);
}

static int welcome(request_rec *r, const char *user)
{
    r->user = apr_pstrdup(r->pool, user);
    r->ap_auth_type = (char *)"TwoFactor"; /* nobody writes to it */
    return OK;
}

/* Once for the request that arrived: its parts, and the error document that
 * it leads to, must not count a wrong password again. */
static enum cp2fa_password check_once(request_rec *r, const char *name,
                                      const char *password)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);
    const apr_array_header_t *providers = cp2fa_conf_of(r)->providers;
    const char *realm = cp2fa_conf_realm(r);
    struct cp2fa_who who;
    const char *user;

    if (!state->basic_by || state->basic_by != providers
        || strcmp(state->basic_realm, realm) != 0) {
        (void)cp2fa_request_who(r, &who);
        state->basic_said = cp2fa_password_check(r, name, password, &who, &user,
                                                 &state->basic_wait);
        state->basic_by = providers;
        state->basic_realm = apr_pstrdup(first->pool, realm);
        state->basic_user = apr_pstrdup(first->pool, user);
        ap_log_rerror(
            APLOG_MARK, APLOG_INFO, 0, r,
            "CP2FA121: Basic credentials %s, user %s, realm %s",
            cp2fa_password_word((enum cp2fa_password)state->basic_said),
            CP2FA_LOGGED(r->pool, name), CP2FA_LOGGED(r->pool, realm));
    }
    return (enum cp2fa_password)state->basic_said;
}

static int by_password(request_rec *r, const char *name, const char *password)
{
    enum cp2fa_password said = check_once(r, name, password);
    const struct cp2fa_request *state =
        cp2fa_request_of(cp2fa_request_first(r));

    switch (said) {
    case CP2FA_PASSWORD_RIGHT:
        return welcome(r, state->basic_user);
    case CP2FA_PASSWORD_WAIT:
        return refuse(r, HTTP_TOO_MANY_REQUESTS, "login-throttled",
                      state->basic_wait);
    case CP2FA_PASSWORD_UNAVAILABLE:
        return cp2fa_gate_unavailable(r, name);
    case CP2FA_PASSWORD_WRONG:
        break;
    }
    challenge(r, "Basic");
    return HTTP_UNAUTHORIZED;
}

/* A form of a page of ours that outlived its session: the person logs in. */
static int redirect_form(request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");

    if (!cp2fa_conf_of(r)->pages || r->method_number != M_POST || r->main
        || r->prev || !site || strcmp(site, "same-origin") != 0
        || !cp2fa_gate_is_html(r)) {
        return DECLINED;
    }
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "Location",
                   cp2fa_gate_address(r, "login", NULL));
    return HTTP_SEE_OTHER;
}

int cp2fa_login_check_authn(request_rec *r)
{
    const struct cp2fa_session *session;
    const char *name = NULL;
    const char *password = NULL;
    int status;

    if (!cp2fa_request_has_login(r)) {
        return DECLINED;
    }
    if (cp2fa_session_insecure(r) && !cp2fa_conf_of(r)->pages) {
        return refuse(r, HTTP_FORBIDDEN, "https-required", 0);
    }
    switch (cp2fa_session_any(r, &session)) {
    case CP2FA_UNKNOWN:
        return cp2fa_gate_unavailable(r, NULL);
    case CP2FA_NO:
    case CP2FA_YES:
        break;
    }
    (void)ap_get_basic_auth_components(r, &name, &password);
    if (name && (!*name || !password)) {
        name = NULL;
    }
    /* who says another name than the session's wants to be that one */
    if (session
        && (!name
            || strcmp(cp2fa_request_account(r, name), session->name) == 0)) {
        return welcome(r, session->name);
    }
    if (name) {
        return by_password(r, name, password);
    }
    status = cp2fa_gate_redirect(r, "login");
    if (status == DECLINED) {
        status = redirect_form(r);
    }
    if (status == DECLINED) {
        challenge(r, is_of_browser(r) ? "TwoFactor" : "Basic");
        status = HTTP_UNAUTHORIZED;
    }
    return status;
}

int cp2fa_login_note_failure(request_rec *r, const char *auth_type)
{
    if (ap_cstr_casecmp(auth_type, "TwoFactor") != 0) {
        return DECLINED;
    }
    /* A user who may not: whoever sent a password can send another, whoever
     * used the page would only see the browser's own prompt over it. */
    challenge(r, apr_table_get(r->headers_in, "Authorization") ? "Basic"
                                                               : "TwoFactor");
    return OK;
}
