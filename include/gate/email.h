/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_EMAIL_H
#define CP2FA_GATE_EMAIL_H

#include <httpd.h>

#include "service/service.h"

/** Completes *who with TwoFactorEmail's answer for this request: an address,
 * or "" if that is none; untouched where the directive is not set, and under
 * AuthType TwoFactor, where the provider answers at log-in alone and the
 * account keeps what it said. */
void cp2fa_email_find(request_rec *r, struct cp2fa_who *who);

/** The same at log-in, when a provider has just said yes to who->user. */
void cp2fa_email_learn(request_rec *r, struct cp2fa_who *who);

#endif
