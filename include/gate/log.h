/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_LOG_H
#define CP2FA_GATE_LOG_H

/* Include this instead of http_log.h. Every line begins with a tag of its
 * own, "CP2FAnnn:", and docs/log.md says what to do about it: ERR means that
 * the admin must act, WARNING looks like an attack, INFO is a decision,
 * DEBUG a fact. No secret is logged at any level; what users control goes
 * through CP2FA_LOGGED. */

#include <httpd.h>
#include <http_log.h>

#include "gate/module.h"

APLOG_USE_MODULE(cp2fa);

#define CP2FA_LOGGED(p, text) ap_escape_logitem((p), (text))

#endif
