/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_STATUS_H
#define CP2FA_GATE_STATUS_H

#include <httpd.h>

/** The hook of mod_status: a section of its page, or lines of ?auto. */
int cp2fa_status_show(request_rec *r, int flags);

#endif
