/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/fresh.h"

#include <apr_strings.h>

#include "core/accept.h"
#include "gate/gate.h"
#include "gate/log.h"
#include "pages/back.h"
#include "pages/render.h"
#include "pages/routes.h"
#include "service/facts.h"
#include "store/codes.h"

int cp2fa_fresh_enough(struct cp2fa_page *page)
{
    const struct cp2fa_session *session = page->session;
    int left;

    if (!session || !cp2fa_facts_session_passed(session)) {
        return 1; /* it passed, and there is no device */
    }
    if (strcmp(session->amr, CP2FA_AMR_REMEMBERED) == 0) {
        return 0; /* whose token it was, and how old, is another's to know */
    }
    if (apr_time_sec(page->now) - session->auth_time <= page->conf->step_up) {
        return 1;
    }
    /* Who came in by a recovery code is asked for another, having no phone;
     * but with the last one used, nobody could ever replace it. */
    return strcmp(session->amr, "pwd rc") == 0
           && cp2fa_codes_count(page->service->store, page->r->pool,
                                session->account, &left)
                  == CP2FA_DB_OK
           && left == 0;
}

int cp2fa_fresh_ask(struct cp2fa_page *page)
{
    request_rec *r = page->r;
    const char *accept = cp2fa_request_accept(r);

    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "CP2FA311: step-up-required, user %s, realm %s",
                  CP2FA_LOGGED(r->pool, page->who.user),
                  CP2FA_LOGGED(r->pool, page->who.realm));
    if (!accept || !cp2fa_accept_names(accept, "text/html")
        || apr_table_get(r->headers_in, "X-Requested-With")) {
        return cp2fa_gate_problem(r, HTTP_FORBIDDEN, "step-up-required");
    }
    return cp2fa_render_see_other(
        page,
        cp2fa_back_to(page, "token",
                      apr_pstrcat(r->pool, page->conf->path, "/",
                                  page->state->route->page, (char *)NULL)));
}
