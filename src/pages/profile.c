/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "gate/log.h"
#include "gate/session.h"
#include "pages/render.h"
#include "service/disable.h"
#include "store/accounts.h"

#define DEVICES_SHOWN 8 /* mod_include has no loops: profile.shtml unrolls */

/* What a redirect here may say in its query. */
static void show_notice(struct cp2fa_page *page)
{
    static const char *const notices[] = {"enabled", "disabled", "cancelled"};
    const char *query = page->r->args;

    for (size_t i = 0; query && i < sizeof(notices) / sizeof(*notices); i++) {
        if (strcmp(query, apr_pstrcat(page->r->pool, "notice=", notices[i],
                                      (char *)NULL))
            == 0) {
            cp2fa_render_set(page, "CP2FA_NOTICE", notices[i]);
        }
    }
}

static void show_device(struct cp2fa_page *page, int i,
                        const struct cp2fa_device *device)
{
    apr_pool_t *p = page->r->pool;
    const struct {
        const char *field;
        const char *value;
    } fields[] = {
        {"ID", device->id},
        {"NAME", device->name},
        {"CREATED", cp2fa_render_time(page, device->created)},
        {"LAST_USED",
         device->last_used ? cp2fa_render_time(page, device->last_used) : ""},
    };

    for (size_t n = 0; n < sizeof(fields) / sizeof(*fields); n++) {
        cp2fa_render_set(
            page, apr_psprintf(p, "CP2FA_DEVICE_%d_%s", i + 1, fields[n].field),
            fields[n].value);
    }
}

int cp2fa_profile_home(struct cp2fa_page *page)
{
    return cp2fa_render_see_other(page, "profile");
}

int cp2fa_profile_show(struct cp2fa_page *page)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(page->service->store, page->r->pool,
                            page->who.realm, page->who.user, &account);

    if (result == CP2FA_DB_FAILED) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    cp2fa_render_common(page);
    show_notice(page);
    if (page->session) {
        cp2fa_render_set(page, "CP2FA_SESSION", "1");
        cp2fa_render_set(page, "CP2FA_AMR", page->session->amr);
        cp2fa_render_set(page, "CP2FA_SESSION_ENDS",
                         cp2fa_render_time(page, page->session->ends));
    }
    if (account && account->device_count > 0) {
        cp2fa_render_set(page, "CP2FA_ENABLED", "1");
        for (int i = 0; i < account->device_count && i < DEVICES_SHOWN; i++) {
            show_device(page, i, &account->devices[i]);
        }
    }
    return OK;
}

int cp2fa_profile_disable(struct cp2fa_page *page)
{
    struct cp2fa_rows ended;
    enum cp2fa_outcome outcome;

    if (cp2fa_conf_mode(page->conf) == CP2FA_MODE_REQUIRED) {
        return cp2fa_render_error(page->r, HTTP_FORBIDDEN,
                                  "two-factor-required");
    }
    outcome = cp2fa_disable_all(page->service, page->r->pool, &page->who,
                                page->binding, CP2FA_NOTICE_DISABLED, page->now,
                                &ended);
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, page->r,
                  "CP2FA303: two-factor authentication disabled: %s, user %s, "
                  "realm %s",
                  cp2fa_service_outcome_name(outcome),
                  CP2FA_LOGGED(page->r->pool, page->who.user),
                  CP2FA_LOGGED(page->r->pool, page->who.realm));
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, 0);
    }
    cp2fa_session_forget(page->r, &ended);
    if (cp2fa_login_again(page) != 0 && cp2fa_session_end(page->r, NULL) != 0) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    return cp2fa_render_see_other(page, "profile?notice=disabled");
}

int cp2fa_profile_logout(struct cp2fa_page *page)
{
    if (cp2fa_session_end(page->r, page->session) != 0) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, page->r,
                  "CP2FA304: logged out, user %s, realm %s",
                  CP2FA_LOGGED(page->r->pool, page->who.user),
                  CP2FA_LOGGED(page->r->pool, page->who.realm));
    cp2fa_render_forget(page->r);
    return cp2fa_render_see_other(page, "signed-out");
}
