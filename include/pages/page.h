/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_PAGE_H
#define CP2FA_PAGES_PAGE_H

#include <httpd.h>

#include "core/form.h"
#include "gate/conf.h"
#include "gate/request.h"

/** What a page works with, for one request. */
struct cp2fa_page {
    request_rec *r;
    struct cp2fa_request *state;
    const struct cp2fa_request *before; /* the POST's that this answers, or of
                                           what ErrorDocument does; or NULL */
    const struct cp2fa_dir *conf;
    const struct cp2fa_service *service;
    struct cp2fa_who who;
    enum cp2fa_verdict verdict;
    const struct cp2fa_session *session; /* of who it is, or NULL */
    const char *binding; /* what forms and enrolments are bound to */
    apr_time_t now;
    const struct cp2fa_form *form; /* of a POST */
};

/* Each of these answers with an httpd status; OK of a `show` means that the
 * page's variables are set and its file may go out. */
typedef int cp2fa_page_fn(struct cp2fa_page *page);

cp2fa_page_fn cp2fa_login_show;
cp2fa_page_fn cp2fa_login_post;
cp2fa_page_fn cp2fa_token_show;
cp2fa_page_fn cp2fa_token_post;
cp2fa_page_fn cp2fa_recovery_post;
cp2fa_page_fn cp2fa_recovery_codes_show;
cp2fa_page_fn cp2fa_recovery_codes_post;
cp2fa_page_fn cp2fa_signins_end;
cp2fa_page_fn cp2fa_programs_show;
cp2fa_page_fn cp2fa_programs_post;
cp2fa_page_fn cp2fa_programs_end;
cp2fa_page_fn cp2fa_enroll_show;
cp2fa_page_fn cp2fa_enroll_post;
cp2fa_page_fn cp2fa_enroll_enable;
cp2fa_page_fn cp2fa_enroll_cancel;
cp2fa_page_fn cp2fa_enroll_qr;
cp2fa_page_fn cp2fa_profile_home;
cp2fa_page_fn cp2fa_profile_show;
cp2fa_page_fn cp2fa_profile_disable;
cp2fa_page_fn cp2fa_profile_logout;
cp2fa_page_fn cp2fa_bypass_show;
cp2fa_page_fn cp2fa_bypass_mail;
cp2fa_page_fn cp2fa_bypass_post;
cp2fa_page_fn cp2fa_email_post;
cp2fa_page_fn cp2fa_email_confirm;
cp2fa_page_fn cp2fa_metrics_get;
cp2fa_page_fn cp2fa_render_plain_page;
cp2fa_page_fn cp2fa_render_error_page;

/** After all sessions of an account have ended in a page that its owner may
 * stay on: a fresh one of the first factor, under AuthType TwoFactor. Returns
 * 0; -1 if there is none, so that the log-in page is next. */
int cp2fa_login_again(struct cp2fa_page *page);

#endif
