/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/signins.h"

#include <apr_strings.h>

#include "core/agent.h"
#include "gate/decision.h"
#include "gate/session.h"
#include "pages/render.h"
#include "service/facts.h"
#include "service/signout.h"

#define SHOWN 20 /* mod_include has no loops: _sessions.shtml unrolls */

static int is_current(const struct cp2fa_page *page,
                      const struct cp2fa_session *session)
{
    return page->session && strcmp(page->session->hash, session->hash) == 0;
}

/* The session that looks at the list is the first in it, whatever the rest. */
static void put_first(const struct cp2fa_page *page,
                      struct cp2fa_session *sessions, int count)
{
    for (int i = 0; i < count; i++) {
        if (is_current(page, &sessions[i])) {
            struct cp2fa_session current = sessions[i];

            memmove(sessions + 1, sessions, (size_t)i * sizeof(*sessions));
            sessions[0] = current;
            return;
        }
    }
}

static void tell_one(struct cp2fa_page *page, int i,
                     const struct cp2fa_session *session)
{
    const struct {
        const char *field;
        const char *value;
    } fields[] = {
        {"ID", session->hash},
        {"AMR", session->amr},
        {"ADDRESS", session->address},
        {"AGENT", session->agent},
        {"BROWSER", cp2fa_agent_browser(session->agent)},
        {"SYSTEM", cp2fa_agent_system(session->agent)},
        {"BEGAN", cp2fa_service_time(page->r->pool, session->created)},
        {"SEEN", cp2fa_service_time(page->r->pool, session->last_seen)},
        {"ENDS", cp2fa_service_time(page->r->pool, session->ends)},
        {"CURRENT", is_current(page, session) ? "1" : "0"},
    };

    for (size_t n = 0; n < sizeof(fields) / sizeof(*fields); n++) {
        cp2fa_render_set(page,
                         apr_psprintf(page->r->pool, "CP2FA_SESSION_%d_%s",
                                      i + 1, fields[n].field),
                         fields[n].value);
    }
}

enum cp2fa_outcome cp2fa_signins_tell(struct cp2fa_page *page)
{
    apr_pool_t *p = page->r->pool;
    struct cp2fa_session *sessions;
    int count;
    int browsers = 0; /* that are remembered: rows of the list, no sessions */
    enum cp2fa_outcome outcome =
        cp2fa_signout_list(page->service, p, &page->conf->rules, &page->who,
                           page->now, &sessions, &count);

    put_first(page, sessions, count);
    for (int i = 0; i < count && i < SHOWN; i++) {
        tell_one(page, i, &sessions[i]);
    }
    for (int i = 0; i < count; i++) {
        browsers += cp2fa_facts_is_browser(&sessions[i]);
    }
    cp2fa_render_set(page, "CP2FA_SESSIONS", apr_itoa(p, count - browsers));
    if (count > SHOWN) {
        cp2fa_render_set(page, "CP2FA_SESSIONS_MORE",
                         apr_itoa(p, count - SHOWN));
    }
    return outcome;
}

static enum cp2fa_outcome end_one(struct cp2fa_page *page, const char *hash)
{
    const char *const row[] = {hash};
    const char *const *const rows[] = {row};
    const struct cp2fa_rows ended = {rows, 1, 1};
    enum cp2fa_outcome outcome =
        cp2fa_signout_one(page->service, page->r->pool, &page->who, hash);

    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_session_forget(page->r, &ended);
    }
    return outcome;
}

static enum cp2fa_outcome end_others(struct cp2fa_page *page)
{
    struct cp2fa_rows ended;
    enum cp2fa_outcome outcome =
        cp2fa_signout_others(page->service, page->r->pool, &page->who,
                             page->session ? page->session->hash : "", &ended);

    cp2fa_session_forget(page->r, &ended);
    return outcome;
}

int cp2fa_signins_end(struct cp2fa_page *page)
{
    const char *hash = cp2fa_form_get(page->form, "session");
    enum cp2fa_outcome outcome;

    if (hash && page->session && strcmp(hash, page->session->hash) == 0) {
        return cp2fa_profile_logout(page);
    }
    outcome = hash && *hash ? end_one(page, hash) : end_others(page);
    cp2fa_decision_note(page->r,
                        hash && *hash ? CP2FA_DECISION_SESSION
                                      : CP2FA_DECISION_SESSIONS,
                        outcome, &page->who);
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "profile?notice=sessions-ended")
               : cp2fa_render_outcome(page, outcome, 0);
}
