/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_OUTCOME_H
#define CP2FA_GATE_OUTCOME_H

#include "service/service.h"

/** How an outcome is told to a client. */
struct cp2fa_told {
    int status;
    const char *code;
    unsigned retry_after; /* seconds, 0: not said */
};

/** A wrong PIN, a used one and a locked factor read the same. wait is in
 * seconds, until the next try is taken. */
struct cp2fa_told cp2fa_outcome_tell(enum cp2fa_outcome outcome, unsigned wait);

#endif
