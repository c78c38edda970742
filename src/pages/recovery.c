/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/recovery.h"

#include <apr_strings.h>

#include "gate/decision.h"
#include "gate/session.h"
#include "pages/back.h"
#include "pages/render.h"
#include "service/recover.h"
#include "store/codes.h"

enum cp2fa_db_result cp2fa_recovery_tell(struct cp2fa_page *page,
                                         const struct cp2fa_account *account)
{
    int left = 0;

    if (!account || account->device_count == 0) {
        return CP2FA_DB_OK;
    }
    if (cp2fa_codes_count(page->service->store, page->r->pool, account->id,
                          &left)
        != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    cp2fa_render_set(page, "CP2FA_CODES_LEFT", apr_itoa(page->r->pool, left));
    if (left <= CP2FA_RECOVER_FEW) {
        cp2fa_render_set(page, "CP2FA_CODES_FEW", "1");
    }
    return CP2FA_DB_OK;
}

/* A line a code, so that they can be copied, printed and saved as they are. */
static void show_set(struct cp2fa_page *page,
                     const struct cp2fa_recover_set *set)
{
    char lines[CP2FA_RECOVER_CODES * (CP2FA_RECOVER_TEXT + 1)];
    size_t n = 0;

    for (int i = 0; i < CP2FA_RECOVER_CODES; i++) {
        memcpy(lines + n, set->code[i], CP2FA_RECOVER_TEXT);
        n += CP2FA_RECOVER_TEXT;
        lines[n++] = '\n';
    }
    lines[n - 1] = '\0';
    cp2fa_render_secret(page, "CP2FA_CODES", lines);
    cp2fa_bytes_wipe(lines, sizeof(lines));
}

/* What this session may see once. HEAD sees nothing, and a form that came
 * back with an error changes nothing. */
static enum cp2fa_outcome take(struct cp2fa_page *page)
{
    struct cp2fa_recover_set set;
    enum cp2fa_outcome outcome;

    if (page->r->header_only || page->r->prev || !page->session) {
        return CP2FA_OUTCOME_NOT_PENDING;
    }
    outcome = cp2fa_recover_take(page->service, page->r->pool, &page->who,
                                 page->session->hash, page->now, &set);
    if (outcome == CP2FA_OUTCOME_DONE) {
        show_set(page, &set);
        cp2fa_bytes_wipe(&set, sizeof(set));
        cp2fa_decision_note(page->r, CP2FA_DECISION_CODES, outcome, &page->who);
    }
    return outcome;
}

int cp2fa_recovery_codes_show(struct cp2fa_page *page)
{
    struct cp2fa_account *account = NULL;

    if (take(page) == CP2FA_OUTCOME_UNAVAILABLE
        || cp2fa_accounts_find(page->service->store, page->r->pool,
                               page->who.realm, page->who.user, &account)
               == CP2FA_DB_FAILED
        || cp2fa_recovery_tell(page, account) != CP2FA_DB_OK) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    cp2fa_render_common(page);
    cp2fa_render_notice(page);
    cp2fa_render_set(page, "CP2FA_ENABLED",
                     account && account->device_count > 0 ? "1" : "0");
    return OK;
}

int cp2fa_recovery_codes_post(struct cp2fa_page *page)
{
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_NOT_ENABLED;

    if (page->session) {
        outcome = cp2fa_recover_offer(page->service, page->r->pool, &page->who,
                                      page->session->hash, page->now);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, 0);
    }
    return cp2fa_render_see_other(page, "recovery-codes");
}

/* Who has few codes left hears of it before going on. */
static const char *way_on(struct cp2fa_page *page,
                          const struct cp2fa_session *session, const char *back)
{
    int left;

    if (cp2fa_codes_count(page->service->store, page->r->pool, session->account,
                          &left)
            != CP2FA_DB_OK
        || left > CP2FA_RECOVER_FEW) {
        return back;
    }
    return cp2fa_back_to(page, "profile?notice=few-codes", back);
}

int cp2fa_recovery_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "code");
    const char *back = cp2fa_back_keep(page);
    struct cp2fa_grant grant = {.wait = 0};
    enum cp2fa_outcome outcome =
        cp2fa_recover_use(page->service, page->r->pool, &page->conf->rules,
                          &page->who, typed ? typed : "", page->now, &grant);

    cp2fa_decision_note(page->r, CP2FA_DECISION_RECOVERY, outcome, &page->who);
    if (outcome == CP2FA_OUTCOME_NOT_ENROLLED) {
        return cp2fa_render_see_other(page, back);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, grant.wait);
    }
    cp2fa_session_begin(page->r, &grant);
    return cp2fa_render_see_other(page, way_on(page, &grant.session, back));
}
