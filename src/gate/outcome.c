/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/outcome.h"

#include <httpd.h>

static const struct cp2fa_told told[CP2FA_OUTCOMES] = {
    [CP2FA_OUTCOME_DONE] = {HTTP_OK, NULL, 0},
    [CP2FA_OUTCOME_MALFORMED] = {422, "token-malformed", 0},
    [CP2FA_OUTCOME_INVALID] = {422, "token-invalid", 0},
    [CP2FA_OUTCOME_USED] = {422, "token-invalid", 0},
    [CP2FA_OUTCOME_HALF] = {422, "token-next", 0},
    [CP2FA_OUTCOME_WAIT] = {429, "throttled", 0},
    [CP2FA_OUTCOME_LOCKED] = {429, "token-invalid", 3600}, /* has no end */
    [CP2FA_OUTCOME_NOT_ENROLLED] = {422, "token-invalid", 0},
    [CP2FA_OUTCOME_NOT_PENDING] = {422, "enrollment-expired", 0},
    [CP2FA_OUTCOME_BAD_NAME] = {422, "bad-request", 0},
    [CP2FA_OUTCOME_NOT_ALLOWED] = {403, "token-required", 0},
    [CP2FA_OUTCOME_BAD_CODE] = {422, "recovery-invalid", 0},
    [CP2FA_OUTCOME_NOT_ENABLED] = {422, "not-enabled", 0},
    [CP2FA_OUTCOME_NO_DEVICE] = {422, "device-unknown", 0},
    [CP2FA_OUTCOME_LAST_DEVICE] = {403, "two-factor-required", 0},
    [CP2FA_OUTCOME_NO_SESSION] = {422, "session-unknown", 0},
    [CP2FA_OUTCOME_BAD_PATH] = {422, "app-path-invalid", 0},
    [CP2FA_OUTCOME_BAD_EXPIRY] = {422, "app-expiry-invalid", 0},
    [CP2FA_OUTCOME_TOO_MANY] = {422, "app-token-limit", 0},
    [CP2FA_OUTCOME_NO_APP_TOKEN] = {422, "app-token-unknown", 0},
    [CP2FA_OUTCOME_UNAVAILABLE] = {503, "unavailable", 5},
};

struct cp2fa_told cp2fa_outcome_tell(enum cp2fa_outcome outcome, unsigned wait)
{
    struct cp2fa_told answer = told[outcome];

    /* from the third failure on, the next try has to wait */
    if (outcome == CP2FA_OUTCOME_WAIT || outcome == CP2FA_OUTCOME_INVALID
        || outcome == CP2FA_OUTCOME_USED) {
        answer.retry_after = wait;
    }
    return answer;
}
