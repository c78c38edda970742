/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/decision.h"

#include "gate/conf.h"
#include "gate/log.h"
#include "gate/tally.h"

static const struct {
    const char *said; /* the tag, and what it was about */
    const char *door;
} decisions[CP2FA_DECISIONS] = {
    [CP2FA_DECISION_TOKEN] = {"CP2FA301: token", "token"},
    [CP2FA_DECISION_HEADER] = {"CP2FA107: token in header", "header"},
    [CP2FA_DECISION_BROWSER] = {"CP2FA330: remembered browser", "browser"},
    [CP2FA_DECISION_RECOVERY] = {"CP2FA310: recovery code", "recovery"},
    [CP2FA_DECISION_CODES] = {"CP2FA318: new recovery codes shown:", "codes"},
    [CP2FA_DECISION_ENROL] = {"CP2FA302: enrolment begun:", "enrol"},
    [CP2FA_DECISION_CONFIRM] = {"CP2FA315: enrolment confirmed:", "confirm"},
    [CP2FA_DECISION_CANCEL] = {"CP2FA316: enrolment cancelled:", "cancel"},
    [CP2FA_DECISION_DISABLE] = {"CP2FA303: two-factor authentication disabled:",
                                "disable"},
    [CP2FA_DECISION_DEVICE] = {"CP2FA313: device removed:", "device"},
    [CP2FA_DECISION_SESSION] = {"CP2FA312: end of a session:", "session"},
    [CP2FA_DECISION_SESSIONS] = {"CP2FA317: end of all other sessions:",
                                 "sessions"},
    [CP2FA_DECISION_BYPASS_MAIL] = {"CP2FA407: token by mail asked for:",
                                    "bypass-mail"},
    [CP2FA_DECISION_BYPASS] =
        {"CP2FA409: two-factor authentication disabled by mail:", "bypass"},
    [CP2FA_DECISION_EMAIL] = {"CP2FA408: registered address asked for:",
                              "email"},
    [CP2FA_DECISION_EMAIL_CONFIRM] = {"CP2FA410: registered address confirmed:",
                                      "address"},
    [CP2FA_DECISION_PROGRAM_MADE] =
        {"CP2FA314: application token made and shown:", "program"},
    [CP2FA_DECISION_PROGRAM_REFUSED] = {"CP2FA319: application token not made:",
                                        "program-refused"},
    [CP2FA_DECISION_PROGRAM_END] = {"CP2FA321: application token ended:",
                                    "program-end"},
};

const char *cp2fa_decision_door(enum cp2fa_decision decision)
{
    return decisions[decision].door;
}

void cp2fa_decision_note(request_rec *r, enum cp2fa_decision decision,
                         enum cp2fa_outcome outcome,
                         const struct cp2fa_who *who)
{
    cp2fa_tally_decided(cp2fa_conf_shared(r->server)->tally, decision, outcome);
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "%s %s, user %s, realm %s",
                  decisions[decision].said, cp2fa_service_outcome_name(outcome),
                  CP2FA_LOGGED(r->pool, who->user),
                  CP2FA_LOGGED(r->pool, who->realm));
}
