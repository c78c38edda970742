/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/imagine.h"

#include <apr_fnmatch.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_core.h>

#include "gate/conf.h"

/* ap_auth_type and ap_auth_name work only once the server runs. */
const char *cp2fa_imagine_auth_type(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(authn_ap_auth_type) *ask =
        APR_RETRIEVE_OPTIONAL_FN(authn_ap_auth_type);

    return ask ? ask(r) : NULL;
}

const char *cp2fa_imagine_realm(request_rec *r)
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
request_rec *cp2fa_imagine_any(apr_pool_t *p, server_rec *s)
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

request_rec *cp2fa_imagine_url(apr_pool_t *p, server_rec *s, const char *url)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;
    request_rec *r = cp2fa_imagine_any(p, s);

    for (int i = 0; i < core->sec_url->nelts; i++) {
        if (covers(core_of(urls[i]), url)) {
            r->per_dir_config =
                ap_merge_per_dir_configs(p, r->per_dir_config, urls[i]);
        }
    }
    return r;
}

request_rec *cp2fa_imagine_dir(apr_pool_t *p, server_rec *s,
                               const core_dir_config *dir)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **dirs = (ap_conf_vector_t **)core->sec_dir->elts;
    request_rec *r = cp2fa_imagine_any(p, s);

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
