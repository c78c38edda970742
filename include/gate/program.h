/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_PROGRAM_H
#define CP2FA_GATE_PROGRAM_H

#include <httpd.h>

/* Programs, which show an application token as their Basic password, or as
 * Authorization: Bearer. */

/* What the application sees as CP2FA_AMR: RFC 8176 has no word for it. Not
 * "otp", so that an application can tell a program from a person. */
#define CP2FA_PROGRAM_AMR "app"

/**
 * The hook check_authn: where TwoFactor is on, whatever looks like such a
 * token is ours alone. OK with r->user set; or 401 with the challenge of the
 * first factor, 503; DECLINED for anything else.
 */
int cp2fa_program_check_authn(request_rec *r);

/** The field that programs send credentials in, whatever it is, or NULL. */
const char *cp2fa_program_credentials(const request_rec *r);

/** Takes an Authorization that held one out of what the application sees. */
void cp2fa_program_hide(request_rec *r);

#endif
