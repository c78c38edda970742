/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <http_protocol.h>

#include "core/accept.h"
#include "core/form.h"
#include "core/returnurl.h"
#include "gate/conf.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "gate/outcome.h"
#include "gate/tally.h"

#define RETRY_AFTER "5" /* seconds, while the store can't be asked */

/* A page for each verdict that sends a browser away, and the code for those
 * who can't be sent. */
static const struct {
    const char *page;
    const char *code;
} answers[] = {
    [CP2FA_PASS] = {NULL, NULL},
    [CP2FA_CHALLENGE] = {"token", "token-required"},
    [CP2FA_ENROL] = {"enroll", "enrollment-required"},
    [CP2FA_CANT_TELL] = {NULL, "unavailable"},
};

int cp2fa_gate_is_html(request_rec *r)
{
    const char *accept = cp2fa_request_accept(r);
    const char *mode = apr_table_get(r->headers_in, "Sec-Fetch-Mode");

    return accept && cp2fa_accept_names(accept, "text/html")
           && (!mode || strcmp(mode, "navigate") == 0)
           && !apr_table_get(r->headers_in, "X-Requested-With");
}

/* A page navigation of a browser: it can be sent elsewhere. */
static int is_navigation(request_rec *r)
{
    return r->method_number == M_GET /* HEAD is one, too */
           && r->proxyreq != PROXYREQ_PROXY && cp2fa_gate_is_html(r);
}

/* Nothing but a bare status may come from within another answer. */
static int is_inner(request_rec *r)
{
    return r->main || (r->prev && r->prev->status != HTTP_OK);
}

int cp2fa_gate_refuse(request_rec *r, enum cp2fa_outcome outcome, unsigned wait)
{
    struct cp2fa_told told = cp2fa_outcome_tell(outcome, wait);

    if (told.retry_after > 0) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_itoa(r->pool, (int)told.retry_after));
    }
    return cp2fa_gate_problem(r, told.status, told.code);
}

int cp2fa_gate_problem(request_rec *r, int status, const char *code)
{
    const char *line = ap_get_status_line(status);

    if (is_inner(r)) {
        return status;
    }
    r->status = status;
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    apr_table_mergen(r->err_headers_out, "Vary", "Accept");
    ap_set_content_type(r, "application/problem+json");
    ap_rprintf(r,
               "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
               "\"code\":\"%s\"}\n",
               line + strspn(line, "0123456789 "), status, code);
    return DONE;
}

/* Where the browser wanted to go: as it said it, or, if that has dot segments
 * and the like, as httpd understood it. NULL if neither is fit to return to. */
static const char *wanted(request_rec *r)
{
    const request_rec *first = cp2fa_request_first(r);
    const char *back = first->unparsed_uri;

    if (back && cp2fa_returnurl_safe(back)) {
        return back;
    }
    back = apr_pstrcat(r->pool, ap_escape_uri(r->pool, first->uri),
                       first->args ? "?" : "", first->args ? first->args : "",
                       (char *)NULL);
    return cp2fa_returnurl_safe(back) ? back : NULL;
}

const char *cp2fa_gate_address(request_rec *r, const char *page,
                               const char *back)
{
    char *address =
        apr_pstrcat(r->pool, cp2fa_conf_of(r)->path, "/", page, (char *)NULL);
    apr_size_t size = 3 * CP2FA_RETURNURL_MAX + 1;
    char *encoded = apr_palloc(r->pool, size);

    if (back && cp2fa_form_encode(back, encoded, size) == 0) {
        address =
            apr_pstrcat(r->pool, address, "?return=", encoded, (char *)NULL);
    }
    return address;
}

int cp2fa_gate_redirect(request_rec *r, const char *page)
{
    if (is_inner(r) || !is_navigation(r)) {
        return DECLINED;
    }
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "Location",
                   cp2fa_gate_address(r, page, wanted(r)));
    return HTTP_SEE_OTHER;
}

int cp2fa_gate_unavailable(request_rec *r, const char *user)
{
    cp2fa_tally_count(cp2fa_conf_shared(r->server)->tally,
                      CP2FA_COUNT_UNAVAILABLE);
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "CP2FA105: 503, it can't be told whether user %s has "
                  "passed: a line before this says why",
                  user ? CP2FA_LOGGED(r->pool, user) : "(whoever)");
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    return cp2fa_gate_is_html(r)
               ? HTTP_SERVICE_UNAVAILABLE
               : cp2fa_gate_problem(r, HTTP_SERVICE_UNAVAILABLE, "unavailable");
}

int cp2fa_gate_answer(request_rec *r, enum cp2fa_verdict verdict)
{
    const char *code = answers[verdict].code;

    switch (verdict) {
    case CP2FA_PASS:
        return DECLINED;
    case CP2FA_CANT_TELL:
        return cp2fa_gate_unavailable(r, r->user);
    case CP2FA_CHALLENGE:
    case CP2FA_ENROL:
        break;
    }
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "CP2FA106: %s, user %s", code,
                  CP2FA_LOGGED(r->pool, r->user));
    if (cp2fa_gate_redirect(r, answers[verdict].page) == HTTP_SEE_OTHER) {
        return HTTP_SEE_OTHER;
    }
    return cp2fa_gate_problem(r, HTTP_FORBIDDEN, code); /* bare within */
}
