/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/email.h"

#include "core/address.h"
#include "gate/conf.h"
#include "gate/log.h"
#include "gate/request.h"

void cp2fa_email_find(request_rec *r, struct cp2fa_who *who)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct cp2fa_request *state = cp2fa_request_of(r);
    const char *error = NULL;

    if (!conf->email) {
        return;
    }
    if (!state->email) {
        state->email = ap_expr_str_exec(r, conf->email, &error);
        if (error || !state->email
            || (*state->email && !cp2fa_address_valid(state->email))) {
            ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                          "CP2FA406: TwoFactorEmail gives no valid address "
                          "for user %s: %s",
                          CP2FA_LOGGED(r->pool, who->user),
                          CP2FA_LOGGED(r->pool, error          ? error
                                                : state->email ? state->email
                                                               : "nothing"));
            state->email = "";
        }
    }
    who->email = state->email;
}
