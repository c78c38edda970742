/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_REQUEST_H
#define CP2FA_GATE_REQUEST_H

#include <httpd.h>
#include <http_config.h>

#include "core/policy.h"
#include "gate/cache.h"
#include "gate/conf.h"
#include "gate/module.h"
#include "service/service.h"
#include "store/sessions.h"

struct cp2fa_app_token;
struct cp2fa_dir;
struct cp2fa_pass;
struct cp2fa_route;

/** What this module knows of one request_rec; from r->pool, made at need. */
struct cp2fa_request {
    /* The witness: whom the first factor's module vouched for, and where.
     * r->user itself proves nothing, modules set it before they check. */
    const char *witness;
    const char *witness_realm;
    /* If he showed an application token: that. It reaches no further than its
     * path, wherever a redirect or a subrequest leads. */
    const struct cp2fa_app_token *app_token;

    /* The same of the last subrequest below that was vouched for, with its
     * configuration: mod_negotiation and mod_dir make a request into its
     * subrequest, configuration and all, but leave the user behind. */
    const char *inner_witness;
    const ap_conf_vector_t *inner_conf;
    const struct cp2fa_app_token *inner_app_token;

    /* The realm, and of which configuration. */
    const char *realm;
    const ap_conf_vector_t *realm_of;

    /* auth_checker let the witness pass, under this configuration; NULL: it
     * did not, or by an application token. */
    const ap_conf_vector_t *passed;

    /* The verdict, and for which user and configuration it was reached. */
    const char *judged_user;
    const struct cp2fa_dir *judged_conf;
    enum cp2fa_verdict verdict;
    const struct cp2fa_session *session; /* of this account, or NULL */
    int fresh;                           /* ask the database, not the cache */

    /* Of the first request of a chain: its Cookie header as it arrived. The
     * one in headers_in loses our cookies before the application sees it. */
    int cookie_saved;
    const char *cookie;
    const char *noted; /* the one that the connection has noted: gate/memo.h */

    /* Of the same: a token in a header is tried once, and what it gave. */
    int header_tried;
    const struct cp2fa_session *granted;

    /* Of the same: the row of the session that it names, read once. */
    const char *loaded_as; /* the cookie's name, or the granted id's hash */
    enum cp2fa_known loaded;
    struct cp2fa_session *loaded_row;
    struct cp2fa_version loaded_version; /* of before that */

    /* A Basic password that is being verified within this session, and under
     * which key that may be remembered: gate/reuse.h. */
    const struct cp2fa_session *reuse_of;
    uint8_t reuse_key[32];

    /* The session that was good a moment ago, under this configuration. */
    const struct cp2fa_session *seen;
    const ap_conf_vector_t *seen_under;

    /* What the last request of the connection was let in with, if this is the
     * same again, under this configuration: gate/again.h. */
    const struct cp2fa_pass *again;
    const ap_conf_vector_t *again_under;
    const char *auth_time;

    /* Of the same: the Basic credentials, checked once by these providers. */
    const apr_array_header_t *basic_by;
    const char *basic_realm;
    int basic_said; /* enum cp2fa_password */
    const char *basic_user;
    unsigned basic_wait;

    /* Of the same: the configurations that pages/ssi made for its pages. */
    apr_array_header_t *ssi;
    /* Of the same: the application token that it came with, read and checked
     * once; the application doesn't get to see its Authorization. */
    int app_read;
    const char *app_text; /* NULL: there is none */
    const char *app_user; /* named beside it, or NULL */
    const char *app_sent; /* the credentials that it came in, as they came */
    int app_checked;
    int app_noted; /* its use is, in the database */
    int app_said;  /* enum cp2fa_apptoken_said */
    const struct cp2fa_app_token *app_found;

    /* Of the module's pages: which one, whether it is for everybody (the
     * log-in page is, under AuthType TwoFactor), and the error it shows. */
    const struct cp2fa_route *route;
    int open;
    int plain; /* a page for whom Require admits, be it nobody known */
    const char *error;
    unsigned retry_after; /* seconds, 0: not said */
    const char *back;     /* where a form wants to return to */
    const char *email;    /* TwoFactorEmail's answer, "" for none */
    const char *typed;    /* the user name on a log-in page */
    const char *accept;   /* the Accept header; negotiation doesn't see it */
};

/** Forgets the verdict: time has passed. The next one asks the database. */
void cp2fa_request_rejudge(request_rec *r);

/** The state of r, or NULL if nothing was kept there yet. */
static inline struct cp2fa_request *cp2fa_request_peek(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &cp2fa_module);
}

struct cp2fa_request *cp2fa_request_make(request_rec *r);

/** The state of a request, made when first asked for. */
static inline struct cp2fa_request *cp2fa_request_of(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_peek(r);

    return state ? state : cp2fa_request_make(r);
}

/** The request that arrived from the client: where r's chain of subrequests
 * and internal redirects began. */
static inline request_rec *cp2fa_request_first(request_rec *r)
{
    while (r->main || r->prev) {
        r = r->main ? r->main : r->prev;
    }
    return r;
}

/** The Cookie header as it arrived, or NULL. */
const char *cp2fa_request_cookies(request_rec *r);

/** Whether somebody has asked for it, and there was one. */
int cp2fa_request_had_cookies(request_rec *r);

/** The Accept header as it arrived, or NULL. */
const char *cp2fa_request_accept(request_rec *r);

/** mod_cache answers before any hook of ours: it must not learn this answer,
 * whatever Cache-Control a configuration makes of ours. */
static inline void cp2fa_request_uncached(request_rec *r)
{
    if (cp2fa_conf_shared(r->server)->mod_cache) {
        apr_table_setn(r->subprocess_env, "no-cache", "1");
    }
}

/** Whether the first factor is the module's own: AuthType TwoFactor. */
int cp2fa_request_has_login(request_rec *r);

/** Returns 1 for a page of the module that needs nobody's log-in, and for the
 * parts of one. */
int cp2fa_request_is_open(request_rec *r);

/** Returns 1 for a page that needs no first factor where `Require` needs none,
 * asked for itself: no error document leads there. */
int cp2fa_request_is_plain(request_rec *r);

/** A user's name as accounts have it, from r->pool. */
const char *cp2fa_request_account(request_rec *r, const char *user);

/** Writes the witness: called from auth_checker, which runs only after the
 * first factor's module has said OK. */
void cp2fa_request_vouch(request_rec *r);

/** The hook (post_perdir_config) that takes the witness over from the request
 * before, or above, where the core is about to take its log-in over. */
int cp2fa_request_inherit(request_rec *r);

/** The application token by which r is let in, or NULL: of who it is. */
const struct cp2fa_app_token *cp2fa_request_app_token(request_rec *r);

/** Who it is, with proof: realm and user of *who are set and OK returned if
 * the witness says the same as r->user, or if r became a subrequest that was
 * vouched for; DECLINED means that there is no proof. */
int cp2fa_request_proven(request_rec *r, struct cp2fa_who *who);

/** The same, with all else that there is to say of him. */
int cp2fa_request_who(request_rec *r, struct cp2fa_who *who);

#endif
