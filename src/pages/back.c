/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/back.h"

#include <apr_strings.h>

#include "core/returnurl.h"
#include "pages/render.h"

const char *cp2fa_back_query(request_rec *r, const char *name)
{
    const char *at = cp2fa_request_first(r)->parsed_uri.query;
    size_t len = strlen(name);

    while (at && (strncmp(at, name, len) != 0 || at[len] != '=')) {
        at = strchr(at, '&');
        at = at ? at + 1 : NULL;
    }
    if (at) {
        char *value =
            apr_pstrndup(r->pool, at + len + 1, strcspn(at, "&") - (len + 1));

        return cp2fa_form_decode(value) == 0 ? value : NULL;
    }
    return NULL;
}

const char *cp2fa_back_find(struct cp2fa_page *page)
{
    return cp2fa_render_return(page, page->before && page->before->back
                                         ? page->before->back
                                         : cp2fa_back_query(page->r, "return"));
}

const char *cp2fa_back_keep(struct cp2fa_page *page)
{
    page->state->back = apr_pstrdup(
        page->r->pool,
        cp2fa_render_return(page, cp2fa_form_get(page->form, "return")));
    return page->state->back;
}

const char *cp2fa_back_to(struct cp2fa_page *page, const char *where,
                          const char *back)
{
    apr_size_t size = 3 * CP2FA_RETURNURL_MAX + 1;
    char *encoded = apr_palloc(page->r->pool, size);

    if (cp2fa_form_encode(back, encoded, size) != 0) {
        return where;
    }
    return apr_pstrcat(page->r->pool, where,
                       ap_strchr_c(where, '?') ? "&return=" : "?return=",
                       encoded, (char *)NULL);
}
