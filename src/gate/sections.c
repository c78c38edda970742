/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/sections.h"

#include <apr_fnmatch.h>
#include <apr_strings.h>
#include <apr_optional.h>
#include <http_core.h>

#include "gate/conf.h"
#include "gate/log.h"

/* ap_auth_type and ap_auth_name work only once the server runs. */
static const char *auth_type(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(authn_ap_auth_type) *ask =
        APR_RETRIEVE_OPTIONAL_FN(authn_ap_auth_type);

    return ask ? ask(r) : NULL;
}

static const char *realm_of(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(authn_ap_auth_name) *ask =
        APR_RETRIEVE_OPTIONAL_FN(authn_ap_auth_name);
    const char *realm = cp2fa_conf_of(r)->realm;

    if (!realm && ask) {
        realm = ask(r);
    }
    return realm ? realm : "(none)";
}

static const core_dir_config *core_of(ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
}

/* A request that never arrived, so that httpd's own functions tell what its
 * configuration means. */
static request_rec *imagine(apr_pool_t *p, server_rec *s)
{
    request_rec *r = apr_pcalloc(p, sizeof(*r));

    r->pool = p;
    r->server = s;
    r->uri = apr_pstrdup(p, "/");
    r->unparsed_uri = r->uri;
    r->method = "GET";
    r->the_request = apr_pstrdup(p, "GET / HTTP/1.1");
    r->protocol = apr_pstrdup(p, "HTTP/1.1");
    r->status = HTTP_OK;
    r->headers_in = apr_table_make(p, 1);
    r->headers_out = apr_table_make(p, 1);
    r->err_headers_out = apr_table_make(p, 1);
    r->subprocess_env = apr_table_make(p, 1);
    r->notes = apr_table_make(p, 1);
    r->request_config = ap_create_request_config(p);
    r->per_dir_config = s->lookup_defaults;
    return r;
}

/* As ap_location_walk does, which needs a real request. */
static int covers(const core_dir_config *section, const char *url)
{
    size_t len = strlen(section->d);

    if (section->r) {
        return ap_regexec(section->r, url, 0, NULL, 0) == 0;
    }
    if (section->d_is_fnmatch) {
        return apr_fnmatch(section->d, url, APR_FNM_PATHNAME) == 0;
    }
    return strncmp(section->d, url, len) == 0
           && (len == 0 || section->d[len - 1] == '/' || url[len] == '/'
               || url[len] == '\0');
}

static request_rec *imagine_url(apr_pool_t *p, server_rec *s, const char *url)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;
    request_rec *r = imagine(p, s);

    for (int i = 0; i < core->sec_url->nelts; i++) {
        if (covers(core_of(urls[i]), url)) {
            r->per_dir_config =
                ap_merge_per_dir_configs(p, r->per_dir_config, urls[i]);
        }
    }
    return r;
}

/* A section without a directive of ours may hold nothing for us. */
static int is_on(ap_conf_vector_t *section)
{
    const struct cp2fa_dir *conf = cp2fa_conf_in(section);

    return conf && conf->mode != CP2FA_OFF;
}

static int holds_pages(server_rec *s, const request_rec *at_path)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **dirs = (ap_conf_vector_t **)core->sec_dir->elts;
    int found = cp2fa_conf_of(at_path)->pages;

    for (int i = 0; !found && i < core->sec_dir->nelts; i++) {
        found = cp2fa_conf_in(dirs[i]) && cp2fa_conf_in(dirs[i])->pages;
    }
    return found;
}

static int has_login(request_rec *r)
{
    const char *type = auth_type(r);

    return type && ap_cstr_casecmp(type, "TwoFactor") == 0;
}

/* AuthType TwoFactor asks providers, and asks on a page that does so, too. */
static const char *check_login(apr_pool_t *p, request_rec *guarded,
                               request_rec *pages, const char *where)
{
    const char *path = cp2fa_conf_of(guarded)->path;

    if (!has_login(guarded)) {
        return NULL;
    }
    if (!cp2fa_conf_of(guarded)->providers) {
        return apr_psprintf(p,
                            "%s: AuthType TwoFactor has nobody to ask: add "
                            "TwoFactorProvider file, or another authn "
                            "provider",
                            where);
    }
    if (!has_login(pages) || !cp2fa_conf_of(pages)->providers) {
        return apr_psprintf(p,
                            "%s: its log-in page is at %s, which needs "
                            "AuthType TwoFactor and TwoFactorProvider as well",
                            where, path);
    }
    return NULL;
}

struct rule {
    const char *directive;
    int same;
};

static const char *first_difference(const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!rules[i].same) {
            return rules[i].directive;
        }
    }
    return NULL;
}

/* What a guarded place and its pages must agree on: else the pages enrol an
 * account that the gate doesn't ask about, or set a cookie it doesn't read. */
static const char *contradiction(const struct cp2fa_dir *a,
                                 const struct cp2fa_dir *b)
{
    const struct rule rules[] = {
        {"TwoFactorFoldUserCase", a->fold_case == b->fold_case},
        {"TwoFactorCookieName", strcmp(a->cookie_name, b->cookie_name) == 0},
        {"TwoFactorCookieSecure", a->cookie_secure == b->cookie_secure},
    };

    return first_difference(rules, sizeof(rules) / sizeof(*rules));
}

/* What holds as the pages have it, whatever a guarded place says. */
static void warn_of_vain(server_rec *s, const char *where,
                         const struct cp2fa_dir *a, const struct cp2fa_dir *b)
{
    const struct rule rules[] = {
        {"TwoFactorClockSkew", a->rules.clock_skew == b->rules.clock_skew},
        {"TwoFactorFailureLimit",
         a->rules.throttle.limit == b->rules.throttle.limit
             && a->rules.throttle.window == b->rules.throttle.window},
    };
    const char *vain = first_difference(rules, sizeof(rules) / sizeof(*rules));

    if (vain) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "CP2FA007: %s in %s is in vain: the pages at %s, where "
                     "tokens are entered, have another",
                     vain, where, a->path);
    }
}

/* The pages that a guarded place sends browsers to. */
static const char *check_pages(apr_pool_t *p, server_rec *s,
                               request_rec *guarded, const char *where)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(guarded);
    const char *differs;
    request_rec *pages = imagine_url(p, s, conf->path);

    if (!holds_pages(s, pages)) {
        return apr_psprintf(p,
                            "%s: TwoFactorPath %s holds no pages: Include "
                            "conf/cp2fa.conf, or let TwoFactorPath say where "
                            "TwoFactorPages are on",
                            where, conf->path);
    }
    if (!auth_type(pages)) {
        return apr_psprintf(p,
                            "%s: the pages at %s are outside any "
                            "authentication: guard the whole virtual host, "
                            "or give <Location \"%s\"> the same AuthType, "
                            "AuthName and Require",
                            where, conf->path, conf->path);
    }
    if (strcmp(realm_of(pages), realm_of(guarded)) != 0) {
        return apr_psprintf(p,
                            "%s is of realm \"%s\", but its pages at %s are "
                            "of realm \"%s\": give both the same AuthName or "
                            "TwoFactorRealm",
                            where, realm_of(guarded), conf->path,
                            realm_of(pages));
    }
    differs = contradiction(conf, cp2fa_conf_of(pages));
    if (differs) {
        return apr_psprintf(p,
                            "%s and its pages at %s need the same %s: set it "
                            "for both, or for the whole virtual host",
                            where, conf->path, differs);
    }
    warn_of_vain(s, where, conf, cp2fa_conf_of(pages));
    return check_login(p, guarded, pages, where);
}

static const char *check_guarded(apr_pool_t *p, server_rec *s, request_rec *r,
                                 const char *where)
{
    if (cp2fa_conf_of(r)->mode == CP2FA_OFF) {
        return NULL;
    }
    if (!auth_type(r)) {
        return apr_psprintf(p,
                            "%s: TwoFactor needs a first factor there: add "
                            "AuthType, AuthName, a provider and Require "
                            "valid-user",
                            where);
    }
    return check_pages(p, s, r, where);
}

static const char *check_locations(apr_pool_t *p, server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;
    const char *problem = NULL;

    for (int i = 0; !problem && i < core->sec_url->nelts; i++) {
        const core_dir_config *section = core_of(urls[i]);

        if (!is_on(urls[i])) {
            continue;
        }
        /* which URLs a pattern matches, nobody can say */
        if (!section->r && !section->d_is_fnmatch) {
            problem =
                check_guarded(p, s, imagine_url(p, s, section->d),
                              apr_psprintf(p, "<Location \"%s\">", section->d));
        }
    }
    return problem;
}

/* A <Directory> inherits from those above it, and from locations that lead
 * there; only what can have no first factor at all is refused. */
static request_rec *imagine_dir(apr_pool_t *p, server_rec *s,
                                const core_dir_config *dir)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **dirs = (ap_conf_vector_t **)core->sec_dir->elts;
    request_rec *r = imagine(p, s);

    for (int i = 0; i < core->sec_dir->nelts; i++) {
        const core_dir_config *above = core_of(dirs[i]);

        if (!above->r && !above->d_is_fnmatch && above->d
            && strncmp(above->d, dir->d, strlen(above->d)) == 0) {
            r->per_dir_config =
                ap_merge_per_dir_configs(p, r->per_dir_config, dirs[i]);
        }
    }
    return r;
}

static int some_location_authenticates(apr_pool_t *p, server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;

    for (int i = 0; i < core->sec_url->nelts; i++) {
        request_rec *r = imagine(p, s);

        r->per_dir_config = urls[i];
        if (auth_type(r)) {
            return 1;
        }
    }
    return 0;
}

static const char *check_directories(apr_pool_t *p, server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **dirs = (ap_conf_vector_t **)core->sec_dir->elts;
    const char *problem = NULL;

    for (int i = 0; !problem && i < core->sec_dir->nelts; i++) {
        const core_dir_config *section = core_of(dirs[i]);
        const char *where;
        request_rec *r;

        if (!is_on(dirs[i])) {
            continue;
        }
        if (section->r || section->d_is_fnmatch || !section->d) {
            continue;
        }
        where = apr_psprintf(p, "<Directory \"%s\">", section->d);
        r = imagine_dir(p, s, section);
        if (auth_type(r) || !some_location_authenticates(p, s)) {
            problem = check_guarded(p, s, r, where);
        }
    }
    return problem;
}

const char *cp2fa_sections_check(apr_pool_t *p, server_rec *s)
{
    const char *problem = NULL;

    if (is_on(s->lookup_defaults)) {
        problem =
            check_guarded(p, s, imagine_url(p, s, "/"),
                          apr_psprintf(p, "server %s",
                                       s->server_hostname ? s->server_hostname
                                                          : "(no name)"));
    }
    if (!problem) {
        problem = check_locations(p, s);
    }
    if (!problem) {
        problem = check_directories(p, s);
    }
    return problem;
}
