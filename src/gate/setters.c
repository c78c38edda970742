/* SPDX-License-Identifier: Apache-2.0 */
#include "setters.h"

#include <ap_expr.h>
#include <ap_provider.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <mod_auth.h>

#include "core/text.h"
#include "gate/log.h"
#include "gate/pace.h"

/* What every setter of a location begins with. */
static const char *begin(cmd_parms *cmd, struct cp2fa_dir *conf,
                         enum cp2fa_bit bit)
{
    conf->set |= 1u << bit;
    return ap_check_cmd_context(cmd, NOT_IN_LIMIT | NOT_IN_HTACCESS);
}

static const char *complain(cmd_parms *cmd, const char *what)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, " ", what, (char *)NULL);
}

const char *cp2fa_set_mode(cmd_parms *cmd, void *c, const char *arg)
{
    static const char *const words[] = {"off", "optional", "required"};
    struct cp2fa_dir *conf = c;
    const char *error = begin(cmd, conf, CP2FA_BIT_MODE);

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

const char *cp2fa_set_pages(cmd_parms *cmd, void *c, int on)
{
    struct cp2fa_dir *conf = c;

    conf->pages = on;
    return begin(cmd, conf, CP2FA_BIT_PAGES);
}

const char *cp2fa_set_path(cmd_parms *cmd, void *c, const char *arg)
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
    return begin(cmd, conf, CP2FA_BIT_PATH);
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

const char *cp2fa_set_realm(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_name(cmd, arg, &conf->realm);

    return error ? error : begin(cmd, conf, CP2FA_BIT_REALM);
}

const char *cp2fa_set_issuer(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_name(cmd, arg, &conf->rules.issuer);

    return error ? error : begin(cmd, conf, CP2FA_BIT_ISSUER);
}

/* Seconds within bounds, which `what` names. */
static const char *take_duration(cmd_parms *cmd, const char *arg, int64_t least,
                                 int64_t most, const char *what,
                                 int64_t *seconds)
{
    return cp2fa_text_duration(arg, seconds) != 0 || *seconds < least
                   || *seconds > most
               ? complain(cmd, what)
               : NULL;
}

/* The same, or 0 for off. */
static const char *take_duration_or_off(cmd_parms *cmd, const char *arg,
                                        int64_t least, int64_t most,
                                        const char *what, int64_t *seconds)
{
    if (ap_cstr_casecmp(arg, "off") == 0) {
        *seconds = 0;
        return NULL;
    }
    return take_duration(cmd, arg, least, most, what, seconds);
}

const char *cp2fa_set_clock_skew(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration(
        cmd, arg, 0, 600, "must be 0 to 600 seconds", &conf->rules.clock_skew);

    return error ? error : begin(cmd, conf, CP2FA_BIT_SKEW);
}

const char *cp2fa_set_token(cmd_parms *cmd, void *c, const char *algorithm,
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
    return begin(cmd, conf, CP2FA_BIT_TOKEN);
}

const char *cp2fa_set_failure_limit(cmd_parms *cmd, void *c, const char *count,
                                    const char *window)
{
    struct cp2fa_dir *conf = c;
    int64_t n = 0;
    int64_t seconds = 0;

    /* An overflowing limit has switched lockouts off elsewhere. */
    if (cp2fa_text_number(count, 1, CP2FA_FAILURES_MAX, &n) != 0
        || cp2fa_text_duration(window, &seconds) != 0 || seconds < 86400
        || seconds > 366 * 86400) {
        return complain(cmd, "must be 1 to 100 failures in 1d to 366d");
    }
    conf->rules.throttle.limit = (unsigned)n;
    conf->rules.throttle.window = seconds * CP2FA_SECOND;
    return begin(cmd, conf, CP2FA_BIT_LIMIT);
}

const char *cp2fa_set_session_lifetime(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration(cmd, arg, 60, 86400, "must be 1m to 24h",
                                      &conf->rules.session_lifetime);

    return error ? error : begin(cmd, conf, CP2FA_BIT_LIFETIME);
}

const char *cp2fa_set_session_idle(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration(cmd, arg, 60, 3600, "must be 1m to 1h",
                                      &conf->rules.session_idle);

    return error ? error : begin(cmd, conf, CP2FA_BIT_IDLE);
}

const char *cp2fa_set_fold_case(cmd_parms *cmd, void *c, int on)
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
    return begin(cmd, conf, CP2FA_BIT_FOLD);
}

const char *cp2fa_set_cookie_name(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    struct cp2fa_host *host =
        ap_get_module_config(cmd->server->module_config, &cp2fa_module);

    for (const char *at = arg; *at; at++) {
        if (!apr_isalnum(*at) && !strchr("-_.", *at)) {
            return complain(cmd, "must be letters, digits, - _ and .");
        }
    }
    conf->cookie_name = arg;
    APR_ARRAY_PUSH(host->cookie_names, const char *) = arg;
    return *arg ? begin(cmd, conf, CP2FA_BIT_COOKIE)
                : complain(cmd, "must not be empty");
}

const char *cp2fa_set_cookie_secure(cmd_parms *cmd, void *c, int on)
{
    struct cp2fa_dir *conf = c;

    conf->cookie_secure = on;
    return begin(cmd, conf, CP2FA_BIT_SECURE);
}

const char *cp2fa_set_base_url(cmd_parms *cmd, void *c, const char *arg)
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
    return begin(cmd, conf, CP2FA_BIT_BASE);
}

const char *cp2fa_set_provider(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;

    if (!ap_lookup_provider(AUTHN_PROVIDER_GROUP, arg,
                            AUTHN_PROVIDER_VERSION)) {
        return apr_psprintf(cmd->pool,
                            "TwoFactorProvider: no authn provider \"%s\" "
                            "(is mod_authn_%s loaded?)",
                            arg, arg);
    }
    if (!conf->providers) {
        conf->providers = apr_array_make(cmd->pool, 2, sizeof(char *));
        conf->pace = cp2fa_pace_create(cmd->pool);
    }
    APR_ARRAY_PUSH(conf->providers, const char *) = arg;
    return begin(cmd, conf, CP2FA_BIT_PROVIDER);
}

const char *cp2fa_set_email(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = NULL;

    conf->email =
        ap_expr_parse_cmd(cmd, arg, AP_EXPR_FLAG_STRING_RESULT, &error, NULL);
    return error ? complain(cmd, error) : begin(cmd, conf, CP2FA_BIT_EMAIL);
}

const char *cp2fa_set_step_up(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration(cmd, arg, 30, 86400, "must be 30s to 24h",
                                      &conf->step_up);

    return error ? error : begin(cmd, conf, CP2FA_BIT_STEPUP);
}

const char *cp2fa_set_remember_device(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration_or_off(cmd, arg, 3600, 366 * 86400,
                                             "must be off, or 1h to 366d",
                                             &conf->rules.remember);

    return error ? error : begin(cmd, conf, CP2FA_BIT_REMEMBER);
}

const char *cp2fa_set_mail_bypass(cmd_parms *cmd, void *c, int on)
{
    struct cp2fa_dir *conf = c;

    conf->mail_bypass = on;
    return begin(cmd, conf, CP2FA_BIT_BYPASS);
}

const char *cp2fa_set_mail_token_lifetime(cmd_parms *cmd, void *c,
                                          const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration(cmd, arg, 60, 86400, "must be 1m to 24h",
                                      &conf->mail_token_lifetime);

    return error ? error : begin(cmd, conf, CP2FA_BIT_TOKENLIFE);
}

static unsigned reuses; /* that were read so far, by the one who reads */

const char *cp2fa_set_password_reuse(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;
    const char *error = take_duration_or_off(
        cmd, arg, 1, 12 * 3600, "must be off, or 1s to 12h", &conf->reuse);

    /* a file can be included twice: each time it is another place */
    conf->reuse_at =
        apr_psprintf(cmd->pool, "%s:%d:%u", cmd->directive->filename,
                     cmd->directive->line_num, ++reuses);
    return error ? error : begin(cmd, conf, CP2FA_BIT_REUSE);
}

/* In a .htaccess it lives no longer than a request. Without the module that
 * heeds it, it would be taken in silence. */
static const char *note(cmd_parms *cmd, struct cp2fa_dir *conf,
                        enum cp2fa_bit bit, const char *arg)
{
    conf->set |= 1u << bit;
    if (strpbrk(arg, "%$") || ap_check_cmd_context(cmd, NOT_IN_HTACCESS)) {
        conf->fleeting |= 1u << bit;
    }
    return ap_find_linked_module("mod_authn_core.c")
               ? NULL
               : complain(cmd, "needs mod_authn_core: load that module");
}

const char *cp2fa_set_auth_type(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;

    conf->auth_type = arg;
    conf->login = ap_cstr_casecmp(arg, "TwoFactor") == 0;
    return note(cmd, conf, CP2FA_BIT_AUTHTYPE, arg);
}

const char *cp2fa_set_auth_name(cmd_parms *cmd, void *c, const char *arg)
{
    struct cp2fa_dir *conf = c;

    conf->auth_name = arg;
    return note(cmd, conf, CP2FA_BIT_AUTHNAME, arg);
}
