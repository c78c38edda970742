/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/require.h"

#include <ap_provider.h>
#include <http_core.h>
#include <http_request.h>
#include <mod_auth.h>

#include "gate/conf.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/request.h"

static authz_status refuse(request_rec *r, const char *why)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "CP2FA132: Require two-factor: refused, %s: user %s, %s", why,
                  r->user ? CP2FA_LOGGED(r->pool, r->user) : "-",
                  CP2FA_LOGGED(r->pool, r->uri));
    return AUTHZ_DENIED;
}

static authz_status check(request_rec *r, const char *line, const void *parsed)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);

    (void)line;
    (void)parsed;
    if (cp2fa_conf_is_off(r)) {
        return refuse(r, "TwoFactor is off here");
    }
    /* httpd asks before it knows who it is, and once more after that; r->user
     * alone may be a leftover of the request before */
    if (!r->user || !state || !(state->witness || state->inner_witness)) {
        return AUTHZ_DENIED_NO_USER;
    }
    /* what each of our own pages needs, its route says: else nobody could get
     * to the token page */
    if (cp2fa_conf_of(r)->pages || cp2fa_gate_has_passed(r)) {
        return AUTHZ_GRANTED;
    }
    return refuse(r, "no second factor was passed");
}

static const char *parse(cmd_parms *cmd, const char *line, const void **parsed)
{
    (void)cmd;
    *parsed = NULL;
    return ap_getword_conf(cmd->temp_pool, &line)[0]
               ? "Require two-factor takes no arguments"
               : NULL;
}

void cp2fa_require_register(apr_pool_t *p)
{
    static const authz_provider provider = {check, parse};

    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "two-factor",
                              AUTHZ_PROVIDER_VERSION, &provider,
                              AP_AUTH_INTERNAL_PER_CONF);
}
