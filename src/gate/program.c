/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/program.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "gate/conf.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/request.h"
#include "gate/session.h"
#include "service/apptoken.h"

#define BEARER "Bearer "

static const char *header_name(const request_rec *r)
{
    return r->proxyreq == PROXYREQ_PROXY ? "Proxy-Authorization"
                                         : "Authorization";
}

const char *cp2fa_program_credentials(const request_rec *r)
{
    return apr_table_get(r->headers_in, header_name(r));
}

/* Kept with the first request, for all that it leads to: the header itself is
 * taken away before the application sees it. */
static struct cp2fa_request *read_once(request_rec *r)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);
    const char *header = state->app_read ? NULL : cp2fa_program_credentials(r);
    const char *user = NULL;
    const char *text = NULL;

    state->app_read = 1;
    if (!header) {
        return state;
    }
    if (ap_cstr_casecmpn(header, BEARER, strlen(BEARER)) == 0) {
        text = header + strlen(BEARER);
        text += strspn(text, " ");
    }
    else {
        (void)ap_get_basic_auth_components(r, &user, &text);
    }
    /* git and curl have it before the colon, too, with nothing behind it, or
     * the same; what it is not then is anybody's name */
    if (user && cp2fa_apptoken_looks_like(user)) {
        if (!text || !cp2fa_apptoken_looks_like(text)) {
            text = user;
        }
        user = NULL;
    }
    if (text && cp2fa_apptoken_looks_like(text)) {
        state->app_text = apr_pstrdup(first->pool, text);
        state->app_user = user ? apr_pstrdup(first->pool, user) : NULL;
        header += strcspn(header, " ");
        state->app_sent =
            apr_pstrdup(first->pool, header + strspn(header, " "));
    }
    return state;
}

static void check_once(request_rec *r)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);

    if (!state->app_checked) {
        state->app_checked = 1;
        state->app_said = cp2fa_apptoken_check(
            &cp2fa_conf_shared(r->server)->service, first->pool,
            state->app_text, apr_time_now(), &state->app_found);
    }
}

/* A token that is good: is it good here? */
static enum cp2fa_apptoken_said judge(request_rec *r,
                                      const struct cp2fa_request *state)
{
    const struct cp2fa_app_token *token = state->app_found;

    if (!token) {
        return (enum cp2fa_apptoken_said)state->app_said;
    }
    if (cp2fa_conf_of(r)->pages) {
        return CP2FA_APPTOKEN_OUR_PAGES;
    }
    if (strcmp(token->realm, cp2fa_conf_realm(r)) != 0) {
        return CP2FA_APPTOKEN_ELSEWHERE;
    }
    if (state->app_user
        && strcmp(cp2fa_request_account(r, state->app_user), token->user)
               != 0) {
        return CP2FA_APPTOKEN_NOT_HIS;
    }
    return cp2fa_apptoken_covers(token->path, r->uri) ? CP2FA_APPTOKEN_GOOD
                                                      : CP2FA_APPTOKEN_OUTSIDE;
}

/* RFC 9110 11.6.1: a 401 says what for. As the first factor's module puts it;
 * where that has no way to say so, by Basic. */
static int refuse(request_rec *r)
{
    const char *field = r->proxyreq == PROXYREQ_PROXY ? "Proxy-Authenticate"
                                                      : "WWW-Authenticate";

    if (ap_auth_type(r)) {
        ap_note_auth_failure(r);
    }
    if (!apr_table_get(r->err_headers_out, field)) {
        apr_table_setn(
            r->err_headers_out, field,
            apr_pstrcat(r->pool, "Basic realm=\"",
                        ap_escape_quotes(r->pool, cp2fa_conf_realm(r)), "\"",
                        (char *)NULL));
    }
    return HTTP_UNAUTHORIZED;
}

static int welcome(request_rec *r, struct cp2fa_request *first)
{
    const struct cp2fa_app_token *token = first->app_found;

    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "CP2FA130: application token %.8s accepted, user %s, realm "
                  "%s",
                  token->id, CP2FA_LOGGED(r->pool, token->user),
                  CP2FA_LOGGED(r->pool, token->realm));
    if (!first->app_noted) {
        first->app_noted = 1;
        cp2fa_apptoken_used(&cp2fa_conf_shared(r->server)->service, r->pool,
                            token, r->useragent_ip, apr_time_now());
    }
    cp2fa_request_of(r)->app_token = token;
    r->user = apr_pstrdup(r->pool, token->user);
    r->ap_auth_type = apr_pstrdup(r->pool, "TwoFactor");
    return OK;
}

static void log_refusal(request_rec *r, const struct cp2fa_request *first,
                        enum cp2fa_apptoken_said said)
{
    static const char *const words[CP2FA_APPTOKEN_SAYINGS] = {
        [CP2FA_APPTOKEN_GOOD] = "good",
        [CP2FA_APPTOKEN_MALFORMED] = "malformed",
        [CP2FA_APPTOKEN_UNKNOWN] = "unknown, or ended",
        [CP2FA_APPTOKEN_EXPIRED] = "expired",
        [CP2FA_APPTOKEN_ELSEWHERE] = "of another realm",
        [CP2FA_APPTOKEN_NOT_HIS] = "of another user",
        [CP2FA_APPTOKEN_OUTSIDE] = "not for this path",
        [CP2FA_APPTOKEN_OUR_PAGES] = "not for the module's own pages",
        [CP2FA_APPTOKEN_CANT_TELL] = "can't be checked",
    };

    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                  "CP2FA131: application token %.8s refused: %s, user %s, %s",
                  first->app_found ? first->app_found->id : "-", words[said],
                  first->app_user ? CP2FA_LOGGED(r->pool, first->app_user)
                                  : "-",
                  CP2FA_LOGGED(r->pool, r->uri));
}

int cp2fa_program_check_authn(request_rec *r)
{
    struct cp2fa_request *first;
    enum cp2fa_apptoken_said said;

    if (cp2fa_conf_is_off(r)) {
        return DECLINED;
    }
    first = read_once(r);
    if (!first->app_text) {
        return DECLINED;
    }
    if (cp2fa_session_insecure(r)) {
        return cp2fa_gate_problem(r, HTTP_FORBIDDEN, "https-required");
    }
    check_once(r);
    said = judge(r, first);
    if (said == CP2FA_APPTOKEN_GOOD) {
        return welcome(r, first);
    }
    log_refusal(r, first, said);
    return said == CP2FA_APPTOKEN_CANT_TELL
               ? cp2fa_gate_unavailable(r, first->app_user)
               : refuse(r);
}

/* What mod_setenvif copied of it (`SetEnvIf Authorization "(.*)" X=$1` is how
 * some applications are given it). What is shorter than
 * a token is none, and may be a part of any other variable. */
static void forget_copies(request_rec *r, const struct cp2fa_request *first)
{
    const apr_array_header_t *env = apr_table_elts(r->subprocess_env);
    const apr_table_entry_t *entries = (const apr_table_entry_t *)env->elts;
    const char *copy;

    if (strlen(first->app_text) < CP2FA_APPTOKEN_TEXT) {
        return;
    }
    do {
        copy = NULL;
        for (int i = 0; i < env->nelts && !copy; i++) {
            if (entries[i].val
                && (strstr(entries[i].val, first->app_text)
                    || strstr(entries[i].val, first->app_sent))) {
                copy = entries[i].key;
            }
        }
        if (copy) {
            apr_table_unset(r->subprocess_env, copy);
        }
    } while (copy);
}

/* A subrequest, which shares the header, may have taken it away already. */
void cp2fa_program_hide(request_rec *r)
{
    const struct cp2fa_request *first = read_once(r);

    if (first->app_text) {
        /* without this field mod_cache would take the answer for anybody's */
        cp2fa_request_uncached(r);
        apr_table_unset(r->headers_in, header_name(r));
        forget_copies(r, first);
    }
}
