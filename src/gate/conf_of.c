/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/conf.h"

#include <apr_strings.h>
#include <apr_uri.h>
#include <http_core.h>
#include <http_protocol.h>

#include "gate/request.h"

#define HOST_PREFIX "__Host-"

const char *cp2fa_conf_cookie_name(const struct cp2fa_dir *conf)
{
    size_t len = strlen(HOST_PREFIX);

    return !conf->cookie_secure
                   && strncmp(conf->cookie_name, HOST_PREFIX, len) == 0
               ? conf->cookie_name + len
               : conf->cookie_name;
}

const apr_array_header_t *cp2fa_conf_cookie_names(const server_rec *s)
{
    return cp2fa_conf_shared(s)->cookie_names;
}

const char *cp2fa_conf_page_realm(const request_rec *r)
{
    const apr_array_header_t *known = cp2fa_conf_host(r->server)->page_realms;
    const char *path = cp2fa_conf_of(r)->path;

    for (int i = 0; i < known->nelts; i++) {
        const struct cp2fa_page_realm *pages =
            &APR_ARRAY_IDX(known, i, struct cp2fa_page_realm);

        if (strcmp(pages->path, path) == 0) {
            return pages->realm;
        }
    }
    return NULL;
}

int cp2fa_conf_guards(const server_rec *s)
{
    return cp2fa_conf_host(s)->guards;
}

int cp2fa_conf_is_off(const request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);

    return conf->mode == CP2FA_OFF
           && !(conf->pages && cp2fa_conf_guards(r->server));
}

enum cp2fa_mode cp2fa_conf_mode(const struct cp2fa_dir *conf)
{
    return conf->mode == CP2FA_REQUIRED ? CP2FA_MODE_REQUIRED
                                        : CP2FA_MODE_OPTIONAL;
}

const char *cp2fa_conf_realm(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_of(r);
    const char *realm = cp2fa_conf_of(r)->realm;

    if (realm) {
        return realm;
    }
    /* asked once: httpd makes a copy with its quotes escaped each time */
    if (state->realm_of != r->per_dir_config) {
        realm = ap_auth_name(r);
        /* Client certificates and the like have no AuthName. */
        state->realm = realm ? realm : r->server->server_hostname;
        state->realm_of = r->per_dir_config;
    }
    return state->realm;
}

const char *cp2fa_conf_site(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    apr_port_t port =
        r->server->port ? r->server->port : r->connection->local_addr->port;
    const char *scheme = ap_http_scheme(r);

    if (conf->base_url) {
        return apr_pstrcat(r->pool, conf->base_url, conf->path, (char *)NULL);
    }
    return apr_pstrcat(r->pool, scheme, "://", r->server->server_hostname,
                       port == apr_uri_port_of_scheme(scheme)
                           ? ""
                           : apr_psprintf(r->pool, ":%u", port),
                       conf->path, (char *)NULL);
}

const char *cp2fa_conf_issuer(request_rec *r)
{
    const char *issuer = cp2fa_conf_of(r)->rules.issuer;

    return issuer ? issuer : cp2fa_conf_realm(r);
}
