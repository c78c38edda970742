/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_RENDER_H
#define CP2FA_PAGES_RENDER_H

#include "pages/routes.h"

/* What goes out: variables for the files in htdocs, headers, redirects and
 * errors. Words are in htdocs; here there are only codes. */

/** The headers of every answer below TwoFactorPath. */
void cp2fa_render_headers(request_rec *r, enum cp2fa_asset asset);

/** Makes the browser forget what it keeps of this site. */
void cp2fa_render_forget(request_rec *r);

/** Sets a variable of the page. value is not copied; NULL sets none. */
void cp2fa_render_set(struct cp2fa_page *page, const char *name,
                      const char *value);

/** Sets one that holds a secret: copied, and wiped with the request. */
void cp2fa_render_secret(struct cp2fa_page *page, const char *name,
                         const char *value);

/** The variables that every page has. */
void cp2fa_render_common(struct cp2fa_page *page);

/** Shows what a redirect's query says has happened, if it is one of these. */
void cp2fa_render_notice(struct cp2fa_page *page);

/** Ends a successful POST: 303 to a page, or to an address (from '/'). */
int cp2fa_render_see_other(struct cp2fa_page *page, const char *where);

/** Where a form says to return to, if that is on this site; else the
 * profile. */
const char *cp2fa_render_return(struct cp2fa_page *page, const char *wanted);

/**
 * Refuses a request before it has a page: problem+json for a program that
 * asks for JSON, for a person httpd's ErrorDocument, which conf/cp2fa.conf
 * sets to the page "error". Returns DONE or the status.
 */
int cp2fa_render_refuse(request_rec *r, int status, const char *code);

/**
 * Ends a POST, in the handler, with an error: for a program as above, for a
 * person its route's page once more, with the error's words and this status.
 */
int cp2fa_render_error(request_rec *r, int status, const char *code);

/** Whichever of the two fits, for how a use case ended; wait is in seconds,
 * for WAIT. */
int cp2fa_render_outcome(struct cp2fa_page *page, enum cp2fa_outcome outcome,
                         unsigned wait);

/** The same for a token that was mailed, which has words of its own. */
int cp2fa_render_mail_outcome(struct cp2fa_page *page,
                              enum cp2fa_outcome outcome, unsigned wait);

/** Whether the way out by mail is open: TwoFactorMailBypass is on, and mail
 * can be sent. Returns 1 or 0. */
int cp2fa_render_has_bypass(request_rec *r);

/** Returns 1 if the client asks for JSON rather than HTML. */
int cp2fa_render_wants_json(request_rec *r);

#endif
