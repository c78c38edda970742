/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_AGAIN_H
#define CP2FA_GATE_AGAIN_H

#include <httpd.h>

#include "store/sessions.h"

/* The same request again. Browsers ask for one thing after the other, with the
 * same cookies, on one connection; most requests differ from the one before in
 * their address alone. What let that one in lets this one in: all that could
 * say otherwise is compared, and nothing is worked out anew. Whatever is not
 * the same goes the long way, and so does all of HTTP/2 (gate/memo.h):
 * gate/session.h, gate/gate.h. */

/** The hook (check_authn): the session of the last request is the first factor
 * of AuthType TwoFactor, as it was then. */
int cp2fa_again_check_authn(request_rec *r);

/** Whether this request passes as the last one did, by its user's name: then it
 * has its witness and its verdict. Returns 1 or 0. */
int cp2fa_again_passes(request_rec *r);

/** Notes that a request has passed by this session. */
void cp2fa_again_note(request_rec *r, const struct cp2fa_session *session);

#endif
