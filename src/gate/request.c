/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/request.h"

#include <apr_strings.h>
#include <http_request.h>

#include "core/text.h"
#include "gate/conf.h"
#include "gate/log.h"

struct cp2fa_request *cp2fa_request_peek(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &cp2fa_module);
}

struct cp2fa_request *cp2fa_request_of(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_peek(r);

    if (!state) {
        state = apr_pcalloc(r->pool, sizeof(*state));
        ap_set_module_config(r->request_config, &cp2fa_module, state);
    }
    return state;
}

request_rec *cp2fa_request_first(request_rec *r)
{
    while (r->main || r->prev) {
        r = r->main ? r->main : r->prev;
    }
    return r;
}

const char *cp2fa_request_cookies(request_rec *r)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);

    if (!state->cookie_saved) {
        state->cookie_saved = 1;
        state->cookie = apr_pstrdup(first->pool,
                                    apr_table_get(first->headers_in, "Cookie"));
    }
    return state->cookie;
}

void cp2fa_request_vouch(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_of(r);

    state->witness = apr_pstrdup(r->pool, r->user);
    state->witness_realm = cp2fa_conf_realm(r);
}

static int says_who(const struct cp2fa_request *state, request_rec *r)
{
    return state && state->witness && r->user
           && strcmp(state->witness, r->user) == 0
           && strcmp(state->witness_realm, cp2fa_conf_realm(r)) == 0;
}

/* request.c skips authentication where the configuration is the same object
 * as that of the request before, or above: only there, so do we. */
static const struct cp2fa_request *witness_for(request_rec *r)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);

    if (says_who(state, r)) {
        return state;
    }
    for (request_rec *from = r; from;) {
        request_rec *before = from->prev ? from->prev : from->main;

        if (!before || before->per_dir_config != r->per_dir_config) {
            return NULL;
        }
        state = cp2fa_request_peek(before);
        if (says_who(state, r)) {
            return state;
        }
        from = before;
    }
    return NULL;
}

int cp2fa_request_who(request_rec *r, struct cp2fa_who *who)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);

    if (!witness_for(r)) {
        return DECLINED;
    }
    who->realm = cp2fa_conf_realm(r);
    who->user = r->user;
    if (conf->fold_case) {
        char *folded = apr_pstrdup(r->pool, r->user);

        cp2fa_text_fold_case(folded);
        who->user = folded;
    }
    return OK;
}
