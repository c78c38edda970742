/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/conftree.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <http_config.h>

#include "gate/conf.h"

#define REUSE "TwoFactorPasswordReuse"
#define REALM "TwoFactorRealm"

static int is(const ap_directive_t *at, const char *name)
{
    return ap_cstr_casecmp(at->directive, name) == 0;
}

/* Whether a directive is there, in any section, with anything but "off". */
static int is_used(const ap_directive_t *at, const char *name)
{
    for (; at; at = at->next) {
        if ((is(at, name) && ap_cstr_casecmp(at->args, "off") != 0)
            || is_used(at->first_child, name)) {
            return 1;
        }
    }
    return 0;
}

static int is_about_providers(const ap_directive_t *at)
{
    return ap_cstr_casecmpn(at->directive, "Auth", 4) == 0
           && !is(at, "AuthName") && !is(at, "AuthMerging");
}

/* The first section that changes who is asked and says nothing of reuse: what
 * it inherits was accepted by others. An alias is no section: who names it in
 * one has to say so there. */
static const ap_directive_t *silent(const ap_directive_t *at)
{
    const ap_directive_t *found = NULL;
    const ap_directive_t *providers = NULL;
    int said = 0;

    for (; at && !found; at = at->next) {
        said |= is(at, REUSE);
        if (is_about_providers(at) && at->parent) {
            providers = at;
        }
        if (!is(at, "<AuthnProviderAlias")) {
            found = silent(at->first_child);
        }
    }
    return found ? found : said ? NULL : providers;
}

static int is_expression(const ap_directive_t *at, const char *name)
{
    return is(at, name) && strstr(at->args, "%{");
}

/* A host in which no TwoFactor is may have what it likes. */
static int is_open_host(const ap_directive_t *at)
{
    return is(at, "<VirtualHost") && !is_used(at->first_child, "TwoFactor");
}

/* The first AuthName whose words are not known before a request, in a section
 * where nothing else names the realm; or such an AuthType. */
static const ap_directive_t *unsettled(const ap_directive_t *first, int named,
                                       int main_guards)
{
    const ap_directive_t *found = NULL;

    for (const ap_directive_t *at = first; at; at = at->next) {
        named |= is(at, REALM);
    }
    for (const ap_directive_t *at = first; at && !found; at = at->next) {
        if (is_expression(at, "AuthType")
            || (is_expression(at, "AuthName") && !named)) {
            found = at;
        }
        else if (main_guards || !is_open_host(at)) {
            found = unsettled(at->first_child, named, main_guards);
        }
    }
    return found;
}

const char *cp2fa_conftree_check(apr_pool_t *p, server_rec *main_server)
{
    /* what the main server guards, its virtual hosts guard, too */
    const ap_directive_t *at =
        unsettled(ap_conftree, 0, cp2fa_conf_guards(main_server));

    if (at) {
        return apr_psprintf(p,
                            is(at, "AuthName")
                                ? "%s:%d: %s is an expression: its section "
                                  "needs " REALM ", or a client could choose "
                                  "whose accounts it is looked for in"
                                : "%s:%d: %s can't be an expression where "
                                  "TwoFactor is on",
                            at->filename, at->line_num, at->directive);
    }
    at = is_used(ap_conftree, REUSE) ? silent(ap_conftree) : NULL;
    return at ? apr_psprintf(p,
                             "%s:%d: the section of this %s needs " REUSE
                             " of its own, or " REUSE
                             " off: it may ask others than the section around "
                             "it",
                             at->filename, at->line_num, at->directive)
              : NULL;
}
