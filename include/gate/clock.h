/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_CLOCK_H
#define CP2FA_GATE_CLOCK_H

#include <httpd.h>

#include "service/service.h"

/* What the log says when only a clock explains what was refused. */

/** A token was refused, and each would be: see struct cp2fa_grant. 0 seconds:
 * nothing is said. */
void cp2fa_clock_token(request_rec *r, const struct cp2fa_who *who,
                       int64_t ahead);

/** A session was ended since it is so many seconds ahead. */
void cp2fa_clock_session(request_rec *r, const char *hash, const char *name,
                         int64_t ahead);

#endif
