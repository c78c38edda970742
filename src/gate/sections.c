/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/sections.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

#include "gate/conf.h"

/* A request that never arrived, so that httpd's own functions tell what its
 * configuration means for a URL. */
static request_rec *imagine(apr_pool_t *p, server_rec *s, const char *uri)
{
    request_rec *r = apr_pcalloc(p, sizeof(*r));
    conn_rec *c = apr_pcalloc(p, sizeof(*c));

    c->pool = p;
    c->base_server = s;
    c->conn_config = ap_create_conn_config(p);
    c->notes = apr_table_make(p, 1);
    r->pool = p;
    r->server = s;
    r->connection = c;
    r->uri = apr_pstrdup(p, uri);
    r->unparsed_uri = r->uri;
    r->method = "GET";
    r->the_request = apr_pstrcat(p, "GET ", uri, " HTTP/1.1", (char *)NULL);
    r->protocol = "HTTP/1.1";
    r->status = HTTP_OK;
    r->headers_in = apr_table_make(p, 1);
    r->headers_out = apr_table_make(p, 1);
    r->err_headers_out = apr_table_make(p, 1);
    r->subprocess_env = apr_table_make(p, 1);
    r->notes = apr_table_make(p, 1);
    r->request_config = ap_create_request_config(p);
    ap_set_core_module_config(r->request_config,
                              apr_pcalloc(p, sizeof(core_request_config)));
    r->per_dir_config = s->lookup_defaults;
    return r;
}

static request_rec *imagine_url(apr_pool_t *p, server_rec *s, const char *url)
{
    request_rec *r = imagine(p, s, url);

    return ap_location_walk(r) == OK ? r : NULL;
}

static const core_dir_config *core_of(ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
}

static int holds_pages(server_rec *s, const request_rec *at_path)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **dirs = (ap_conf_vector_t **)core->sec_dir->elts;
    int found = cp2fa_conf_of(at_path)->pages;

    for (int i = 0; !found && i < core->sec_dir->nelts; i++) {
        found = cp2fa_conf_in(dirs[i])->pages;
    }
    return found;
}

/* The pages that a guarded place sends browsers to. */
static const char *check_pages(apr_pool_t *p, server_rec *s,
                               request_rec *guarded, const char *where)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(guarded);
    request_rec *pages = imagine_url(p, s, conf->path);

    if (!pages || !holds_pages(s, pages)) {
        return apr_psprintf(p,
                            "%s: TwoFactorPath %s holds no pages: Include "
                            "conf/cp2fa.conf, or let TwoFactorPath say where "
                            "TwoFactorPages are on",
                            where, conf->path);
    }
    if (!ap_auth_type(pages)) {
        return apr_psprintf(p,
                            "%s: the pages at %s are outside any "
                            "authentication: guard the whole virtual host, "
                            "or give <Location \"%s\"> the same AuthType, "
                            "AuthName and Require",
                            where, conf->path, conf->path);
    }
    if (strcmp(cp2fa_conf_realm(pages), cp2fa_conf_realm(guarded)) != 0) {
        return apr_psprintf(p,
                            "%s is of realm \"%s\", but its pages at %s are "
                            "of realm \"%s\": give both the same AuthName or "
                            "TwoFactorRealm",
                            where, cp2fa_conf_realm(guarded), conf->path,
                            cp2fa_conf_realm(pages));
    }
    if (strcmp(cp2fa_conf_of(pages)->cookie_name, conf->cookie_name) != 0
        || cp2fa_conf_of(pages)->cookie_secure != conf->cookie_secure) {
        return apr_psprintf(p,
                            "%s and its pages at %s need the same "
                            "TwoFactorCookieName and TwoFactorCookieSecure",
                            where, conf->path);
    }
    return NULL;
}

static const char *check_guarded(apr_pool_t *p, server_rec *s, request_rec *r,
                                 const char *where, int *used)
{
    if (!r || cp2fa_conf_of(r)->mode == CP2FA_OFF) {
        return NULL;
    }
    *used = 1;
    if (!ap_auth_type(r)) {
        return apr_psprintf(p,
                            "%s: TwoFactor needs a first factor there: add "
                            "AuthType, AuthName, a provider and Require "
                            "valid-user",
                            where);
    }
    return check_pages(p, s, r, where);
}

static const char *check_locations(apr_pool_t *p, server_rec *s, int *used)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;
    const char *problem = NULL;

    for (int i = 0; !problem && i < core->sec_url->nelts; i++) {
        const core_dir_config *section = core_of(urls[i]);

        if (cp2fa_conf_in(urls[i])->mode == CP2FA_OFF) {
            continue;
        }
        *used = 1;
        /* which URLs a pattern matches, nobody can say */
        if (!section->r && !section->d_is_fnmatch) {
            problem = check_guarded(
                p, s, imagine_url(p, s, section->d),
                apr_psprintf(p, "<Location \"%s\">", section->d), used);
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
    request_rec *r = imagine(p, s, "/");

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
        request_rec *r = imagine(p, s, "/");

        r->per_dir_config = urls[i];
        if (ap_auth_type(r)) {
            return 1;
        }
    }
    return 0;
}

static const char *check_directories(apr_pool_t *p, server_rec *s, int *used)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **dirs = (ap_conf_vector_t **)core->sec_dir->elts;
    const char *problem = NULL;

    for (int i = 0; !problem && i < core->sec_dir->nelts; i++) {
        const core_dir_config *section = core_of(dirs[i]);
        const char *where;
        request_rec *r;

        if (cp2fa_conf_in(dirs[i])->mode == CP2FA_OFF) {
            continue;
        }
        *used = 1;
        if (section->r || section->d_is_fnmatch || !section->d) {
            continue;
        }
        where = apr_psprintf(p, "<Directory \"%s\">", section->d);
        r = imagine_dir(p, s, section);
        if (ap_auth_type(r) || !some_location_authenticates(p, s)) {
            problem = check_guarded(p, s, r, where, used);
        }
    }
    return problem;
}

const char *cp2fa_sections_check(apr_pool_t *p, server_rec *s, int *used)
{
    const char *problem = NULL;

    if (cp2fa_conf_in(s->lookup_defaults)->mode != CP2FA_OFF) {
        problem = check_guarded(p, s, imagine_url(p, s, "/"),
                                apr_psprintf(p, "server %s",
                                             s->server_hostname
                                                 ? s->server_hostname
                                                 : "(no name)"),
                                used);
    }
    if (!problem) {
        problem = check_locations(p, s, used);
    }
    if (!problem) {
        problem = check_directories(p, s, used);
    }
    return problem;
}
