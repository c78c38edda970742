/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_REUSE_H
#define CP2FA_GATE_REUSE_H

#include <httpd.h>

/* TwoFactorPasswordReuse: within a session, Basic credentials that a provider
 * has just accepted are not shown to it again. The cache keeps, for so long,
 * an entry under a keyed hash of the session, the realm, the section and the
 * whole Authorization field; so there is one for nothing else. */

/** The hook before mod_auth_basic's: OK where such an entry is there. */
int cp2fa_reuse_check_authn(request_rec *r);

/** Makes an entry: called from auth_checker, which runs only after the first
 * factor's module has said OK. */
void cp2fa_reuse_note(request_rec *r);

#endif
