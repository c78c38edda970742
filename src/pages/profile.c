/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "gate/decision.h"
#include "gate/log.h"
#include "gate/session.h"
#include "pages/back.h"
#include "pages/email.h"
#include "pages/programs.h"
#include "pages/recovery.h"
#include "pages/render.h"
#include "pages/signins.h"
#include "service/disable.h"
#include "store/accounts.h"

#define DEVICES_SHOWN 8 /* mod_include has no loops: profile.shtml unrolls */

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
        {"CREATED", cp2fa_service_time(p, device->created)},
        {"LAST_USED",
         device->last_used ? cp2fa_service_time(p, device->last_used) : ""},
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

    if (result == CP2FA_DB_FAILED
        || cp2fa_recovery_tell(page, account) != CP2FA_DB_OK
        || cp2fa_signins_tell(page) != CP2FA_OUTCOME_DONE
        || (account && account->device_count > 0
            && cp2fa_programs_tell(page) != CP2FA_OUTCOME_DONE)) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    cp2fa_render_common(page);
    cp2fa_render_notice(page);
    if (cp2fa_back_query(page->r, "return")) {
        cp2fa_render_set(page, "CP2FA_RETURN", cp2fa_back_find(page));
    }
    if (page->session) {
        cp2fa_render_set(page, "CP2FA_SESSION", "1");
        cp2fa_render_set(page, "CP2FA_AMR", page->session->amr);
        cp2fa_render_set(
            page, "CP2FA_SESSION_ENDS",
            cp2fa_service_time(page->r->pool, page->session->ends));
    }
    cp2fa_render_set(page, "CP2FA_ENABLED",
                     account && account->device_count > 0 ? "1" : "0");
    for (int i = 0; account && i < account->device_count; i++) {
        if (i < DEVICES_SHOWN) {
            show_device(page, i, &account->devices[i]);
        }
    }
    cp2fa_render_set(
        page, "CP2FA_DEVICES",
        apr_itoa(page->r->pool, account ? account->device_count : 0));
    return cp2fa_email_show(page, account);
}

static enum cp2fa_outcome remove_device(struct cp2fa_page *page, const char *id)
{
    struct cp2fa_rows ended;
    enum cp2fa_outcome outcome = cp2fa_disable_device(
        page->service, page->r->pool, &page->who, id,
        page->session ? page->session->hash : "", page->now, &ended);

    cp2fa_decision_note(page->r, CP2FA_DECISION_DEVICE, outcome, &page->who);
    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_session_forget(page->r, &ended);
    }
    return outcome;
}

static int disable_all(struct cp2fa_page *page)
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
    cp2fa_decision_note(page->r, CP2FA_DECISION_DISABLE, outcome, &page->who);
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, 0);
    }
    cp2fa_session_forget(page->r, &ended);
    if (cp2fa_login_again(page) != 0 && cp2fa_session_end(page->r, NULL) != 0) {
        return cp2fa_render_outcome(page, CP2FA_OUTCOME_UNAVAILABLE, 0);
    }
    return cp2fa_render_see_other(page, "profile?notice=disabled");
}

int cp2fa_profile_disable(struct cp2fa_page *page)
{
    const char *device = cp2fa_form_get(page->form, "device");
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_LAST_DEVICE;

    if (device && *device) {
        outcome = remove_device(page, device);
    }
    if (outcome == CP2FA_OUTCOME_LAST_DEVICE) {
        return disable_all(page); /* or refused there */
    }
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "profile?notice=removed")
               : cp2fa_render_outcome(page, outcome, 0);
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
