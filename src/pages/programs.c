/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/programs.h"

#include <apr_strings.h>

#include "gate/decision.h"
#include "gate/email.h"
#include "pages/render.h"
#include "service/apptoken.h"

/* mod_include has no loops: _programs.shtml unrolls */
#define SHOWN CP2FA_APPTOKEN_LIMIT

static void tell_one(struct cp2fa_page *page, int i,
                     const struct cp2fa_app_token *token)
{
    apr_pool_t *p = page->r->pool;
    const struct {
        const char *field;
        const char *value;
    } fields[] = {
        {"ID", token->id},
        {"NAME", token->name},
        {"PATH", token->path},
        {"CREATED", cp2fa_service_time(p, token->created)},
        {"EXPIRES", cp2fa_service_time(p, token->expires)},
        {"EXPIRED", apr_time_sec(page->now) >= token->expires ? "1" : "0"},
        {"LAST_USED",
         token->last_used ? cp2fa_service_time(p, token->last_used) : ""},
        {"ADDRESS", token->last_address},
    };

    for (size_t n = 0; n < sizeof(fields) / sizeof(*fields); n++) {
        cp2fa_render_set(
            page,
            apr_psprintf(p, "CP2FA_PROGRAM_%d_%s", i + 1, fields[n].field),
            fields[n].value);
    }
}

enum cp2fa_outcome cp2fa_programs_tell(struct cp2fa_page *page)
{
    struct cp2fa_app_token *tokens;
    int count;
    enum cp2fa_outcome outcome = cp2fa_apptoken_list(
        page->service, page->r->pool, &page->who, &tokens, &count);

    for (int i = 0; i < count && i < SHOWN; i++) {
        tell_one(page, i, &tokens[i]);
    }
    cp2fa_render_set(page, "CP2FA_PROGRAMS", apr_itoa(page->r->pool, count));
    return outcome;
}

/* What this session may see once. HEAD sees nothing, and a form that came
 * back with an error changes nothing. */
static enum cp2fa_outcome take(struct cp2fa_page *page)
{
    struct cp2fa_apptoken_made made;
    enum cp2fa_outcome outcome;

    if (page->r->header_only || page->r->prev || !page->session) {
        return CP2FA_OUTCOME_NOT_PENDING;
    }
    outcome = cp2fa_apptoken_take(page->service, page->r->pool, &page->who,
                                  page->session->hash, page->now, &made);
    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_render_secret(page, "CP2FA_APP_TOKEN", made.text);
        cp2fa_render_set(page, "CP2FA_APP_NAME", made.name);
        cp2fa_render_set(page, "CP2FA_APP_PATH", made.path);
        cp2fa_render_set(page, "CP2FA_APP_EXPIRES",
                         cp2fa_service_time(page->r->pool, made.expires));
        cp2fa_bytes_wipe(made.text, sizeof(made.text));
        cp2fa_decision_note(page->r, CP2FA_DECISION_PROGRAM_MADE, outcome,
                            &page->who);
    }
    return outcome;
}

int cp2fa_programs_show(struct cp2fa_page *page)
{
    /* before it is shown, the owner is told by mail: to which address? */
    if (!page->r->prev) {
        cp2fa_email_find(page->r, &page->who);
    }
    if (take(page) == CP2FA_OUTCOME_UNAVAILABLE) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    cp2fa_render_common(page);
    return OK;
}

static const char *field(struct cp2fa_page *page, const char *name)
{
    const char *value = cp2fa_form_get(page->form, name);

    return value ? value : "";
}

int cp2fa_programs_post(struct cp2fa_page *page)
{
    const struct cp2fa_apptoken_wish wish = {
        .name = field(page, "name"),
        .path = field(page, "path"),
        .expires = field(page, "expires"),
    };
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_NOT_ENABLED;

    if (page->session) {
        outcome = cp2fa_apptoken_offer(page->service, page->r->pool, &page->who,
                                       &wish, page->session->hash, page->now);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        cp2fa_decision_note(page->r, CP2FA_DECISION_PROGRAM_REFUSED, outcome,
                            &page->who);
        return cp2fa_render_outcome(page, outcome, 0);
    }
    return cp2fa_render_see_other(page, "app-tokens");
}

int cp2fa_programs_end(struct cp2fa_page *page)
{
    enum cp2fa_outcome outcome = cp2fa_apptoken_end(
        page->service, page->r->pool, &page->who, field(page, "id"), page->now);

    cp2fa_decision_note(page->r, CP2FA_DECISION_PROGRAM_END, outcome,
                        &page->who);
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "profile?notice=app-token-ended")
               : cp2fa_render_outcome(page, outcome, 0);
}
