/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/conf.h"

#include <http_core.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "core/text.h"
#include "gate/module.h"

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
        "the public origin, such as https://console.example")

enum bit {
#define ROW(bit, name, args, setter, help) BIT_##bit,
    DIRECTIVES(ROW)
#undef ROW
};

#define ANYWHERE     (RSRC_CONF | ACCESS_CONF)
#define WHOLE_SERVER "it holds for the whole server"

/* What every setter of a location begins with. */
static const char *begin(cmd_parms *cmd, struct cp2fa_dir *conf, enum bit bit)
{
    conf->set |= 1u << bit;
    return ap_check_cmd_context(cmd, NOT_IN_LIMIT | NOT_IN_HTACCESS);
}

static const char *complain(cmd_parms *cmd, const char *what)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, " ", what, (char *)NULL);
}

static const char *set_mode(cmd_parms *cmd, void *c, const char *arg)
{
    static const char *const words[] = {"off", "optional", "required"};
    struct cp2fa_dir *conf = c;
    const char *error = begin(cmd, conf, BIT_MODE);

    for (int i = 0; i < 3; i++) {
        if (ap_cstr_casecmp(arg, words[i]) == 0) {
            struct cp2fa_host *host =
                ap_get_module_config(cmd->server->module_config, &cp2fa_module);

            conf->mode = (enum cp2fa_switch)i;
            host->guards |= conf->mode != CP2FA_OFF;
            return error;
        }
    }
    return complain(cmd, "must be off, optional or required");
}

static const char *set_pages(cmd_parms *cmd, void *c, int on)
{
    struct cp2fa_dir *conf = c;

    conf->pages = on;
    return begin(cmd, conf, BIT_PAGES);
}

static const char *set_path(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    char *path = apr_pstrdup(cmd->pool, arg);
    apr_size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        path[--len] = '\0';
    }
    if (path[0] != '/' || len < 2
        || strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._~/")
               != len) {
        return complain(cmd, "must be a path such as /2fa");
    }
    conf->path = path;
    return begin(cmd, conf, BIT_PATH);
}

static const char *take_name(cmd_parms *cmd, const char *arg, const char **name)
{
    if (!cp2fa_text_is_name(arg)) {
        return complain(cmd, "must be 1 to 255 bytes of UTF-8 without "
                             "control characters");
    }
    *name = arg;
    return NULL;
}

static const char *set_realm(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_name(cmd, arg, &conf->realm);

    return error ? error : begin(cmd, conf, BIT_REALM);
}

static const char *set_issuer(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_name(cmd, arg, &conf->rules.issuer);

    return error ? error : begin(cmd, conf, BIT_ISSUER);
}

static const char *set_clock_skew(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;

    if (cp2fa_text_duration(arg, &conf->rules.clock_skew) != 0
        || conf->rules.clock_skew > 600) {
        return complain(cmd, "must be 0 to 600 seconds");
    }
    return begin(cmd, conf, BIT_SKEW);
}

static const char *set_token(cmd_parms *cmd, void *c, const char *algorithm,
                             const char *digits, const char *period)
{
    struct cp2fa_dir *conf = c;
    int64_t d = 0;
    int64_t s = 0;

    if (cp2fa_totp_alg_find(algorithm, &conf->rules.totp.alg) != 0
        || cp2fa_text_number(digits, 6, 8, &d) != 0
        || cp2fa_text_number(period, 20, 300, &s) != 0) {
        return complain(cmd, "must be SHA1, SHA256 or SHA512, then 6 to 8 "
                             "digits, then a period of 20 to 300 seconds");
    }
    conf->rules.totp.digits = (unsigned)d;
    conf->rules.totp.period = (unsigned)s;
    return begin(cmd, conf, BIT_TOKEN);
}

static const char *set_failure_limit(cmd_parms *cmd, void *c, const char *count,
                                     const char *window)
{
    struct cp2fa_dir *conf = c;
    int64_t n = 0;
    int64_t seconds = 0;

    /* An overflowing limit has switched lockouts off elsewhere. */
    if (cp2fa_text_number(count, 1, CP2FA_FAILURES_MAX, &n) != 0
        || cp2fa_text_duration(window, &seconds) != 0 || seconds < 3600
        || seconds > 366 * 86400) {
        return complain(cmd, "must be 1 to 100 failures in 1h to 366d");
    }
    conf->rules.throttle.limit = (unsigned)n;
    conf->rules.throttle.window = seconds * CP2FA_SECOND;
    return begin(cmd, conf, BIT_LIMIT);
}

static const char *set_session_lifetime(cmd_parms *cmd, void *c,
                                        const char *arg)
{
    struct cp2fa_dir *conf = c;

    if (cp2fa_text_duration(arg, &conf->rules.session_lifetime) != 0
        || conf->rules.session_lifetime < 60
        || conf->rules.session_lifetime > 86400) {
        return complain(cmd, "must be 1m to 24h");
    }
    return begin(cmd, conf, BIT_LIFETIME);
}

static const char *set_session_idle(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;

    if (cp2fa_text_duration(arg, &conf->rules.session_idle) != 0
        || conf->rules.session_idle < 60 || conf->rules.session_idle > 3600) {
        return complain(cmd, "must be 1m to 1h");
    }
    return begin(cmd, conf, BIT_IDLE);
}

static const char *set_fold_case(cmd_parms *cmd, void *c, int on)
{
    struct cp2fa_dir *conf = c;

    for (const ap_directive_t *d = cmd->directive->parent; d; d = d->parent) {
        /* It decides which account is meant, and must be the same for a
         * guarded place and its pages: only where configtest can compare. */
        if (ap_cstr_casecmp(d->directive, "<VirtualHost") != 0
            && ap_cstr_casecmp(d->directive, "<Location") != 0
            && ap_cstr_casecmp(d->directive, "<Directory") != 0
            && ap_cstr_casecmpn(d->directive, "<IfM", 4) != 0
            && ap_cstr_casecmpn(d->directive, "<IfD", 4) != 0) {
            return complain(cmd, "can't be in <If>, <Files> or <...Match>");
        }
    }
    conf->fold_case = on;
    return begin(cmd, conf, BIT_FOLD);
}

static const char *set_cookie_name(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;

    for (const char *at = arg; *at; at++) {
        if (!apr_isalnum(*at) && !strchr("-_.", *at)) {
            return complain(cmd, "must be letters, digits, - _ and .");
        }
    }
    conf->cookie_name = arg;
    return *arg ? begin(cmd, conf, BIT_COOKIE)
                : complain(cmd, "must not be empty");
}

static const char *set_cookie_secure(cmd_parms *cmd, void *c, int on)
{
    struct cp2fa_dir *conf = c;

    conf->cookie_secure = on;
    return begin(cmd, conf, BIT_SECURE);
}

static const char *set_base_url(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    apr_uri_t uri;

    if (apr_uri_parse(cmd->temp_pool, arg, &uri) != APR_SUCCESS || !uri.scheme
        || !uri.hostname || !*uri.hostname || uri.query || uri.fragment
        || uri.user || (uri.path && strcmp(uri.path, "/") != 0)
        || (strcmp(uri.scheme, "https") != 0
            && strcmp(uri.scheme, "http") != 0)) {
        return complain(cmd, "must be an origin such as "
                             "https://console.example");
    }
    /* written as browsers write an Origin: no default port, no slash */
    conf->base_url = apr_pstrcat(
        cmd->pool, uri.scheme, "://", uri.hostname,
        uri.port_str && uri.port != apr_uri_port_of_scheme(uri.scheme) ? ":"
                                                                       : "",
        uri.port_str && uri.port != apr_uri_port_of_scheme(uri.scheme)
            ? uri.port_str
            : "",
        (char *)NULL);
    return begin(cmd, conf, BIT_BASE);
}

static const char *set_database(cmd_parms *cmd, void *c, const char *driver,
                                const char *params)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (error) {
        return error;
    }
    if (strcmp(driver, "sqlite3") != 0) {
        return complain(cmd, "knows the driver sqlite3 alone, so far");
    }
    cp2fa_conf_shared(cmd->server)->driver = driver;
    cp2fa_conf_shared(cmd->server)->params =
        ap_server_root_relative(cmd->pool, params);
    return NULL;
}

static const char *set_key_file(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error) {
        cp2fa_conf_shared(cmd->server)->key_file =
            ap_server_root_relative(cmd->pool, arg);
    }
    return error;
}

static const char *set_session_cache(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error) {
        cp2fa_conf_shared(cmd->server)->cache_spec = arg;
    }
    return error;
}

const command_rec cp2fa_conf_commands[] = {
#define ROW(bit, name, args, setter, help)                                     \
    AP_INIT_##args(name, set_##setter, NULL, ANYWHERE, help),
    DIRECTIVES(ROW)
#undef ROW
        AP_INIT_TAKE2("TwoFactorDatabase", set_database, NULL, RSRC_CONF,
                      "apr_dbd driver and its parameters; " WHOLE_SERVER),
    AP_INIT_TAKE1("TwoFactorKeyFile", set_key_file, NULL, RSRC_CONF,
                  "keys that seal the secrets; " WHOLE_SERVER),
    AP_INIT_TAKE1("TwoFactorSessionCache", set_session_cache, NULL, RSRC_CONF,
                  "none, or a socache provider and its arguments"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL},
};

void *cp2fa_conf_create_dir(apr_pool_t *p, char *dir)
{
    struct cp2fa_dir *conf = apr_pcalloc(p, sizeof(*conf));

    (void)dir;
    conf->path = "/2fa";
    conf->cookie_name = "__Host-cp2fa";
    conf->cookie_secure = 1;
    conf->rules = (struct cp2fa_rules){
        .totp = {CP2FA_TOTP_SHA1, 6, 30},
        .clock_skew = 180,
        .throttle = {20, INT64_C(30) * 86400 * CP2FA_SECOND},
        .session_lifetime = 12 * 3600,
        .session_idle = 30 * 60,
    };
    return conf;
}

void *cp2fa_conf_merge_dir(apr_pool_t *p, void *b, void *a)
{
    const struct cp2fa_dir *base = b;
    const struct cp2fa_dir *add = a;
    struct cp2fa_dir *conf = apr_pmemdup(p, base, sizeof(*base));

    conf->set |= add->set;
#define MERGE(bit, field)                                                      \
    if (add->set & 1u << BIT_##bit) {                                          \
        conf->field = add->field;                                              \
    }
    MERGE(MODE, mode)
    MERGE(PAGES, pages)
    MERGE(PATH, path)
    MERGE(REALM, realm)
    MERGE(ISSUER, rules.issuer)
    MERGE(SKEW, rules.clock_skew)
    MERGE(TOKEN, rules.totp)
    MERGE(LIMIT, rules.throttle)
    MERGE(LIFETIME, rules.session_lifetime)
    MERGE(IDLE, rules.session_idle)
    MERGE(FOLD, fold_case)
    MERGE(COOKIE, cookie_name)
    MERGE(SECURE, cookie_secure)
    MERGE(BASE, base_url)
#undef MERGE
    return conf;
}

void *cp2fa_conf_create_server(apr_pool_t *p, server_rec *s)
{
    struct cp2fa_host *host = apr_pcalloc(p, sizeof(*host));

    if (!s->is_virtual) {
        host->shared = apr_pcalloc(p, sizeof(*host->shared));
    }
    return host;
}

/* What the main server guards, its virtual hosts guard, too. */
void *cp2fa_conf_merge_server(apr_pool_t *p, void *base, void *add)
{
    const struct cp2fa_host *main_host = base;
    const struct cp2fa_host *virtual_host = add;
    struct cp2fa_host *host = apr_pmemdup(p, main_host, sizeof(*main_host));

    host->guards |= virtual_host->guards;
    return host;
}
