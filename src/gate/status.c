/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/status.h"

#include <http_protocol.h>
#include <mod_status.h>

#include "gate/conf.h"
#include "gate/tally.h"

/* mod_status has its page made of its modules' markup; this is the one page
 * that is not in htdocs. */
static void show_row(void *baton, const struct cp2fa_sample *sample)
{
    ap_rprintf(baton,
               "<tr><td>%s</td><td>%s</td><td>%" APR_UINT64_T_FMT
               "</td></tr>\n",
               sample->help,
               ap_escape_html(((request_rec *)baton)->pool, sample->labels),
               (apr_uint64_t)sample->value);
}

static void show_line(void *baton, const struct cp2fa_sample *sample)
{
    ap_rprintf(baton, "%s{%s}: %" APR_UINT64_T_FMT "\n", sample->name,
               sample->labels, (apr_uint64_t)sample->value);
}

int cp2fa_status_show(request_rec *r, int flags)
{
    const struct cp2fa_tally *tally = cp2fa_conf_shared(r->server)->tally;

    if (!tally) {
        return OK;
    }
    if (flags & AP_STATUS_SHORT) {
        cp2fa_tally_each(tally, r->pool, show_line, r);
        return OK;
    }
    ap_rputs("<hr />\n<h2>Two-factor authentication (mod_cp2fa)</h2>\n"
             "<table border=\"0\">\n<tr><th>Counted on this node since its "
             "start</th><th>Where</th><th>Times</th></tr>\n",
             r);
    cp2fa_tally_each(tally, r->pool, show_row, r);
    ap_rputs("</table>\n", r);
    return OK;
}
