/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_LOGIN_H
#define CP2FA_GATE_LOGIN_H

#include <httpd.h>

/* AuthType TwoFactor: the module verifies the first factor itself, by the
 * session that its log-in page gave, or by Basic credentials, which programs
 * send with every request. mod_cp2fa.c says why each hook has its place. */

int cp2fa_login_check_authn(request_rec *r);

/** The challenge that a 401 must have, for mod_authz_core's. */
int cp2fa_login_note_failure(request_rec *r, const char *auth_type);

#endif
