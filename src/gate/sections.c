/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/sections.h"

#include <apr_strings.h>
#include <http_core.h>

#include "gate/conf.h"
#include "gate/imagine.h"
#include "gate/log.h"
#include "gate/odds.h"

static const core_dir_config *core_of(ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
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
    const char *type = cp2fa_imagine_auth_type(r);

    return type && ap_cstr_casecmp(type, "TwoFactor") == 0;
}

/* Whose users "alice" is of, only the virtual host knows: their session, and
 * their device, would be those of another host's "alice". */
static void warn_of_shared_realm(server_rec *s, request_rec *r)
{
    apr_table_t *seen = cp2fa_conf_shared(s)->login_realms;
    const char *here = s->server_hostname ? s->server_hostname : "(no name)";
    const char *there = apr_table_get(seen, cp2fa_imagine_realm(r));

    if (cp2fa_conf_of(r)->realm) {
        return; /* meant so */
    }
    if (there && strcmp(there, here) != 0) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "CP2FA008: virtual hosts %s and %s have one AuthName, "
                     "\"%s\", so accounts and sessions are good for both: "
                     "let TwoFactorRealm say so, or give each its own",
                     there, here, cp2fa_imagine_realm(r));
    }
    apr_table_set(seen, cp2fa_imagine_realm(r), here);
}

static int same_providers(const apr_array_header_t *a,
                          const apr_array_header_t *b)
{
    int same = a->nelts == b->nelts;

    for (int i = 0; same && i < a->nelts; i++) {
        same = strcmp(APR_ARRAY_IDX(a, i, const char *),
                      APR_ARRAY_IDX(b, i, const char *))
               == 0;
    }
    return same;
}

/* AuthType TwoFactor asks providers, and asks on a page that does so, too. */
static const char *check_login(apr_pool_t *p, server_rec *s,
                               request_rec *guarded, request_rec *pages,
                               const char *where)
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
    warn_of_shared_realm(s, guarded);
    if (!same_providers(cp2fa_conf_of(guarded)->providers,
                        cp2fa_conf_of(pages)->providers)) {
        return apr_psprintf(p,
                            "%s and its log-in page at %s need the same "
                            "TwoFactorProvider: a realm has one set of users",
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

static const char *check_realm(apr_pool_t *p, request_rec *guarded,
                               request_rec *pages, const char *where)
{
    return strcmp(cp2fa_imagine_realm(pages), cp2fa_imagine_realm(guarded)) == 0
               ? NULL
               : apr_psprintf(p,
                              "%s is of realm \"%s\", but its pages at %s are "
                              "of realm \"%s\": give both the same AuthName or "
                              "TwoFactorRealm",
                              where, cp2fa_imagine_realm(guarded),
                              cp2fa_conf_of(guarded)->path,
                              cp2fa_imagine_realm(pages));
}

/* A section that says nothing of TwoFactor inherits it, and may have another
 * AuthName. */
static const char *check_inherited(apr_pool_t *p, server_rec *s, request_rec *r,
                                   const char *where)
{
    request_rec *pages = cp2fa_imagine_url(p, s, cp2fa_conf_of(r)->path);

    return cp2fa_conf_of(r)->mode == CP2FA_OFF || cp2fa_conf_of(r)->pages
                   || !cp2fa_imagine_auth_type(r)
                   || !cp2fa_imagine_auth_type(pages)
               ? NULL
               : check_realm(p, r, pages, where);
}

/* The pages that a guarded place sends browsers to. */
static const char *check_pages(apr_pool_t *p, server_rec *s,
                               request_rec *guarded, const char *where)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(guarded);
    apr_array_header_t *known = cp2fa_conf_host(s)->page_realms;
    const char *differs;
    const char *odds;
    request_rec *pages = cp2fa_imagine_url(p, s, conf->path);

    if (!holds_pages(s, pages)) {
        return apr_psprintf(p,
                            "%s: TwoFactorPath %s holds no pages: Include "
                            "conf/cp2fa.conf, or let TwoFactorPath say where "
                            "TwoFactorPages are on",
                            where, conf->path);
    }
    if (!cp2fa_imagine_auth_type(pages)) {
        return apr_psprintf(p,
                            "%s: the pages at %s are outside any "
                            "authentication: guard the whole virtual host, "
                            "or give <Location \"%s\"> the same AuthType, "
                            "AuthName and Require",
                            where, conf->path, conf->path);
    }
    differs = check_realm(p, guarded, pages, where);
    if (differs) {
        return differs;
    }
    APR_ARRAY_PUSH(known, struct cp2fa_page_realm) = (struct cp2fa_page_realm){
        conf->path,
        apr_pstrdup(known->pool, cp2fa_imagine_realm(pages)),
    };
    differs = contradiction(conf, cp2fa_conf_of(pages));
    if (differs) {
        return apr_psprintf(p,
                            "%s and its pages at %s need the same %s: set it "
                            "for both, or for the whole virtual host",
                            where, conf->path, differs);
    }
    /* a token in a header goes by the place's rules, others by the pages' */
    odds = cp2fa_odds_problem(p, where, &conf->rules);
    odds =
        odds ? odds
             : cp2fa_odds_problem(p, conf->path, &cp2fa_conf_of(pages)->rules);
    if (odds) {
        return odds;
    }
    warn_of_vain(s, where, conf, cp2fa_conf_of(pages));
    return check_login(p, s, guarded, pages, where);
}

static const char *check_guarded(apr_pool_t *p, server_rec *s, request_rec *r,
                                 const char *where)
{
    if (cp2fa_conf_of(r)->mode == CP2FA_OFF) {
        return NULL;
    }
    if (!cp2fa_imagine_auth_type(r)) {
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
        const char *(*check)(apr_pool_t *, server_rec *, request_rec *,
                             const char *) =
            is_on(urls[i]) ? check_guarded : check_inherited;

        /* which URLs a pattern matches, nobody can say */
        if (!section->r && !section->d_is_fnmatch) {
            problem = check(p, s, cp2fa_imagine_url(p, s, section->d),
                            apr_psprintf(p, "<Location \"%s\">", section->d));
        }
    }
    return problem;
}

static int some_location_authenticates(apr_pool_t *p, server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    ap_conf_vector_t **urls = (ap_conf_vector_t **)core->sec_url->elts;

    for (int i = 0; i < core->sec_url->nelts; i++) {
        request_rec *r = cp2fa_imagine_any(p, s);

        r->per_dir_config = urls[i];
        if (cp2fa_imagine_auth_type(r)) {
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

        if (section->r || section->d_is_fnmatch || !section->d) {
            continue;
        }
        where = apr_psprintf(p, "<Directory \"%s\">", section->d);
        r = cp2fa_imagine_dir(p, s, section);
        if (!is_on(dirs[i])) {
            problem = check_inherited(p, s, r, where);
        }
        else if (cp2fa_imagine_auth_type(r)
                 || !some_location_authenticates(p, s)) {
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
            check_guarded(p, s, cp2fa_imagine_url(p, s, "/"),
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
