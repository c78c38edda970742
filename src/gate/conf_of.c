/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/conf.h"

#include <http_core.h>

#include "gate/module.h"

const struct cp2fa_dir *cp2fa_conf_in(ap_conf_vector_t *sections)
{
    return ap_get_module_config(sections, &cp2fa_module);
}

const struct cp2fa_dir *cp2fa_conf_of(const request_rec *r)
{
    return cp2fa_conf_in(r->per_dir_config);
}

struct cp2fa_shared *cp2fa_conf_shared(const server_rec *s)
{
    const struct cp2fa_host *host =
        ap_get_module_config(s->module_config, &cp2fa_module);

    return host->shared;
}

int cp2fa_conf_guards(const server_rec *s)
{
    const struct cp2fa_host *host =
        ap_get_module_config(s->module_config, &cp2fa_module);

    return host->guards;
}

int cp2fa_conf_is_off(const struct cp2fa_dir *conf)
{
    return conf->mode == CP2FA_OFF && !conf->pages;
}

enum cp2fa_mode cp2fa_conf_mode(const struct cp2fa_dir *conf)
{
    return conf->mode == CP2FA_REQUIRED ? CP2FA_MODE_REQUIRED
                                        : CP2FA_MODE_OPTIONAL;
}

const char *cp2fa_conf_realm(request_rec *r)
{
    const char *realm = cp2fa_conf_of(r)->realm;

    if (!realm) {
        realm = ap_auth_name(r);
    }
    /* Client certificates and the like have no AuthName. */
    return realm ? realm : r->server->server_hostname;
}

const char *cp2fa_conf_issuer(request_rec *r)
{
    const char *issuer = cp2fa_conf_of(r)->rules.issuer;

    return issuer ? issuer : cp2fa_conf_realm(r);
}
