/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_CONF_H
#define CP2FA_GATE_CONF_H

#include <httpd.h>
#include <http_config.h>
#include <ap_expr.h>

#include "core/policy.h"
#include "gate/keep.h"
#include "gate/module.h"
#include "service/service.h"

struct cp2fa_behind;
struct cp2fa_cache;
struct cp2fa_pace;
struct cp2fa_headcount;
struct cp2fa_tally;
struct cp2fa_transport;

#define CP2FA_COOKIE_NAME    "__Host-cp2fa" /* unless TwoFactorCookieName says */
#define CP2FA_COOKIE_PRE     "-pre"         /* behind it: the pre-session's */
#define CP2FA_COOKIE_BROWSER "-browser"     /* … a remembered browser's */

/** TwoFactor off|optional|required, as it was written. */
enum cp2fa_switch { CP2FA_OFF, CP2FA_OPTIONAL, CP2FA_REQUIRED };

/**
 * What the directives say for one location. Made while the configuration is
 * read, merged from section to section, read-only after post_config.
 * `set` has a bit for each directive given there (see conf.c).
 */
struct cp2fa_dir {
    unsigned set;
    enum cp2fa_switch mode;
    int pages;            /* the module's own pages live here */
    const char *path;     /* TwoFactorPath, without a slash at the end */
    const char *realm;    /* NULL: AuthName */
    const char *base_url; /* NULL: scheme and name of the server */
    const char *cookie_name;
    int cookie_secure;
    int fold_case;
    apr_array_header_t *providers; /* names, for AuthType TwoFactor */
    struct cp2fa_pace *pace;       /* theirs: gate/pace.h */
    ap_expr_info_t *email;         /* yields the registered address */
    int64_t step_up;               /* seconds */
    int mail_bypass;
    int64_t mail_token_lifetime; /* seconds */
    struct cp2fa_rules rules;    /* rules.issuer NULL: the realm */
    int64_t reuse;               /* seconds, 0: off */

    /* mod_authn_core's AuthType and AuthName, as they are written; and the bits
     * of those whose words are a request's: an expression's, a .htaccess's. */
    const char *auth_type;
    const char *auth_name;
    unsigned fleeting;
    int login; /* that AuthType is TwoFactor */

    /* What follows is not compared: cp2fa_conf_is_same. */
    const char *reuse_at; /* where TwoFactorPasswordReuse was said, each time */

    /* Merged in advance: what is there when `over` is what lies below it. It
     * lasts as long as the server, so that its address says all. */
    const struct cp2fa_dir *over;
    struct cp2fa_dir *merged;
    int lasts;
};

/** What there is for each virtual host. */
struct cp2fa_host {
    struct cp2fa_shared *shared; /* of the main server */
    int guards; /* TwoFactor is on somewhere in this host, in any section */
    apr_array_header_t *cookie_names; /* TwoFactorCookieName of any section */
    apr_array_header_t *page_realms;  /* struct cp2fa_page_realm, where known */
};

/** The realm of the pages at a TwoFactorPath. */
struct cp2fa_page_realm {
    const char *path;
    const char *realm;
};

/**
 * What the whole server shares, made in post_config and completed in each
 * child. Every virtual host points to the same one.
 */
struct cp2fa_shared {
    const char *driver; /* TwoFactorDatabase */
    const char *params;
    int unproven;  /* a server that was away at the start */
    int mod_cache; /* is loaded */
    const char *key_file;
    const char *cache_spec;            /* TwoFactorSessionCache */
    struct cp2fa_transport *transport; /* TwoFactorMail */
    const char *mail_from;             /* NULL: no mail is sent */
    const char *mail_templates;
    apr_table_t *login_realms; /* without a name: virtual host, by AuthName */
    apr_array_header_t *cookie_names; /* of all hosts: a port is no border */
    struct cp2fa_cache *cache;
    struct cp2fa_keep keep;
    struct cp2fa_behind *behind;       /* or NULL */
    struct cp2fa_tally *tally;         /* or NULL */
    struct cp2fa_headcount *headcount; /* or NULL */
    struct cp2fa_crypto *crypto;
    struct cp2fa_keyring *keys;
    struct cp2fa_service service;
};

/** The directives, for the module record. */
extern const command_rec cp2fa_conf_commands[];

void *cp2fa_conf_create_dir(apr_pool_t *p, char *dir);
void *cp2fa_conf_merge_dir(apr_pool_t *p, void *base, void *add);
void *cp2fa_conf_create_server(apr_pool_t *p, server_rec *s);
void *cp2fa_conf_merge_server(apr_pool_t *p, void *base, void *add);

/** Once all is read: what hosts tell that each of them must know. */
void cp2fa_conf_gather(server_rec *s);

/** Then merges each <Location> over its host in advance, as most requests need
 * it. */
void cp2fa_conf_merge_locations(apr_pool_t *pconf, server_rec *s);

static inline struct cp2fa_host *cp2fa_conf_host(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &cp2fa_module);
}

/** The realm of the pages that a place's TwoFactorPath names, as the start has
 * found it, or NULL: they are where only a request shows whose they are. */
const char *cp2fa_conf_page_realm(const request_rec *r);

/** What holds in this set of sections, or for this request. */
static inline const struct cp2fa_dir *cp2fa_conf_in(ap_conf_vector_t *sections)
{
    return ap_get_module_config(sections, &cp2fa_module);
}

static inline const struct cp2fa_dir *cp2fa_conf_of(const request_rec *r)
{
    return cp2fa_conf_in(r->per_dir_config);
}

/** Whether all that the two say is the same: 1, or 0 where it may not be. Both
 * are of the configuration's own text, or nothing but it: `fleeting`. */
static inline int cp2fa_conf_is_same(const struct cp2fa_dir *a,
                                     const struct cp2fa_dir *b)
{
    return memcmp(a, b, offsetof(struct cp2fa_dir, reuse_at)) == 0;
}

/** The name of the session's cookie: without Secure it has no "__Host-", which
 * a browser takes only with it. Another realm's has more behind it. */
const char *cp2fa_conf_cookie_name(const struct cp2fa_dir *conf);

/** Every TwoFactorCookieName there is, in any section of any host. */
const apr_array_header_t *cp2fa_conf_cookie_names(const server_rec *s);

/** Returns 1 if TwoFactor is on somewhere in this virtual host. */
int cp2fa_conf_guards(const server_rec *s);

/** What the server shares; only post_config and child_init write to it. */
static inline struct cp2fa_shared *cp2fa_conf_shared(const server_rec *s)
{
    return cp2fa_conf_host(s)->shared;
}

/** Returns 1 where the module has nothing to do: where TwoFactor is off, and on
 * the pages of a virtual host that guards nothing, which has none of them. */
int cp2fa_conf_is_off(const request_rec *r);

/** The module's word for the mode of a location, for pages as well, which
 * can live where TwoFactor is off. */
enum cp2fa_mode cp2fa_conf_mode(const struct cp2fa_dir *conf);

/** The realm that accounts of this request belong to; never NULL. */
const char *cp2fa_conf_realm(request_rec *r);

/** Where the pages are, for mail: TwoFactorBaseURL, or scheme, ServerName and
 * port as configured, and TwoFactorPath. Nothing that a client says is in it. */
const char *cp2fa_conf_site(request_rec *r);

/** The issuer that authenticator apps show. */
const char *cp2fa_conf_issuer(request_rec *r);

#endif
