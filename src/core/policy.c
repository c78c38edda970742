/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#define PASS CP2FA_PASS
#define ASK  CP2FA_CHALLENGE
#define ENRL CP2FA_ENROL
#define FAIL CP2FA_CANT_TELL

/* [mode][passed][enrolled: no, yes, unknown]. A session that passed is proof
 * by itself, so that enrolled need not be asked: it ends in the transaction
 * in which its devices change. */
/* clang-format off */
static const enum cp2fa_verdict verdicts[2][3][3] = {
    [CP2FA_MODE_OPTIONAL] = {
        [CP2FA_NO] = {PASS, ASK, FAIL},
        [CP2FA_YES] = {PASS, PASS, PASS},
        [CP2FA_UNKNOWN] = {FAIL, FAIL, FAIL},
    },
    [CP2FA_MODE_REQUIRED] = {
        [CP2FA_NO] = {ENRL, ASK, FAIL},
        [CP2FA_YES] = {ENRL, PASS, PASS},
        [CP2FA_UNKNOWN] = {FAIL, FAIL, FAIL},
    },
};
/* clang-format on */

enum cp2fa_verdict cp2fa_policy_decide(const struct cp2fa_facts *facts)
{
    return verdicts[facts->mode][facts->passed][facts->enrolled];
}
