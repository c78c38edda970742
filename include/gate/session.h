/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_SESSION_H
#define CP2FA_GATE_SESSION_H

#include <httpd.h>

#include "service/facts.h"
#include "service/grant.h"

/* Three cookies. The session's is handed out for a second factor, or for the
 * first one on the module's own log-in page, and names a row in the database.
 * The pre-session's is random and known to nobody but the browser: it ties
 * forms and an enrolment to it before there is a session, and costs the server
 * nothing. The browser's outlives the session, and is good for nothing but to
 * stand for a token (service/remember.h). */

/**
 * The session that the request's cookie names, if it is this account's and
 * good. YES with *session, NO, or UNKNOWN if the store can't be asked.
 */
enum cp2fa_known cp2fa_session_find(request_rec *r, const struct cp2fa_who *who,
                                    const struct cp2fa_session **session);

/** The same without knowing whose: whoever it is has proven it with this
 * session, for this realm. */
enum cp2fa_known cp2fa_session_any(request_rec *r,
                                   const struct cp2fa_session **session);

/** Until when nothing of a session changes by itself, in seconds: then it is
 * noted anew that it is used, or it is over. */
int64_t cp2fa_session_settled(const struct cp2fa_rules *rules,
                              const struct cp2fa_session *session);

/**
 * What forms are bound to: the hash of the session's id, or else of the
 * pre-session's, which is made and its cookie set if the browser has none
 * and `make` says so. NULL if there is none, or it could not be made.
 */
const char *cp2fa_session_binding(request_rec *r,
                                  const struct cp2fa_session *session,
                                  int make);

/** The hash of the id that remembers this browser, or NULL if there is none,
 * or it isn't asked for here. */
const char *cp2fa_session_browser(request_rec *r);

/** Takes that cookie back. */
void cp2fa_session_forget_browser(request_rec *r);

/** Has the cache know a session as soon as it is granted, so that its first
 * request asks nothing of the database. */
void cp2fa_session_expect(request_rec *r, struct cp2fa_grant *grant);

/** Hands a granted session out: the cookie, the one that remembers the browser
 * if there is one, and the pre-session's end. The ids are wiped from the
 * grant. */
void cp2fa_session_begin(request_rec *r, struct cp2fa_grant *grant);

/** Forgets ended sessions in the cache; hashes are the first column. */
void cp2fa_session_forget(request_rec *r, const struct cp2fa_rows *hashes);

/** Ends a session (NULL: just the cookies): 0, or -1 if the store can't. */
int cp2fa_session_end(request_rec *r, const struct cp2fa_session *session);

/** Takes our cookies and the token header out of what the application sees. */
void cp2fa_session_hide(request_rec *r);

/** Returns 1 where cookies may not be used: plain HTTP, and no directive
 * that allows it. */
int cp2fa_session_insecure(request_rec *r);

#endif
