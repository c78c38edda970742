/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_CLOCK_H
#define CP2FA_GATE_CLOCK_H

#include <httpd.h>

#include "service/service.h"

/* What the log says when only a clock explains what was refused, or is about
 * to be. */

#define CP2FA_CLOCK_LEAP apr_time_from_sec(30) /* that is worth a line */

/** Says if the clock was set since the last call, forward or back, by more than
 * a leap. `zero` is 0 before the first call, and then when the machine began,
 * by its clock, in microseconds since 1970. */
void cp2fa_clock_watch(server_rec *s, apr_time_t *zero);

/** A token was refused, and each would be: see struct cp2fa_grant. 0 seconds:
 * nothing is said. */
void cp2fa_clock_token(request_rec *r, const struct cp2fa_who *who,
                       int64_t ahead);

/** A session was ended since it is so many seconds ahead. */
void cp2fa_clock_session(request_rec *r, const char *hash, const char *name,
                         int64_t ahead);

#endif
