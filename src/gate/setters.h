/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_SETTERS_H
#define CP2FA_GATE_SETTERS_H

#include "gate/conf.h"

/* One row a directive of a location: its bit, its name, how many arguments
 * httpd passes on, and its help. The tests hold README.md to this table. */
#define DIRECTIVES(ROW)                                                        \
    ROW(MODE, "TwoFactor", TAKE1, mode, "off, optional or required")           \
    ROW(PAGES, "TwoFactorPages", FLAG, pages,                                  \
        "this location holds the module's own pages")                          \
    ROW(PATH, "TwoFactorPath", TAKE1, path,                                    \
        "where a challenged browser is sent")                                  \
    ROW(REALM, "TwoFactorRealm", TAKE1, realm,                                 \
        "realm of the accounts, AuthName by default")                          \
    ROW(ISSUER, "TwoFactorIssuer", TAKE1, issuer,                              \
        "issuer shown by the authenticator app, the realm by default")         \
    ROW(SKEW, "TwoFactorClockSkew", TAKE1, clock_skew,                         \
        "seconds that a device's clock may be off, 0 to 600")                  \
    ROW(TOKEN, "TwoFactorToken", TAKE3, token,                                 \
        "algorithm, digits and period of new enrolments")                      \
    ROW(LIMIT, "TwoFactorFailureLimit", TAKE2, failure_limit,                  \
        "wrong tokens in a rolling window before the factor locks")            \
    ROW(LIFETIME, "TwoFactorSessionLifetime", TAKE1, session_lifetime,         \
        "absolute end of a session, at most 24h")                              \
    ROW(IDLE, "TwoFactorSessionIdle", TAKE1, session_idle,                     \
        "end of a session without requests, at most 1h")                       \
    ROW(FOLD, "TwoFactorFoldUserCase", FLAG, fold_case,                        \
        "ADMIN and admin are one account")                                     \
    ROW(COOKIE, "TwoFactorCookieName", TAKE1, cookie_name,                     \
        "name of the session cookie")                                          \
    ROW(SECURE, "TwoFactorCookieSecure", FLAG, cookie_secure,                  \
        "off only for development over plain HTTP")                            \
    ROW(BASE, "TwoFactorBaseURL", TAKE1, base_url,                             \
        "the public origin, such as https://console.example")                  \
    ROW(PROVIDER, "TwoFactorProvider", ITERATE, provider,                      \
        "authn providers of the module's own log-in page")                     \
    ROW(EMAIL, "TwoFactorEmail", TAKE1, email,                                 \
        "expression that yields the account's registered address")             \
    ROW(STEPUP, "TwoFactorStepUp", TAKE1, step_up,                             \
        "age of a token after which changing factors asks again")              \
    ROW(REMEMBER, "TwoFactorRememberDevice", TAKE1, remember_device,           \
        "off, or how long a browser may stand for a token, at most 366d")      \
    ROW(BYPASS, "TwoFactorMailBypass", FLAG, mail_bypass,                      \
        "the e-mail way out of a lost device")                                 \
    ROW(TOKENLIFE, "TwoFactorMailTokenLifetime", TAKE1, mail_token_lifetime,   \
        "how long a mailed token lives, at most 24h")                          \
    ROW(REUSE, "TwoFactorPasswordReuse", TAKE1, password_reuse,                \
        "off, or how long a session's Basic credentials are not verified "     \
        "again")

enum cp2fa_bit {
#define ROW(bit, name, args, setter, help) CP2FA_BIT_##bit,
    DIRECTIVES(ROW)
#undef ROW
        CP2FA_BIT_AUTHTYPE, /* not ours, and looked at */
    CP2FA_BIT_AUTHNAME,
};

/* Each reads one directive; returns NULL, or what is wrong. */
#define CP2FA_ARGS_TAKE1   const char *arg
#define CP2FA_ARGS_ITERATE const char *arg
#define CP2FA_ARGS_FLAG    int on
#define CP2FA_ARGS_TAKE2   const char *one, const char *two
#define CP2FA_ARGS_TAKE3   const char *one, const char *two, const char *three
#define ROW(bit, name, args, setter, help)                                     \
    const char *cp2fa_set_##setter(cmd_parms *cmd, void *c, CP2FA_ARGS_##args);
DIRECTIVES(ROW)
#undef ROW
const char *cp2fa_set_auth_type(cmd_parms *cmd, void *c, const char *arg);
const char *cp2fa_set_auth_name(cmd_parms *cmd, void *c, const char *arg);
const char *cp2fa_set_database(cmd_parms *cmd, void *c, const char *driver,
                               const char *params);
const char *cp2fa_set_key_file(cmd_parms *cmd, void *c, const char *arg);
const char *cp2fa_set_session_cache(cmd_parms *cmd, void *c, const char *arg);
const char *cp2fa_set_mail(cmd_parms *cmd, void *c, const char *arg);
const char *cp2fa_set_mail_from(cmd_parms *cmd, void *c, const char *arg);
const char *cp2fa_set_mail_templates(cmd_parms *cmd, void *c, const char *arg);

#endif
