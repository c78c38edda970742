/* SPDX-License-Identifier: Apache-2.0 */

/* The module record and the hooks, each with the reason for its order. How a
 * request goes through them: docs/architecture.md. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>

#include "gate/again.h"
#include "gate/child.h"
#include "gate/conf.h"
#include "gate/gate.h"
#include "gate/login.h"
#include "gate/module.h"
#include "gate/program.h"
#include "gate/require.h"
#include "gate/reuse.h"
#include "gate/setup.h"
#include "gate/status.h"
#include "pages/routes.h"
#include "pages/ssi.h"

static void register_start(void)
{
    static const char *const before_watchdog[] = {"mod_watchdog.c", NULL};

    ap_hook_pre_config(cp2fa_setup_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(cp2fa_setup_check_config, NULL, NULL, APR_HOOK_MIDDLE);

    /* After mod_unixd, whose User the database is made for; before
     * mod_watchdog counts the threads that it is asked for, and starts them. */
    ap_hook_post_config(cp2fa_setup_post_config, NULL, before_watchdog,
                        APR_HOOK_LAST);
    ap_hook_child_init(cp2fa_child_init, NULL, before_watchdog,
                       APR_HOOK_MIDDLE);
}

/* Where a request is, before anyone asks who it is. */
static void register_place(void)
{
    /* Before the two below compare configurations, and after all sections are
     * merged: no section can undo it. */
    ap_hook_post_perdir_config(cp2fa_ssi_as_it_comes, NULL, NULL,
                               APR_HOOK_FIRST);

    /* Right before the core decides whether a request inherits a log-in. */
    ap_hook_post_perdir_config(cp2fa_request_inherit, NULL, NULL,
                               APR_HOOK_MIDDLE);

    /* Which page an address is, before type_checker's content negotiation
     * gives r->uri the name of a file. */
    ap_hook_post_perdir_config(cp2fa_routes_locate, NULL, NULL,
                               APR_HOOK_MIDDLE);
}

/* Who it is, and whether he may. */
static void register_access(apr_pool_t *p)
{
    /* Asked only where no Require wants a user: still verify the first
     * factor. */
    ap_hook_force_authn(cp2fa_gate_force_authn, NULL, NULL,
                        APR_HOOK_REALLY_FIRST);

    /* Before anybody works out what is known; it sends no credentials. */
    ap_hook_check_authn(cp2fa_again_check_authn, NULL, NULL,
                        APR_HOOK_REALLY_FIRST, AP_AUTH_INTERNAL_PER_CONF);

    /* Before every other module: what looks like an application token must
     * not be shown to a directory as a password. */
    ap_hook_check_authn(cp2fa_program_check_authn, NULL, NULL,
                        APR_HOOK_REALLY_FIRST + 1, AP_AUTH_INTERNAL_PER_CONF);

    /* Before mod_auth_basic asks its providers, and after application
     * tokens. */
    ap_hook_check_authn(cp2fa_reuse_check_authn, NULL, NULL, APR_HOOK_FIRST,
                        AP_AUTH_INTERNAL_PER_CONF);

    /* A page's own files: their password is the page's, which was verified a
     * moment ago. `Require` is asked for each. */
    ap_hook_check_authn(cp2fa_routes_check_authn, NULL, NULL, APR_HOOK_FIRST,
                        AP_AUTH_INTERNAL_PER_CONF);

    /* AuthType TwoFactor is nobody else's. */
    ap_hook_check_authn(cp2fa_login_check_authn, NULL, NULL, APR_HOOK_MIDDLE,
                        AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_note_auth_failure(cp2fa_login_note_failure, NULL, NULL,
                              APR_HOOK_MIDDLE);

    /* After mod_authz_core, so that an address it denies stays denied: all
     * that the log-in page is spared is the question who it is. */
    ap_hook_check_access_ex(cp2fa_routes_access, NULL, NULL,
                            APR_HOOK_REALLY_LAST, AP_AUTH_INTERNAL_PER_CONF);

    /* Runs right after check_user_id said OK, the one moment that proves a
     * first factor; before mod_authz_core, whose verdict is about a user that
     * has yet to pass. PER_CONF, not PER_URI: that would switch off the
     * server's cache of merged configurations. */
    ap_hook_check_authz(cp2fa_gate_auth_checker, NULL, NULL,
                        APR_HOOK_REALLY_FIRST, AP_AUTH_INTERNAL_PER_CONF);

    cp2fa_require_register(p);
}

/* What it gets. */
static void register_answer(void)
{
    /* Before mod_negotiation, for addresses that are no page, and forms. */
    ap_hook_type_checker(cp2fa_routes_type, NULL, NULL, APR_HOOK_REALLY_FIRST);

    /* No configuration skips fixups: here is the guarantee, before anyone
     * else's fixups (rewriting, headers, mod_dir) can act on the request. */
    ap_hook_fixups(cp2fa_gate_fixups, NULL, NULL, APR_HOOK_REALLY_FIRST);

    /* Right after the gate's own, which has proven who it is. */
    ap_hook_fixups(cp2fa_routes_fixups, NULL, NULL, APR_HOOK_REALLY_FIRST + 1);

    cp2fa_ssi_register();
    ap_hook_insert_filter(cp2fa_routes_insert_filter, NULL, NULL,
                          APR_HOOK_MIDDLE);

    /* Before mod_negotiation, mod_proxy and scripts take a POST of ours. */
    ap_hook_handler(cp2fa_routes_handler, NULL, NULL, APR_HOOK_FIRST);

    /* Where mod_status is loaded. */
    APR_OPTIONAL_HOOK(ap, status_hook, cp2fa_status_show, NULL, NULL,
                      APR_HOOK_MIDDLE);
}

static void register_hooks(apr_pool_t *p)
{
    register_start();
    register_place();
    register_access(p);
    register_answer();
}

AP_DECLARE_MODULE(cp2fa) =
    {
        STANDARD20_MODULE_STUFF,
        cp2fa_conf_create_dir,
        cp2fa_conf_merge_dir,
        cp2fa_conf_create_server,
        cp2fa_conf_merge_server,
        cp2fa_conf_commands,
        register_hooks,
        AP_MODULE_FLAG_ALWAYS_MERGE, /* virtual hosts share the main server's */
};
