/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_HEADER_H
#define CP2FA_GATE_HEADER_H

#include <httpd.h>

#include "service/service.h"

#define CP2FA_TOKEN_HEADER "TwoFactor-Token"

/**
 * A token in a header, for programs: verified as on the token page, once for
 * the request that arrived and all that it leads to. Returns 1 if that gave a
 * session (its cookie is set); 0 if there was no such header, or the token was
 * refused, which *outcome says (DONE without a header) and *wait, in seconds.
 */
int cp2fa_header_try(request_rec *r, const struct cp2fa_who *who,
                     enum cp2fa_outcome *outcome, unsigned *wait);

#endif
