/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "core/cookie.h"
#include "gate/conf.h"
#include "gate/header.h"
#include "gate/memo.h"
#include "gate/request.h"
#include "gate/session.h"

/* All names of one kind begin alike, so most headers need no copy. */
static const char *without(request_rec *r, const char *header, const char *name)
{
    char *left;

    if (!strstr(header, name)) {
        return header;
    }
    left = apr_pstrdup(r->pool, header);
    cp2fa_cookie_remove(left, name);
    if (*left) {
        cp2fa_cookie_remove(
            left, apr_pstrcat(r->pool, name, CP2FA_COOKIE_PRE, (char *)NULL));
        cp2fa_cookie_remove(
            left,
            apr_pstrcat(r->pool, name, CP2FA_COOKIE_BROWSER, (char *)NULL));
        cp2fa_cookie_remove_realms(left, name);
    }
    return left;
}

/* Whatever section set it: an application elsewhere in the host is sent it,
 * too. */
static const char *without_ours(request_rec *r, const char *header)
{
    const apr_array_header_t *names = cp2fa_conf_cookie_names(r->server);
    const char *left = without(r, header, CP2FA_COOKIE_NAME);

    for (int i = 0; i < names->nelts; i++) {
        left = without(r, left, APR_ARRAY_IDX(names, i, const char *));
    }
    if (!cp2fa_conf_of(r)->cookie_secure) {
        left = without(
            r, left,
            cp2fa_conf_cookie_name(cp2fa_conf_of(r))); /* without its prefix */
    }
    return left;
}

void cp2fa_session_hide(request_rec *r)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);
    const char *header;
    const char *left;

    if (apr_table_get(r->headers_in, CP2FA_TOKEN_HEADER)) {
        cp2fa_request_uncached(r);
        apr_table_unset(r->headers_in, CP2FA_TOKEN_HEADER);
    }
    if (state && state->again && state->again->alone) {
        apr_table_unset(r->headers_in, "Cookie");
        return;
    }
    header = apr_table_get(r->headers_in, "Cookie");
    if (!header) {
        return;
    }
    left = cp2fa_memo_left(r, header);
    if (!left) {
        left = without_ours(r, header);
        cp2fa_memo_leave(r, header, left);
    }
    if (left != header) {
        cp2fa_request_cookies(r); /* kept for redirects of this request */
    }
    if (!*left) {
        apr_table_unset(r->headers_in, "Cookie");
    }
    else if (left != header) {
        /* copied: a subrequest has the same table, and a shorter life */
        apr_table_set(r->headers_in, "Cookie", left);
    }
}
