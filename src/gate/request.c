/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/request.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

#include "core/apptoken.h"
#include "core/text.h"
#include "gate/conf.h"
#include "gate/log.h"
#include "store/apptokens.h"

struct cp2fa_request *cp2fa_request_make(request_rec *r)
{
    struct cp2fa_request *state = apr_pcalloc(r->pool, sizeof(*state));

    ap_set_module_config(r->request_config, &cp2fa_module, state);
    return state;
}

void cp2fa_request_rejudge(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_of(r);

    struct cp2fa_request *first = cp2fa_request_of(cp2fa_request_first(r));

    state->judged_user = NULL;
    state->passed = NULL;
    state->seen = NULL;
    state->again = NULL;
    state->again_under = NULL;
    state->auth_time = NULL;
    state->session = NULL;
    first->loaded_as = NULL;
    first->fresh = 1;
}

const char *cp2fa_request_cookies(request_rec *r)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);

    if (!state->cookie_saved) {
        state->cookie_saved = 1;
        /* a table changes its entries, never a text that it was given */
        state->cookie = apr_table_get(first->headers_in, "Cookie");
    }
    return state->cookie;
}

int cp2fa_request_had_cookies(request_rec *r)
{
    const struct cp2fa_request *state =
        cp2fa_request_peek(cp2fa_request_first(r));

    return state && state->cookie;
}

const char *cp2fa_request_accept(request_rec *r)
{
    const struct cp2fa_request *state =
        cp2fa_request_peek(cp2fa_request_first(r));

    return state && state->accept ? state->accept
                                  : apr_table_get(r->headers_in, "Accept");
}

int cp2fa_request_has_login(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type
           && (strcmp(type, "TwoFactor") == 0 /* as it is mostly written */
               || ap_cstr_casecmp(type, "TwoFactor") == 0);
}

int cp2fa_request_is_open(request_rec *r)
{
    const request_rec *main = r;
    const struct cp2fa_request *state;

    while (main->main) {
        main = main->main;
    }
    state = cp2fa_request_peek(main);
    return state && state->open && cp2fa_conf_of(r)->pages
           && cp2fa_request_has_login(r);
}

int cp2fa_request_is_plain(request_rec *r)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);

    return state && state->plain && !r->prev && !r->main;
}

const char *cp2fa_request_account(request_rec *r, const char *user)
{
    char *folded;

    if (!cp2fa_conf_of(r)->fold_case) {
        return user;
    }
    folded = apr_pstrdup(r->pool, user);
    cp2fa_text_fold_case(folded);
    return folded;
}

void cp2fa_request_vouch(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_of(r);

    state->witness = apr_pstrdup(r->pool, r->user);
    state->witness_realm = cp2fa_conf_realm(r);
    if (r->main) {
        struct cp2fa_request *above = cp2fa_request_of(r->main);

        above->inner_witness = apr_pstrdup(r->main->pool, r->user);
        above->inner_conf = r->per_dir_config;
        above->inner_app_token = state->app_token;
    }
}

/* The very condition under which request.c skips authentication right after
 * this hook and copies the user: the same configuration object. */
int cp2fa_request_inherit(request_rec *r)
{
    const request_rec *from = NULL;
    const struct cp2fa_request *before;

    if ((!r->prev && !r->main) || cp2fa_conf_is_off(r)) {
        return DECLINED;
    }
    if (r->prev && r->prev->per_dir_config == r->per_dir_config) {
        from = r->prev;
    }
    else if (r->main && r->main->per_dir_config == r->per_dir_config) {
        from = r->main;
    }
    before = from ? cp2fa_request_peek(from) : NULL;
    if (before && before->witness) {
        cp2fa_request_of(r)->witness = before->witness;
        cp2fa_request_of(r)->witness_realm = before->witness_realm;
        cp2fa_request_of(r)->app_token = before->app_token;
    }
    return DECLINED;
}

/* Whether a token, if it is one that vouches for him, is good here. Asked
 * each time: a redirect keeps the configuration and changes the address. */
static int reaches(request_rec *r, const struct cp2fa_app_token *token)
{
    return !token
           || (!cp2fa_conf_of(r)->pages
               && cp2fa_apptoken_covers(token->path, r->uri));
}

static const char *proven_user(request_rec *r, const char *realm,
                               const struct cp2fa_app_token **token)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);
    const char *user = NULL;

    *token = NULL;
    if (state && state->witness && r->user
        && strcmp(state->witness, r->user) == 0
        && strcmp(state->witness_realm, realm) == 0) {
        user = r->user;
        *token = state->app_token;
    }
    else if (state && state->inner_witness && !r->user
             && state->inner_conf == r->per_dir_config) {
        user = state->inner_witness;
        *token = state->inner_app_token;
    }
    return user && reaches(r, *token) ? user : NULL;
}

const struct cp2fa_app_token *cp2fa_request_app_token(request_rec *r)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);
    const struct cp2fa_app_token *token;

    if (!state || (!state->app_token && !state->inner_app_token)) {
        return NULL;
    }
    return proven_user(r, cp2fa_conf_realm(r), &token) ? token : NULL;
}

/* The browser's own name for itself, cut to what the database holds. */
static const char *agent_of(request_rec *r)
{
    const char *agent = apr_table_get(r->headers_in, "User-Agent");

    agent = agent ? apr_pstrndup(r->pool, agent, CP2FA_NAME_MAX) : "";
    return cp2fa_text_is_name(agent) ? agent : "";
}

/* The first language that the browser names, by its primary subtag. */
static const char *language_of(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept-Language");
    size_t len = accept ? strspn(accept, "abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                        : 0;
    char *language =
        len >= 2 && len <= 8 ? apr_pstrndup(r->pool, accept, len) : NULL;

    if (language) {
        cp2fa_text_fold_case(language);
    }
    return language;
}

int cp2fa_request_proven(request_rec *r, struct cp2fa_who *who)
{
    const struct cp2fa_app_token *token;

    memset(who, 0, sizeof(*who));
    who->realm = cp2fa_conf_realm(r);
    who->user = proven_user(r, who->realm, &token);
    if (!who->user) {
        return DECLINED;
    }
    who->user = cp2fa_request_account(r, who->user);
    return OK;
}

int cp2fa_request_who(request_rec *r, struct cp2fa_who *who)
{
    int status = cp2fa_request_proven(r, who);

    who->address = r->useragent_ip;
    who->agent = agent_of(r);
    who->language = language_of(r);
    who->issuer = cp2fa_conf_issuer(r);
    who->site = cp2fa_conf_site(r);
    return status;
}
