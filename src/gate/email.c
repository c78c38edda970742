/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/email.h"

#include "core/address.h"
#include "gate/conf.h"
#include "gate/log.h"
#include "gate/request.h"

static const char *ask(request_rec *r, const struct cp2fa_who *who)
{
    const char *error = NULL;
    const char *email = ap_expr_str_exec(r, cp2fa_conf_of(r)->email, &error);

    if (!error && email && (!*email || cp2fa_address_valid(email))) {
        return email;
    }
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                  "CP2FA406: TwoFactorEmail gives no valid address for user "
                  "%s: %s",
                  CP2FA_LOGGED(r->pool, who->user),
                  CP2FA_LOGGED(r->pool, error   ? error
                                        : email ? email
                                                : "nothing"));
    return "";
}

void cp2fa_email_find(request_rec *r, struct cp2fa_who *who)
{
    struct cp2fa_request *state = cp2fa_request_of(r);

    if (!cp2fa_conf_of(r)->email || cp2fa_request_has_login(r)) {
        return;
    }
    if (!state->email) {
        state->email = ask(r, who);
    }
    who->email = state->email;
}

void cp2fa_email_learn(request_rec *r, struct cp2fa_who *who)
{
    char *before = r->user;

    if (!cp2fa_conf_of(r)->email) {
        return;
    }
    r->user = (char *)who->user;
    who->email = ask(r, who);
    r->user = before;
}
