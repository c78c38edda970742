/* SPDX-License-Identifier: Apache-2.0 */
#include "setters.h"

#include <apr_strings.h>
#include <http_config.h>

#include "core/address.h"
#include "service/transport.h"
#include "store/dialect.h"

/* What holds for the whole server. */
const char *cp2fa_set_database(cmd_parms *cmd, void *c, const char *driver,
                               const char *params)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    struct cp2fa_shared *shared = cp2fa_conf_shared(cmd->server);
    const struct cp2fa_dialect *dialect;

    (void)c;
    if (error) {
        return error;
    }
    dialect = cp2fa_dialect_find(driver);
    if (!dialect) {
        return "TwoFactorDatabase knows the drivers sqlite3, pgsql and mysql";
    }
    shared->driver = driver;
    shared->params =
        dialect->server ? params : ap_server_root_relative(cmd->pool, params);
    return cp2fa_dialect_problem(dialect, cmd->pool, params);
}

const char *cp2fa_set_key_file(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error) {
        cp2fa_conf_shared(cmd->server)->key_file =
            ap_server_root_relative(cmd->pool, arg);
    }
    return error;
}

const char *cp2fa_set_session_cache(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error) {
        cp2fa_conf_shared(cmd->server)->cache_spec = arg;
    }
    return error;
}

const char *cp2fa_set_mail(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error) {
        error = cp2fa_transport_parse(
            cmd->pool, arg, &cp2fa_conf_shared(cmd->server)->transport);
        error =
            error ? apr_psprintf(cmd->pool, "TwoFactorMail %s", error) : NULL;
    }
    return error;
}

const char *cp2fa_set_mail_from(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error && !cp2fa_address_valid(arg)) {
        error = "TwoFactorMailFrom must be a bare address such as "
                "two-factor@console.example";
    }
    if (!error) {
        cp2fa_conf_shared(cmd->server)->mail_from = arg;
    }
    return error;
}

const char *cp2fa_set_mail_templates(cmd_parms *cmd, void *c, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)c;
    if (!error) {
        cp2fa_conf_shared(cmd->server)->mail_templates =
            ap_server_root_relative(cmd->pool, arg);
    }
    return error;
}
