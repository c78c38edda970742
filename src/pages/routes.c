/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/routes.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "gate/email.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/session.h"
#include "pages/admit.h"
#include "pages/body.h"
#include "pages/json.h"
#include "pages/render.h"
#include "pages/ssi.h"

#define NONE      CP2FA_NEED_NONE
#define FIRST     CP2FA_NEED_FIRST
#define ENROLLING CP2FA_NEED_ENROLLING
#define SIGNED_IN CP2FA_NEED_SIGNED_IN
#define ENABLING  CP2FA_NEED_ENABLING
#define FRESH     CP2FA_NEED_FRESH
#define REQUIRE   CP2FA_NEED_REQUIRE

static const struct cp2fa_route routes[] = {
    /* name, need, page of its errors, show, get, post, asset */
    {"", FIRST, NULL, NULL, cp2fa_profile_home, NULL, 0},
    {"token", FIRST, "token", cp2fa_token_show, NULL, cp2fa_token_post, 0},
    {"recovery", FIRST, "recovery", cp2fa_token_show, NULL, cp2fa_recovery_post,
     0},
    {"recovery-codes", FRESH, "recovery-codes", cp2fa_recovery_codes_show, NULL,
     cp2fa_recovery_codes_post, 0},
    {"enable", ENABLING, "profile", NULL, NULL, cp2fa_enroll_enable, 0},
    {"enroll", ENROLLING, "enroll", cp2fa_enroll_show, NULL, cp2fa_enroll_post,
     0},
    {"enroll/cancel", ENROLLING, "enroll", NULL, NULL, cp2fa_enroll_cancel, 0},
    {"qr.svg", ENROLLING, NULL, NULL, cp2fa_enroll_qr, NULL, 0},
    {"profile", SIGNED_IN, NULL, cp2fa_profile_show, NULL, NULL, 0},
    {"disable", FRESH, "profile", NULL, NULL, cp2fa_profile_disable, 0},
    {"sessions/end", SIGNED_IN, "profile", NULL, NULL, cp2fa_signins_end, 0},
    {"app-tokens", FRESH, "profile", cp2fa_programs_show, NULL,
     cp2fa_programs_post, 0},
    {"app-tokens/end", SIGNED_IN, "profile", NULL, NULL, cp2fa_programs_end, 0},
    {"email", FRESH, "profile", NULL, NULL, cp2fa_email_post, 0},
    {"email/confirm", SIGNED_IN, "profile", NULL, NULL, cp2fa_email_confirm, 0},
    {"bypass", FIRST, "bypass", cp2fa_bypass_show, NULL, cp2fa_bypass_post, 0},
    {"bypass/mail", FIRST, "bypass", NULL, NULL, cp2fa_bypass_mail, 0},
    {"login", NONE, "login", cp2fa_login_show, NULL, cp2fa_login_post, 0},
    {"logout", NONE, "error", NULL, NULL, cp2fa_profile_logout, 0},
    {"signed-out", NONE, NULL, cp2fa_render_plain_page, NULL, NULL, 0},
    {"error", NONE, NULL, cp2fa_render_error_page, NULL, NULL, 0},
    {"metrics", REQUIRE, NULL, NULL, cp2fa_metrics_get, NULL, 0},
    {"style.css", NONE, NULL, NULL, NULL, NULL, CP2FA_ASSET_KEPT},
    {"mark.svg", NONE, NULL, NULL, NULL, NULL, CP2FA_ASSET_KEPT},
    {"signed-out.svg", NONE, NULL, NULL, NULL, NULL, CP2FA_ASSET_CLEARS},
};

/* The route of what follows TwoFactorPath and a slash. */
static const struct cp2fa_route *find(const char *name)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
        if (strcmp(routes[i].name, name) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}

/* Before content negotiation gives r->uri the name of a file, and without an
 * Accept that would make it answer 406: a page has one type, and what the
 * client wants to read an error in, we ask ourselves. */
CP2FA_SELDOM static int locate(request_rec *r, const struct cp2fa_dir *conf)
{
    apr_size_t len = strlen(conf->path);
    const char *accept;

    accept = apr_table_get(r->headers_in, "Accept");
    if (strncmp(r->uri, conf->path, len) == 0
        && (r->uri[len] == '/' || r->uri[len] == '\0')) {
        cp2fa_request_of(r)->route = find(r->uri + len + (r->uri[len] == '/'));
    }
    cp2fa_request_of(r)->open =
        cp2fa_request_of(r)->route
        && cp2fa_request_of(r)->route->need == CP2FA_NEED_NONE
        && cp2fa_request_has_login(r);
    cp2fa_request_of(r)->plain =
        cp2fa_request_of(r)->route
        && cp2fa_request_of(r)->route->need == CP2FA_NEED_REQUIRE;
    if (accept) {
        cp2fa_request_of(cp2fa_request_first(r))->accept = accept;
        apr_table_unset(r->headers_in, "Accept");
    }
    return DECLINED;
}

int cp2fa_routes_locate(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);

    return conf->pages && !r->main ? locate(r, conf) : DECLINED;
}

/* Whether the password that a request of httpd's own is about to have verified
 * is the very one of the page that it is for. */
static int is_verified_above(request_rec *r)
{
    request_rec *page = r->main;
    struct cp2fa_who who;
    const char *types[] = {ap_auth_type(r), ap_auth_type(page)};
    const char *names[] = {ap_auth_name(r), ap_auth_name(page)};

    return types[0] && types[1] && ap_cstr_casecmp(types[0], "Basic") == 0
           && ap_cstr_casecmp(types[1], "Basic") == 0 && names[0] && names[1]
           && strcmp(names[0], names[1]) == 0 && page->user
           && cp2fa_request_proven(page, &who) == OK;
}

int cp2fa_routes_check_authn(request_rec *r)
{
    if (!r->main || !cp2fa_conf_of(r)->pages || !cp2fa_conf_of(r->main)->pages
        || !is_verified_above(r)) {
        return DECLINED;
    }
    r->user = apr_pstrdup(r->pool, r->main->user);
    r->ap_auth_type = (char *)"Basic"; /* nobody writes to it */
    return OK;
}

/* What `Require` says of users can't hold for the page that asks who it is. */
int cp2fa_routes_access(request_rec *r)
{
    return cp2fa_conf_of(r)->pages && cp2fa_request_is_open(r) ? OK : DECLINED;
}

static int allowed(request_rec *r, const struct cp2fa_route *route)
{
    int get = route->show || route->get || route->asset;

    if ((r->method_number == M_GET && get)
        || (r->method_number == M_POST && route->post)) {
        return 1;
    }
    apr_table_setn(r->err_headers_out, "Allow",
                   get && route->post ? "GET, HEAD, POST"
                   : get              ? "GET, HEAD"
                                      : "POST");
    return 0;
}

/* The file that goes out must pass through mod_include; without these it
 * would go out as it is. */
static int check_file(request_rec *r)
{
    if (r->finfo.filetype != APR_REG) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "CP2FA201: no file for page %s: is Options MultiViews "
                      "off here, or CP2FA_HTDOCS another folder?",
                      cp2fa_request_of(r)->route->name);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (!(ap_allow_options(r) & OPT_INCLUDES)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "CP2FA202: Options IncludesNoExec is off for the pages: "
                      "another section, later in the configuration, sets "
                      "Options");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

/* What needs nobody's log-in goes out of its own file alone, whatever a
 * rewrite or another section has made of its address. */
static int is_its_own_file(const request_rec *r,
                           const struct cp2fa_route *route)
{
    const char *slash = r->filename ? strrchr(r->filename, '/') : NULL;
    size_t len = strlen(route->name);

    return slash && strncmp(slash + 1, route->name, len) == 0
           && (slash[1 + len] == '\0'
               || (route->show && strncmp(slash + 1 + len, ".shtml", 6) == 0));
}

/* An SSI fragment, or a variant that negotiation looks at: part of a page. */
static int check_part(request_rec *r)
{
    const request_rec *main = r->main;

    while (main->main) {
        main = main->main;
    }
    if (cp2fa_conf_of(main)->pages && cp2fa_request_peek(main)
        && cp2fa_request_peek(main)->route) {
        r->handler = NULL;
        return OK;
    }
    return HTTP_FORBIDDEN;
}

/* The page of an error has no form, so it is there when nothing else is: over
 * plain HTTP, and without random bytes. */
static int tells_error(const request_rec *r)
{
    return r->prev && r->prev->status != HTTP_OK
           && strcmp(cp2fa_request_peek(r)->route->name, "error") == 0;
}

static int show(request_rec *r, const struct cp2fa_route *route)
{
    struct cp2fa_page page;
    int status = cp2fa_render_wants_json(r) ? OK : check_file(r);

    if (status != OK) {
        return status;
    }
    apr_table_mergen(r->headers_out, "Vary", "Accept");
    cp2fa_admit_open(&page, r);
    if (!tells_error(r)) {
        page.binding = cp2fa_session_binding(r, page.session, 1);
        if (!page.binding) {
            return cp2fa_render_outcome(&page, CP2FA_OUTCOME_UNAVAILABLE, 0);
        }
    }
    return route->show(&page);
}

/* Without mail, or with TwoFactorMailBypass off, there are no such pages. */
static int is_shut(request_rec *r, const struct cp2fa_route *route)
{
    if (strncmp(route->name, "bypass", strlen("bypass")) == 0) {
        return !cp2fa_render_has_bypass(r);
    }
    return strncmp(route->name, "email", strlen("email")) == 0
           && !cp2fa_conf_shared(r->server)->service.mail;
}

static int check_address(request_rec *r, const struct cp2fa_route *route)
{
    if (route && !is_shut(r, route)
        && (route->need == CP2FA_NEED_REQUIRE
            || cp2fa_conf_guards(r->server))) {
        return OK;
    }
    cp2fa_render_headers(r, CP2FA_ASSET_NONE);
    /* a host that guards nothing has no accounts, whatever its AuthName */
    return cp2fa_render_refuse(r, HTTP_NOT_FOUND, "not-found");
}

/* Before content negotiation goes through the folder for an address that is
 * none, and complains that it found nothing; or for a form, which is answered
 * out of no file, and if something is wrong by its page's GET. */
int cp2fa_routes_type(request_rec *r)
{
    const struct cp2fa_route *route;
    int status;

    if (!cp2fa_conf_of(r)->pages || r->main) {
        return DECLINED;
    }
    route = cp2fa_request_of(r)->route;
    status = check_address(r, route);
    return status == OK && !(r->method_number == M_POST && route->post)
               ? DECLINED
               : status;
}

CP2FA_SELDOM static int prepare(request_rec *r)
{
    const struct cp2fa_route *route;
    struct cp2fa_page page;
    int status;

    if (r->main) {
        return check_part(r);
    }
    route = cp2fa_request_of(r)->route;
    status = check_address(r, route);
    if (status != OK) {
        return status; /* another module's type_checker was before ours */
    }
    cp2fa_render_headers(r, route->asset);
    if (cp2fa_session_insecure(r) && !route->asset && !tells_error(r)
        && route->need != CP2FA_NEED_REQUIRE) {
        return cp2fa_render_refuse(r, HTTP_FORBIDDEN, "https-required");
    }
    if (!allowed(r, route)) {
        /* a page of errors would ask a program for its first factor */
        return route->need == CP2FA_NEED_REQUIRE
                   ? cp2fa_gate_problem(r, HTTP_METHOD_NOT_ALLOWED,
                                        "method-not-allowed")
                   : cp2fa_render_refuse(r, HTTP_METHOD_NOT_ALLOWED,
                                         "method-not-allowed");
    }
    /* whatever a section around us may say of handlers and proxies */
    r->handler = "default-handler";
    r->proxyreq = PROXYREQ_NONE;
    cp2fa_admit_open(&page, r);
    status = cp2fa_admit(&page);
    if (status != DECLINED) {
        return status;
    }
    if (page.state->open && !is_its_own_file(r, route)) {
        return cp2fa_render_refuse(r, HTTP_NOT_FOUND, "not-found");
    }
    if (r->method_number == M_GET && route->show) {
        return show(r, route);
    }
    return OK;
}

int cp2fa_routes_fixups(request_rec *r)
{
    return cp2fa_conf_of(r)->pages ? prepare(r) : DECLINED;
}

void cp2fa_routes_insert_filter(request_rec *r)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);

    if (cp2fa_conf_of(r)->pages
        && (r->main
            || (state && state->route && state->route->show
                && !cp2fa_render_wants_json(r)))) {
        cp2fa_ssi_read(r);
    }
}

static int post(request_rec *r, const struct cp2fa_route *route)
{
    struct cp2fa_form form;
    struct cp2fa_page page;
    const char *code;
    int status = cp2fa_body_read(r, &form, &code);

    if (status != OK) {
        status = cp2fa_render_error(r, status, code);
        goto done;
    }
    /* A body can take its time to arrive. What was true when its head came
     * may be so no more: the second factor enabled, the session ended. */
    cp2fa_request_rejudge(r);
    cp2fa_admit_open(&page, r);
    status = cp2fa_admit(&page);
    if (status != DECLINED) {
        goto done;
    }
    page.form = &form;
    if (route->need != CP2FA_NEED_NONE) {
        cp2fa_email_find(r, &page.who);
    }
    page.binding = cp2fa_session_binding(r, page.session, 0);
    status = cp2fa_admit_form(&page);
    if (status != DECLINED) {
        goto done;
    }
    status = route->post(&page);
done:
    cp2fa_bytes_wipe(&form, sizeof(form));
    return status;
}

CP2FA_SELDOM static int handle(request_rec *r)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);
    const struct cp2fa_route *route = state ? state->route : NULL;
    struct cp2fa_page page;

    if (!route || r->main) {
        return DECLINED;
    }
    if (r->method_number == M_POST) {
        return post(r, route);
    }
    if (!route->get) {
        /* httpd's own handler sends the file */
        return route->show && cp2fa_render_wants_json(r) ? cp2fa_json_send(r)
                                                         : DECLINED;
    }
    cp2fa_admit_open(&page, r);
    cp2fa_email_find(r, &page.who);
    page.binding = cp2fa_session_binding(r, page.session, 0);
    return route->get(&page);
}

int cp2fa_routes_handler(request_rec *r)
{
    return cp2fa_conf_of(r)->pages ? handle(r) : DECLINED;
}
