/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/render.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include "core/accept.h"
#include "core/bytes.h"
#include "core/csrf.h"
#include "core/returnurl.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/outcome.h"
#include "pages/back.h"
#include "pages/routes.h"

static const struct {
    const char *name;
    const char *value;
} headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; img-src 'self'; "
     "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

void cp2fa_render_headers(request_rec *r, enum cp2fa_asset asset)
{
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        apr_table_setn(r->err_headers_out, headers[i].name, headers[i].value);
    }
    apr_table_setn(r->err_headers_out, "Cache-Control",
                   asset == CP2FA_ASSET_KEPT ? "private, max-age=3600"
                                             : "no-store");
    /* The log-out's own answer says so, too, but the page that it leaves goes
     * into the browser's back/forward cache only after that. */
    if (asset == CP2FA_ASSET_CLEARS) {
        cp2fa_render_forget(r);
    }
}

void cp2fa_render_forget(request_rec *r)
{
    apr_table_setn(r->err_headers_out, "Clear-Site-Data", "\"cache\"");
}

void cp2fa_render_set(struct cp2fa_page *page, const char *name,
                      const char *value)
{
    if (value) {
        apr_table_setn(page->r->subprocess_env, name, value);
    }
}

static apr_status_t wipe_text(void *data)
{
    cp2fa_bytes_wipe(data, strlen(data));
    return APR_SUCCESS;
}

void cp2fa_render_secret(struct cp2fa_page *page, const char *name,
                         const char *value)
{
    char *copy = apr_pstrdup(page->r->pool, value);

    apr_pool_cleanup_register(page->r->pool, copy, wipe_text,
                              apr_pool_cleanup_null);
    cp2fa_render_set(page, name, copy);
}

void cp2fa_render_notice(struct cp2fa_page *page)
{
    static const char *const notices[] = {
        "enabled",      "disabled",       "cancelled", "removed",
        "device-added", "sessions-ended", "few-codes", "app-token-ended",
    };
    const char *said = cp2fa_back_query(page->r, "notice");

    for (size_t i = 0; said && i < sizeof(notices) / sizeof(*notices); i++) {
        if (strcmp(said, notices[i]) == 0) {
            cp2fa_render_set(page, "CP2FA_NOTICE", notices[i]);
        }
    }
}

/* The error of this page: set here, or by the POST that it answers. */
static void show_error(struct cp2fa_page *page)
{
    const struct cp2fa_request *state = page->state;

    if (!state->error) {
        state = page->before;
    }
    if (state && state->error) {
        cp2fa_render_set(page, "CP2FA_ERROR", state->error);
        if (state->retry_after > 0) {
            cp2fa_render_set(page, "CP2FA_RETRY_AFTER",
                             apr_itoa(page->r->pool, (int)state->retry_after));
        }
    }
}

void cp2fa_render_common(struct cp2fa_page *page)
{
    apr_pool_t *p = page->r->pool;
    const struct cp2fa_rules *rules = &page->conf->rules;
    char csrf[CP2FA_CSRF_TEXT + 1];

    cp2fa_render_set(page, "CP2FA_PATH", page->conf->path);
    cp2fa_render_set(page, "CP2FA_USER", page->who.user);
    cp2fa_render_set(page, "CP2FA_REALM", page->who.realm);
    cp2fa_render_set(page, "CP2FA_ISSUER", cp2fa_conf_issuer(page->r));
    cp2fa_render_set(page, "CP2FA_MODE",
                     cp2fa_conf_mode(page->conf) == CP2FA_MODE_REQUIRED
                         ? "required"
                         : "optional");
    cp2fa_render_set(page, "CP2FA_SKEW_MINUTES",
                     apr_itoa(p, (int)((rules->clock_skew + 59) / 60)));
    cp2fa_render_set(page, "CP2FA_DIGITS",
                     apr_itoa(p, (int)rules->totp.digits));
    if (cp2fa_request_has_login(page->r)) {
        cp2fa_render_set(page, "CP2FA_LOGIN_PAGE", "1");
    }
    show_error(page);
    if (page->binding
        && cp2fa_csrf_make(page->service->crypto, page->service->keys,
                           page->binding, page->who.realm, page->who.user, csrf)
               == 0) {
        cp2fa_render_secret(page, "CP2FA_CSRF", csrf);
    }
}

int cp2fa_render_plain_page(struct cp2fa_page *page)
{
    cp2fa_render_common(page);
    return OK;
}

/* Where ErrorDocument leads: it has no address of its own. */
int cp2fa_render_error_page(struct cp2fa_page *page)
{
    static const struct {
        int status;
        const char *code;
    } codes[] = {
        {HTTP_BAD_REQUEST, "bad-request"},
        {HTTP_NOT_FOUND, "not-found"},
        {HTTP_METHOD_NOT_ALLOWED, "method-not-allowed"},
        {HTTP_REQUEST_ENTITY_TOO_LARGE, "too-large"},
        {HTTP_INTERNAL_SERVER_ERROR, "internal"},
        {HTTP_SERVICE_UNAVAILABLE, "unavailable"},
    };
    int status = page->r->prev ? page->r->prev->status : HTTP_OK;

    if (status == HTTP_OK) {
        return cp2fa_render_refuse(page->r, HTTP_NOT_FOUND, "not-found");
    }
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        if (codes[i].status == status) {
            cp2fa_render_set(page, "CP2FA_ERROR", codes[i].code);
        }
    }
    cp2fa_render_common(page);
    return OK;
}

int cp2fa_render_see_other(struct cp2fa_page *page, const char *where)
{
    if (where[0] != '/') {
        where = apr_pstrcat(page->r->pool, page->conf->path, "/", where,
                            (char *)NULL);
    }
    apr_table_setn(page->r->headers_out, "Location", where);
    return HTTP_SEE_OTHER;
}

const char *cp2fa_render_return(struct cp2fa_page *page, const char *wanted)
{
    if (wanted && cp2fa_returnurl_safe(wanted)) {
        return wanted;
    }
    return apr_pstrcat(page->r->pool, page->conf->path, "/profile",
                       (char *)NULL);
}

int cp2fa_render_wants_json(request_rec *r)
{
    const char *accept = cp2fa_request_accept(r);

    return accept && cp2fa_accept_names(accept, "application/json")
           && !cp2fa_accept_names(accept, "text/html");
}

int cp2fa_render_refuse(request_rec *r, int status, const char *code)
{
    struct cp2fa_request *state = cp2fa_request_of(r);

    state->error = code;
    if (state->retry_after > 0) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_itoa(r->pool, (int)state->retry_after));
    }
    return cp2fa_render_wants_json(r) ? cp2fa_gate_problem(r, status, code)
                                      : status;
}

int cp2fa_render_error(request_rec *r, int status, const char *code)
{
    const struct cp2fa_route *route = cp2fa_request_of(r)->route;
    const char *page = route->page;
    int refused = cp2fa_render_refuse(r, status, code);

    if (refused == DONE) {
        return DONE;
    }
    /* without the store, a page that needs it can't be shown */
    if (status == HTTP_SERVICE_UNAVAILABLE && route->need > CP2FA_NEED_FIRST) {
        page = "error";
    }
    /* The page's own GET, with this status: its file, its language. */
    r->status = status;
    r->method = "GET";
    r->method_number = M_GET;
    ap_internal_redirect(
        apr_pstrcat(r->pool, cp2fa_conf_of(r)->path, "/", page, (char *)NULL),
        r);
    return OK;
}

int cp2fa_render_outcome(struct cp2fa_page *page, enum cp2fa_outcome outcome,
                         unsigned wait)
{
    struct cp2fa_told told = cp2fa_outcome_tell(outcome, wait);

    page->state->retry_after = told.retry_after;
    if (!page->form) {
        return cp2fa_render_refuse(page->r, told.status, told.code);
    }
    return cp2fa_render_error(page->r, told.status, told.code);
}

int cp2fa_render_mail_outcome(struct cp2fa_page *page,
                              enum cp2fa_outcome outcome, unsigned wait)
{
    if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
        return cp2fa_render_outcome(page, outcome, 0);
    }
    page->state->retry_after = wait;
    return cp2fa_render_error(page->r,
                              outcome == CP2FA_OUTCOME_WAIT
                                  ? HTTP_TOO_MANY_REQUESTS
                                  : HTTP_UNPROCESSABLE_ENTITY,
                              "mail-token-invalid");
}

int cp2fa_render_has_bypass(request_rec *r)
{
    return cp2fa_conf_of(r)->mail_bypass
           && cp2fa_conf_shared(r->server)->service.mail;
}
