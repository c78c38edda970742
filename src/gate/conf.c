/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/conf.h"

#include <http_core.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "gate/module.h"
#include "setters.h"

#define ANYWHERE     (RSRC_CONF | ACCESS_CONF)
#define WHOLE_SERVER "it holds for the whole server"

const command_rec cp2fa_conf_commands[] = {
#define ROW(bit, name, args, setter, help)                                     \
    AP_INIT_##args(name, cp2fa_set_##setter, NULL, ANYWHERE, help),
    DIRECTIVES(ROW)
#undef ROW
        AP_INIT_TAKE2("TwoFactorDatabase", cp2fa_set_database, NULL, RSRC_CONF,
                      "apr_dbd driver and its parameters; " WHOLE_SERVER),
    AP_INIT_TAKE1("TwoFactorKeyFile", cp2fa_set_key_file, NULL, RSRC_CONF,
                  "keys that seal the secrets; " WHOLE_SERVER),
    AP_INIT_TAKE1("TwoFactorSessionCache", cp2fa_set_session_cache, NULL,
                  RSRC_CONF, "none, or a socache provider and its arguments"),
    AP_INIT_TAKE1("TwoFactorMail", cp2fa_set_mail, NULL, RSRC_CONF,
                  "smtp:// smtps:// sendmail: or file: URL; " WHOLE_SERVER),
    AP_INIT_TAKE1("TwoFactorMailFrom", cp2fa_set_mail_from, NULL, RSRC_CONF,
                  "sender's address; " WHOLE_SERVER),
    AP_INIT_TAKE1("TwoFactorMailTemplates", cp2fa_set_mail_templates, NULL,
                  RSRC_CONF, "folder of the mails' words; " WHOLE_SERVER),
    /* mod_authn_core's, in its words: httpd gives a directive to all modules
     * that know it, the last loaded first */
    AP_INIT_TAKE1("AuthType", cp2fa_set_auth_type, NULL, OR_AUTHCFG,
                  "an HTTP authorization type (e.g., \"Basic\")"),
    AP_INIT_TAKE1("AuthName", cp2fa_set_auth_name, NULL, OR_AUTHCFG,
                  "the authentication realm (e.g. \"Members Only\")"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL},
};

void *cp2fa_conf_create_dir(apr_pool_t *p, char *dir)
{
    /* static: the bytes between the fields, too, are always the same */
    static const struct cp2fa_rules rules = {
        .totp = {CP2FA_TOTP_SHA1, 6, 30},
        .clock_skew = 180,
        .throttle = {20, INT64_C(30) * 86400 * CP2FA_SECOND},
        .session_lifetime = 12 * 3600,
        .session_idle = 30 * 60,
    };
    struct cp2fa_dir *conf = apr_pcalloc(p, sizeof(*conf));

    (void)dir;
    conf->path = "/2fa";
    conf->cookie_name = CP2FA_COOKIE_NAME;
    conf->cookie_secure = 1;
    conf->step_up = 600;
    conf->mail_bypass = 1;
    conf->mail_token_lifetime = 600;
    conf->rules = rules;
    return conf;
}

void *cp2fa_conf_merge_dir(apr_pool_t *p, void *b, void *a)
{
    const struct cp2fa_dir *base = b;
    const struct cp2fa_dir *add = a;
    struct cp2fa_dir *conf;

    if (add->over && add->over == base) {
        return add->merged;
    }
    conf = apr_pmemdup(p, base, sizeof(*base));
    conf->over = NULL;
    conf->lasts = 0;
    conf->set |= add->set;
    conf->fleeting = (base->fleeting & ~add->set) | add->fleeting;
#define MERGE(bit, field)                                                      \
    if (add->set & 1u << CP2FA_BIT_##bit) {                                    \
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
    MERGE(PROVIDER, providers)
    MERGE(PROVIDER, pace)
    MERGE(EMAIL, email)
    MERGE(STEPUP, step_up)
    MERGE(REMEMBER, rules.remember)
    MERGE(BYPASS, mail_bypass)
    MERGE(TOKENLIFE, mail_token_lifetime)
    MERGE(REUSE, reuse)
    MERGE(AUTHTYPE, auth_type)
    MERGE(AUTHTYPE, login)
    MERGE(AUTHNAME, auth_name)
#undef MERGE
    /* all of them, as each may have named other providers */
    if (base->reuse_at && add->reuse_at) {
        conf->reuse_at =
            apr_pstrcat(p, base->reuse_at, " ", add->reuse_at, (char *)NULL);
    }
    else if (add->reuse_at) {
        conf->reuse_at = add->reuse_at;
    }
    return conf;
}

void *cp2fa_conf_create_server(apr_pool_t *p, server_rec *s)
{
    struct cp2fa_host *host = apr_pcalloc(p, sizeof(*host));

    host->cookie_names = apr_array_make(p, 1, sizeof(char *));
    if (!s->is_virtual) {
        host->shared = apr_pcalloc(p, sizeof(*host->shared));
        host->shared->login_realms = apr_table_make(p, 1);
        host->shared->cookie_names = apr_array_make(p, 1, sizeof(char *));
    }
    host->page_realms = apr_array_make(p, 1, sizeof(struct cp2fa_page_realm));
    return host;
}

/* What the main server guards, its virtual hosts guard, too. */
void *cp2fa_conf_merge_server(apr_pool_t *p, void *base, void *add)
{
    const struct cp2fa_host *main_host = base;
    const struct cp2fa_host *virtual_host = add;
    struct cp2fa_host *host = apr_pmemdup(p, main_host, sizeof(*main_host));

    host->guards |= virtual_host->guards;
    host->cookie_names = virtual_host->cookie_names;
    host->page_realms = virtual_host->page_realms;
    return host;
}

static int is_among(const apr_array_header_t *names, const char *name)
{
    for (int i = 0; i < names->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(names, i, const char *), name) == 0) {
            return 1;
        }
    }
    return 0;
}

void cp2fa_conf_gather(server_rec *s)
{
    apr_array_header_t *all = cp2fa_conf_shared(s)->cookie_names;

    for (; s; s = s->next) {
        const struct cp2fa_host *host = cp2fa_conf_host(s);

        for (int i = 0; i < host->cookie_names->nelts; i++) {
            const char *name =
                APR_ARRAY_IDX(host->cookie_names, i, const char *);

            if (!is_among(all, name)) {
                APR_ARRAY_PUSH(all, const char *) = name;
            }
        }
    }
}

void cp2fa_conf_merge_locations(apr_pool_t *pconf, server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;
    void *base = ap_get_module_config(s->lookup_defaults, &cp2fa_module);

    for (int i = 0; i < core->sec_url->nelts; i++) {
        struct cp2fa_dir *conf = ap_get_module_config(urls[i], &cp2fa_module);

        if (conf) {
            conf->over = NULL; /* it can be of several hosts: the last has it */
            conf->merged = cp2fa_conf_merge_dir(pconf, base, conf);
            conf->merged->lasts = 1;
            conf->over = base;
        }
    }
}
