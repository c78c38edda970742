/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <http_protocol.h>

#include "core/base32.h"
#include "core/otpauth.h"
#include "core/qr.h"
#include "gate/decision.h"
#include "gate/session.h"
#include "pages/render.h"
#include "service/enrol.h"
#include "service/facts.h"

#define GROUP 4 /* characters of the key between two blanks */

static enum cp2fa_outcome find_pending(struct cp2fa_page *page,
                                       struct cp2fa_pending *pending)
{
    if (!page->binding) {
        return CP2FA_OUTCOME_NOT_PENDING;
    }
    return cp2fa_enrol_show(page->service, page->r->pool, &page->who,
                            page->binding, page->now, pending);
}

/* The key as people type it: groups of four. */
static void show_key(struct cp2fa_page *page,
                     const struct cp2fa_pending *pending)
{
    char base32[CP2FA_BASE32_LEN(CP2FA_SEAL_PLAIN_MAX) + 1];
    char grouped[sizeof(base32) / GROUP * (GROUP + 1) + 1];
    size_t n = 0;

    cp2fa_base32_encode(pending->secret, pending->len, base32);
    for (size_t i = 0; base32[i]; i++) {
        if (i > 0 && i % GROUP == 0) {
            grouped[n++] = ' ';
        }
        grouped[n++] = base32[i];
    }
    grouped[n] = '\0';
    cp2fa_render_secret(page, "CP2FA_SECRET_GROUPED", grouped);
    cp2fa_bytes_wipe(base32, sizeof(base32));
    cp2fa_bytes_wipe(grouped, sizeof(grouped));
}

static int make_uri(struct cp2fa_page *page,
                    const struct cp2fa_pending *pending,
                    char uri[CP2FA_OTPAUTH_MAX])
{
    return cp2fa_otpauth_uri(&pending->device->totp, cp2fa_conf_issuer(page->r),
                             page->who.user, pending->secret, pending->len, uri,
                             CP2FA_OTPAUTH_MAX);
}

int cp2fa_enroll_show(struct cp2fa_page *page)
{
    struct cp2fa_pending pending;
    char uri[CP2FA_OTPAUTH_MAX];
    enum cp2fa_outcome outcome = find_pending(page, &pending);

    if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
        return cp2fa_render_outcome(page, outcome, 0);
    }
    cp2fa_render_common(page);
    cp2fa_render_set(page, "CP2FA_PENDING",
                     outcome == CP2FA_OUTCOME_DONE ? "1" : "0");
    if (outcome == CP2FA_OUTCOME_DONE) {
        cp2fa_render_set(page, "CP2FA_PENDING_ID", pending.device->id);
        cp2fa_render_set(
            page, "CP2FA_DIGITS",
            apr_itoa(page->r->pool, (int)pending.device->totp.digits));
        show_key(page, &pending);
        if (make_uri(page, &pending, uri) == 0) {
            cp2fa_render_secret(page, "CP2FA_OTPAUTH", uri);
        }
        cp2fa_bytes_wipe(uri, sizeof(uri));
        cp2fa_bytes_wipe(pending.secret, sizeof(pending.secret));
    }
    return OK;
}

int cp2fa_enroll_qr(struct cp2fa_page *page)
{
    struct cp2fa_pending pending;
    char uri[CP2FA_OTPAUTH_MAX];
    char svg[CP2FA_QR_SVG_MAX];
    enum cp2fa_outcome outcome = find_pending(page, &pending);
    int len = -1;

    if (outcome == CP2FA_OUTCOME_NOT_PENDING) {
        return HTTP_NOT_FOUND;
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        return HTTP_SERVICE_UNAVAILABLE;
    }
    if (make_uri(page, &pending, uri) == 0) {
        len = cp2fa_qr_svg(uri, svg, sizeof(svg));
    }
    if (len > 0) {
        ap_set_content_type(page->r, "image/svg+xml");
        ap_set_content_length(page->r, len);
        ap_rwrite(svg, len, page->r);
    }
    cp2fa_bytes_wipe(uri, sizeof(uri));
    cp2fa_bytes_wipe(svg, sizeof(svg));
    cp2fa_bytes_wipe(pending.secret, sizeof(pending.secret));
    return len > 0 ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

int cp2fa_enroll_enable(struct cp2fa_page *page)
{
    enum cp2fa_outcome outcome = cp2fa_enrol_start(
        page->service, page->r->pool, &page->conf->rules, &page->who,
        cp2fa_form_get(page->form, "name"), page->binding, page->now);

    cp2fa_decision_note(page->r, CP2FA_DECISION_ENROL, outcome, &page->who);
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "enroll")
               : cp2fa_render_outcome(page, outcome, 0);
}

int cp2fa_enroll_post(struct cp2fa_page *page)
{
    const char *typed = cp2fa_form_get(page->form, "token");
    struct cp2fa_grant grant = {.wait = 0};
    enum cp2fa_outcome outcome = cp2fa_enrol_confirm(
        page->service, page->r->pool, &page->conf->rules, &page->who,
        page->binding, typed ? typed : "", page->now, &grant);

    cp2fa_decision_note(page->r, CP2FA_DECISION_CONFIRM, outcome, &page->who);
    if (outcome != CP2FA_OUTCOME_DONE) {
        return cp2fa_render_outcome(page, outcome, grant.wait);
    }
    cp2fa_session_begin(page->r, &grant);
    /* the first device comes with recovery codes, waiting to be shown */
    return cp2fa_render_see_other(
        page, page->session && cp2fa_facts_session_passed(page->session)
                  ? "recovery-codes?notice=device-added"
                  : "recovery-codes");
}

int cp2fa_enroll_cancel(struct cp2fa_page *page)
{
    enum cp2fa_outcome outcome = cp2fa_enrol_cancel(
        page->service, page->r->pool, &page->who, page->binding, page->now);

    cp2fa_decision_note(page->r, CP2FA_DECISION_CANCEL, outcome, &page->who);
    return outcome == CP2FA_OUTCOME_DONE
               ? cp2fa_render_see_other(page, "profile?notice=cancelled")
               : cp2fa_render_outcome(page, outcome, 0);
}
