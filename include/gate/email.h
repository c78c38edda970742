/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_EMAIL_H
#define CP2FA_GATE_EMAIL_H

#include <httpd.h>

#include "service/service.h"

/** Completes *who with TwoFactorEmail's answer for this request: an address,
 * or "" if that is none; untouched where the directive is not set. */
void cp2fa_email_find(request_rec *r, struct cp2fa_who *who);

#endif
