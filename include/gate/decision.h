/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_DECISION_H
#define CP2FA_GATE_DECISION_H

#include <httpd.h>

#include "service/service.h"

/** Something about an account was decided: how decision.c says it in the log,
 * under a tag of its own, and names the door to it in the metrics. */
enum cp2fa_decision {
    CP2FA_DECISION_TOKEN,
    CP2FA_DECISION_HEADER,
    CP2FA_DECISION_BROWSER,
    CP2FA_DECISION_RECOVERY,
    CP2FA_DECISION_CODES,
    CP2FA_DECISION_ENROL,
    CP2FA_DECISION_CONFIRM,
    CP2FA_DECISION_CANCEL,
    CP2FA_DECISION_DISABLE,
    CP2FA_DECISION_DEVICE,
    CP2FA_DECISION_SESSION,
    CP2FA_DECISION_SESSIONS,
    CP2FA_DECISION_BYPASS_MAIL,
    CP2FA_DECISION_BYPASS,
    CP2FA_DECISION_EMAIL,
    CP2FA_DECISION_EMAIL_CONFIRM,
    CP2FA_DECISION_PROGRAM_MADE,
    CP2FA_DECISION_PROGRAM_REFUSED,
    CP2FA_DECISION_PROGRAM_END,
    CP2FA_DECISIONS
};

/** The name of a door in the metrics: token, header … */
const char *cp2fa_decision_door(enum cp2fa_decision decision);

/** Logs a decision, one line, and counts it. */
void cp2fa_decision_note(request_rec *r, enum cp2fa_decision decision,
                         enum cp2fa_outcome outcome,
                         const struct cp2fa_who *who);

#endif
