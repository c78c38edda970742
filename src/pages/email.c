/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/email.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "gate/decision.h"
#include "pages/render.h"
#include "service/address.h"

/* The address in the database, and the one that is to take its place. */
static int show_own(struct cp2fa_page *page,
                    const struct cp2fa_account *account)
{
    const char *query = page->r->args;
    const char *pending;

    if (*account->email) {
        cp2fa_render_set(page, "CP2FA_EMAIL", account->email);
    }
    if (query && strcmp(query, "notice=email-changed") == 0) {
        cp2fa_render_set(page, "CP2FA_EMAIL_CHANGED", "1");
    }
    switch (cp2fa_address_pending(page->service, page->r->pool, account->id,
                                  page->binding, page->now, &pending)) {
    case CP2FA_DB_OK:
        cp2fa_render_set(page, "CP2FA_EMAIL_PENDING", "1");
        cp2fa_render_set(page, "CP2FA_EMAIL_NEW", pending);
        return OK;
    case CP2FA_DB_NONE:
        return OK;
    case CP2FA_DB_FAILED:
        break;
    }
    return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
}

int cp2fa_email_show(struct cp2fa_page *page,
                     const struct cp2fa_account *account)
{
    if (!page->service->mail) {
        return OK;
    }
    cp2fa_email_find(page->r, &page->who);
    cp2fa_render_set(page, "CP2FA_MAIL", "1");
    if (cp2fa_render_has_bypass(page->r)) {
        cp2fa_render_set(page, "CP2FA_BYPASS", "1");
    }
    if (page->conf->email) {
        const char *email = page->who.email ? page->who.email
                            : account       ? account->email
                                            : "";

        cp2fa_render_set(page, "CP2FA_EMAIL_FIXED", "1");
        if (*email) {
            cp2fa_render_set(page, "CP2FA_EMAIL", email);
        }
        return OK;
    }
    return account ? show_own(page, account) : OK;
}

/* As people paste it: without the blanks around it. */
static const char *trimmed(apr_pool_t *p, const char *typed)
{
    char *copy = apr_pstrdup(p, typed ? typed : "");
    size_t len;

    while (apr_isspace(*copy)) {
        copy++;
    }
    for (len = strlen(copy); len > 0 && apr_isspace(copy[len - 1]); len--) {
        copy[len - 1] = '\0';
    }
    return copy;
}

int cp2fa_email_post(struct cp2fa_page *page)
{
    apr_pool_t *p = page->r->pool;
    enum cp2fa_outcome outcome;
    unsigned wait;

    if (page->conf->email) {
        return cp2fa_render_error(page->r, HTTP_FORBIDDEN, "email-fixed");
    }
    outcome = cp2fa_address_ask(page->service, p, &page->who,
                                trimmed(p, cp2fa_form_get(page->form, "email")),
                                page->binding, page->conf->mail_token_lifetime,
                                page->now, &wait);
    cp2fa_decision_note(page->r, CP2FA_DECISION_EMAIL, outcome, &page->who);
    if (outcome == CP2FA_OUTCOME_BAD_NAME) {
        return cp2fa_render_error(page->r, 422, "email-invalid");
    }
    if (outcome == CP2FA_OUTCOME_WAIT) {
        page->state->retry_after = wait;
        return cp2fa_render_error(page->r, HTTP_TOO_MANY_REQUESTS,
                                  "mail-throttled");
    }
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "profile#email")
               : cp2fa_render_outcome(page, outcome, 0);
}

int cp2fa_email_confirm(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "mail_token");
    enum cp2fa_outcome outcome;
    unsigned wait;

    if (page->conf->email) {
        return cp2fa_render_error(page->r, HTTP_FORBIDDEN, "email-fixed");
    }
    outcome = cp2fa_address_confirm(
        page->service, page->r->pool, &page->conf->rules, &page->who,
        page->binding, typed ? typed : "", page->now, &wait);
    cp2fa_decision_note(page->r, CP2FA_DECISION_EMAIL_CONFIRM, outcome,
                        &page->who);
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page,
                                        "profile?notice=email-changed#email")
               : cp2fa_render_mail_outcome(page, outcome, wait);
}
