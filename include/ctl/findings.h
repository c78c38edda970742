/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_FINDINGS_H
#define CP2FA_CTL_FINDINGS_H

#include "ctl/ctl.h"

/** What cp2factl check has found. */
struct cp2fa_findings {
    struct cp2fa_ctl *ctl;
    json_t *rows;
    int wrong;
};

/** Adds one: what it is about, what to change, and a sentence. */
void cp2fa_findings_add(struct cp2fa_findings *findings, int wrong,
                        const char *about, const char *change,
                        const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
