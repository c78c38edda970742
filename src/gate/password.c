/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/password.h"

#include <ap_provider.h>
#include <apr_strings.h>
#include <mod_auth.h>

#include "core/apptoken.h"
#include "core/text.h"
#include "gate/conf.h"
#include "gate/email.h"
#include "gate/log.h"
#include "gate/pace.h"
#include "gate/request.h"
#include "gate/tally.h"
#include "service/login.h"

#define PASSWORD_MAX 256 /* bytes */

/* As mod_auth_basic asks them: the first that knows the name decides. */
static authn_status ask_providers(request_rec *r, const char *typed,
                                  const char *password)
{
    const apr_array_header_t *names = cp2fa_conf_of(r)->providers;
    authn_status status = AUTH_USER_NOT_FOUND;

    for (int i = 0; i < names->nelts && status == AUTH_USER_NOT_FOUND; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        const authn_provider *provider = ap_lookup_provider(
            AUTHN_PROVIDER_GROUP, name, AUTHN_PROVIDER_VERSION);

        if (!provider || !provider->check_password) {
            return AUTH_GENERAL_ERROR;
        }
        /* how an <AuthnProviderAlias> knows which one it is */
        apr_table_setn(r->notes, AUTHN_PROVIDER_NAME_NOTE, name);
        status = provider->check_password(r, typed, password);
        apr_table_unset(r->notes, AUTHN_PROVIDER_NAME_NOTE);
    }
    return status;
}

static enum cp2fa_password try(request_rec *r, const char *typed,
                               const char *password, const char **user)
{
    struct cp2fa_pace *pace = cp2fa_conf_of(r)->pace;
    const char *before = r->user;
    apr_time_t began = apr_time_now();
    authn_status status = AUTH_USER_NOT_FOUND;

    /* An empty password is no password, though some directories take it for
     * one; a hash takes the longer, the longer what it is made of; and an
     * application token is no directory's to see. */
    if (*password && strlen(password) <= PASSWORD_MAX
        && !cp2fa_apptoken_looks_like(password) && cp2fa_text_is_name(typed)) {
        r->user = apr_pstrdup(r->pool, typed);
        status = ask_providers(r, typed, password);
        *user = r->user; /* a directory may know a better one */
        r->user = (char *)before;
    }
    if (status == AUTH_GRANTED || status == AUTH_DENIED) {
        cp2fa_pace_learn(pace, apr_time_now() - began);
    }
    if (status == AUTH_GRANTED && *user && cp2fa_text_is_user(*user)) {
        return CP2FA_PASSWORD_RIGHT;
    }
    if (status == AUTH_DENIED || status == AUTH_USER_NOT_FOUND) {
        cp2fa_pace_fill(pace, apr_time_now() - began, password);
        return CP2FA_PASSWORD_WRONG;
    }
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "CP2FA120: 503, no authn provider could check a password, "
                  "or it gave a user name that can't be an account's: see "
                  "what it says above");
    return CP2FA_PASSWORD_UNAVAILABLE;
}

/* What the try leaves behind; what can't be noted is not answered. */
static enum cp2fa_password settle(const struct cp2fa_service *service,
                                  apr_pool_t *p, apr_time_t now,
                                  const struct cp2fa_login_try *attempt,
                                  enum cp2fa_password said)
{
    enum cp2fa_outcome noted = CP2FA_OUTCOME_DONE;

    switch (said) {
    case CP2FA_PASSWORD_RIGHT:
        noted = cp2fa_login_succeeded(service, p, attempt);
        break;
    case CP2FA_PASSWORD_WRONG:
        noted = cp2fa_login_failed(service, p, now, attempt);
        break;
    case CP2FA_PASSWORD_WAIT:
    case CP2FA_PASSWORD_UNAVAILABLE:
        cp2fa_login_void(service, p, attempt);
        break;
    }
    return noted == CP2FA_OUTCOME_DONE ? said : CP2FA_PASSWORD_UNAVAILABLE;
}

static enum cp2fa_password check(request_rec *r, const char *typed,
                                 const char *password, struct cp2fa_who *who,
                                 const char **user, unsigned *wait)
{
    const struct cp2fa_service *service =
        &cp2fa_conf_shared(r->server)->service;
    apr_time_t now = apr_time_now();
    struct cp2fa_login_try attempt;
    enum cp2fa_outcome outcome;
    enum cp2fa_password said;

    *user = typed;
    *wait = 0;
    if (!cp2fa_conf_of(r)->providers || !service->store) {
        return CP2FA_PASSWORD_UNAVAILABLE;
    }
    who->user = cp2fa_request_account(r, typed);
    outcome = cp2fa_login_reserve(service, r->pool, who, now, &attempt);
    if (outcome != CP2FA_OUTCOME_DONE) {
        *wait = attempt.wait;
        return outcome == CP2FA_OUTCOME_WAIT ? CP2FA_PASSWORD_WAIT
                                             : CP2FA_PASSWORD_UNAVAILABLE;
    }
    said =
        settle(service, r->pool, now, &attempt, try(r, typed, password, user));
    who->user = cp2fa_request_account(r, *user);
    if (said == CP2FA_PASSWORD_RIGHT) {
        cp2fa_email_learn(r, who);
    }
    return said;
}

enum cp2fa_password cp2fa_password_check(request_rec *r, const char *typed,
                                         const char *password,
                                         struct cp2fa_who *who,
                                         const char **user, unsigned *wait)
{
    enum cp2fa_password said = check(r, typed, password, who, user, wait);

    cp2fa_tally_password(cp2fa_conf_shared(r->server)->tally, said);
    return said;
}

const char *cp2fa_password_word(enum cp2fa_password said)
{
    static const char *const words[] = {
        [CP2FA_PASSWORD_RIGHT] = "accepted",
        [CP2FA_PASSWORD_WRONG] = "refused",
        [CP2FA_PASSWORD_WAIT] = "too soon",
        [CP2FA_PASSWORD_UNAVAILABLE] = "unavailable",
    };

    return words[said];
}
