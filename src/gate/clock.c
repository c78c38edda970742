/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/clock.h"

#include <stdlib.h>

#include "gate/log.h"
#include "store/pool.h"

void cp2fa_clock_watch(server_rec *s, apr_time_t *zero)
{
    apr_time_t now = apr_time_now() - cp2fa_watch_now();
    apr_time_t leap = now - *zero;

    if (*zero != 0 && llabs(leap) > CP2FA_CLOCK_LEAP) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "CP2FA142: this machine's clock was set %" APR_TIME_T_FMT
                     " s %s, or it slept: sessions and tokens go by the clock; "
                     "check it",
                     (apr_time_t)llabs(apr_time_sec(leap)),
                     leap > 0 ? "forward" : "back");
    }
    *zero = now;
}

void cp2fa_clock_token(request_rec *r, const struct cp2fa_who *who,
                       int64_t ahead)
{
    if (ahead > 0) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "CP2FA140: the last token of user %s, realm %s, is "
                      "%" APR_INT64_T_FMT
                      " s ahead of this server's clock, and "
                      "none is good before that: check the clock; a recovery "
                      "code lets in",
                      CP2FA_LOGGED(r->pool, who->user),
                      CP2FA_LOGGED(r->pool, who->realm), (apr_int64_t)ahead);
    }
}

void cp2fa_clock_session(request_rec *r, const char *hash, const char *name,
                         int64_t ahead)
{
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                  "CP2FA141: session %.8s of user %s is %" APR_INT64_T_FMT
                  " s ahead of this server's clock, and was ended: check the "
                  "clock",
                  hash, CP2FA_LOGGED(r->pool, name), (apr_int64_t)ahead);
}
