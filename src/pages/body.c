/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/body.h"

#include <apr_strings.h>
#include <apr_uri.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_vhost.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

static int is_form_type(const char *type)
{
    size_t len = strlen(FORM_TYPE);

    return type && ap_cstr_casecmpn(type, FORM_TYPE, len) == 0
           && (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* One byte more than allowed is read, to know that there is more. */
static int read_all(request_rec *r, struct cp2fa_form *form)
{
    long n;
    int status = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);

    form->len = 0;
    if (status != OK || !ap_should_client_block(r)) {
        return status;
    }
    while ((n = ap_get_client_block(r, form->body + form->len,
                                    sizeof(form->body) - form->len))
           > 0) {
        form->len += (size_t)n;
        if (form->len > CP2FA_FORM_MAX) {
            return HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
    }
    return n < 0 ? HTTP_BAD_REQUEST : OK;
}

int cp2fa_body_read(request_rec *r, struct cp2fa_form *form, const char **code)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    int status;

    *code = "too-large";
    if (length && apr_atoi64(length) > CP2FA_FORM_MAX) {
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    }
    if (!is_form_type(apr_table_get(r->headers_in, "Content-Type"))) {
        *code = "unsupported-type";
        return HTTP_UNSUPPORTED_MEDIA_TYPE;
    }
    status = read_all(r, form);
    if (status == OK && cp2fa_form_parse(form) != 0) {
        status = HTTP_BAD_REQUEST;
    }
    if (status != HTTP_REQUEST_ENTITY_TOO_LARGE) {
        *code = "bad-request";
    }
    return status;
}

/* scheme://host[:port], without whatever path follows it in a Referer. */
static int is_own_origin(request_rec *r, const char *url)
{
    const char *own = cp2fa_conf_of(r)->base_url;
    apr_uri_t uri;
    apr_port_t port;

    if (apr_uri_parse(r->pool, url, &uri) != APR_SUCCESS || !uri.scheme
        || !uri.hostname) {
        return 0; /* "null", too */
    }
    port = uri.port_str ? uri.port : apr_uri_port_of_scheme(uri.scheme);
    if (own) {
        apr_uri_t base;

        return apr_uri_parse(r->pool, own, &base) == APR_SUCCESS
               && ap_cstr_casecmp(uri.scheme, base.scheme) == 0
               && ap_cstr_casecmp(uri.hostname, base.hostname) == 0
               && port
                      == (base.port_str ? base.port
                                        : apr_uri_port_of_scheme(base.scheme));
    }
    return ap_cstr_casecmp(uri.scheme, ap_http_scheme(r)) == 0
           && port == ap_get_server_port(r)
           && ap_matches_request_vhost(r, uri.hostname, r->server->port);
}

int cp2fa_body_same_origin(request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *referer = apr_table_get(r->headers_in, "Referer");

    if (site) {
        /* "none" is the user's own doing, such as a reload */
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    }
    if (origin) {
        return is_own_origin(r, origin);
    }
    return referer && is_own_origin(r, referer);
}
