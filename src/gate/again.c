/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/again.h"

#include "gate/conf.h"
#include "gate/log.h"
#include "gate/memo.h"
#include "gate/program.h"
#include "gate/request.h"
#include "gate/session.h"
#include "gate/tally.h"

/* The pass of the last request, with the session found that it is of. */
static const struct cp2fa_pass *recall(request_rec *r)
{
    const struct cp2fa_pass *pass =
        r->main || r->prev ? NULL : cp2fa_memo_again(r, apr_time_now());
    struct cp2fa_request *state;

    if (!pass) {
        return NULL;
    }
    cp2fa_tally_count(cp2fa_conf_shared(r->server)->tally,
                      CP2FA_COUNT_CACHE_HIT);
    state = cp2fa_request_of(r);
    state->again = pass;
    state->again_under = r->per_dir_config;
    state->seen = &pass->session;
    state->seen_under = r->per_dir_config;
    state->realm = pass->session.realm;
    state->realm_of = r->per_dir_config;
    return pass;
}

int cp2fa_again_check_authn(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    const struct cp2fa_pass *pass;

    /* httpd need not be asked for an AuthType that is as it is written; who
     * sends credentials may be somebody else. Whether it is plain HTTP, the
     * host says, which is the same. */
    if (!conf->login || conf->fleeting || cp2fa_program_credentials(r)) {
        return DECLINED;
    }
    pass = recall(r);
    if (!pass) {
        return DECLINED;
    }
    cp2fa_request_peek(r)->app_read = 1; /* there are none */
    r->user = (char *)pass->user;
    r->ap_auth_type = (char *)"TwoFactor"; /* nobody writes to it */
    return OK;
}

int cp2fa_again_passes(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_peek(r);
    const struct cp2fa_pass *pass;

    if (state && state->app_token) {
        return 0; /* it is that which lets in, whatever session is there */
    }
    pass = state && state->again_under == r->per_dir_config ? state->again
                                                            : recall(r);
    if (!pass || !r->user || strcmp(r->user, pass->session.name) != 0) {
        return 0;
    }
    state = cp2fa_request_peek(r);
    state->witness = pass->session.name;
    state->witness_realm = pass->session.realm;
    state->session = &pass->session;
    state->auth_time = pass->auth_time;
    state->judged_user = pass->session.name;
    state->judged_conf = cp2fa_conf_of(r);
    state->verdict = CP2FA_PASS;
    state->passed = r->per_dir_config;
    ap_log_rerror(APLOG_MARK, APLOG_TRACE1, 0, r,
                  "CP2FA110: the same request again, of session %.8s",
                  pass->session.hash);
    return 1;
}

void cp2fa_again_note(request_rec *r, const struct cp2fa_session *session)
{
    const struct cp2fa_request *state = cp2fa_request_of(r);

    if (!r->main && !r->prev && !state->fresh && !state->granted) {
        cp2fa_memo_pass(r, session, apr_time_now(),
                        apr_time_from_sec(cp2fa_session_settled(
                            &cp2fa_conf_of(r)->rules, session)));
    }
}
