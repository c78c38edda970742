/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/header.h"

#include <apr_strings.h>

#include "gate/clock.h"
#include "gate/conf.h"
#include "gate/decision.h"
#include "gate/email.h"
#include "gate/request.h"
#include "gate/session.h"
#include "service/verify.h"

int cp2fa_header_try(request_rec *r, const struct cp2fa_who *who,
                     enum cp2fa_outcome *outcome, unsigned *wait)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state = cp2fa_request_of(first);
    const char *token = apr_table_get(r->headers_in, CP2FA_TOKEN_HEADER);
    const struct cp2fa_session *before = cp2fa_request_of(r)->session;
    struct cp2fa_grant grant = {.wait = 0};
    struct cp2fa_who known;

    *outcome = CP2FA_OUTCOME_DONE;
    *wait = 0;
    if (!token || r->main || state->header_tried || cp2fa_session_insecure(r)) {
        return 0;
    }
    state->header_tried = 1;
    (void)cp2fa_request_who(r, &known); /* proven already, as who */
    cp2fa_email_find(r, &known);
    *outcome = cp2fa_verify_token(&cp2fa_conf_shared(r->server)->service,
                                  first->pool, &cp2fa_conf_of(r)->rules, &known,
                                  token, before ? before->hash : NULL,
                                  apr_time_now(), &grant);
    cp2fa_decision_note(r, CP2FA_DECISION_HEADER, *outcome, who);
    cp2fa_clock_token(r, who, grant.ahead);
    *wait = grant.wait;
    if (*outcome != CP2FA_OUTCOME_DONE) {
        return 0;
    }
    state->granted =
        apr_pmemdup(first->pool, &grant.session, sizeof(grant.session));
    cp2fa_session_begin(r, &grant);
    return 1;
}
