/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_MAILRATE_H
#define CP2FA_CORE_MAILRATE_H

#include <stdint.h>

#include "core/throttle.h"

/* How often mail goes out: tokens to one account, and the tries of one mail. */

#define CP2FA_MAILRATE_DAILY 5 /* tokens mailed to an account in 24 hours */
#define CP2FA_MAILRATE_TEXT  (CP2FA_FAILURE_LEN * CP2FA_MAILRATE_DAILY)

/**
 * May one more token be mailed to an account now? times says when the last
 * ones were, spelled as in core/throttle.h; now is in microseconds. Returns
 * 0 with the times after that in after, or -1 with *wait in seconds.
 */
int cp2fa_mailrate_next(const char *times, int64_t now,
                        char after[CP2FA_MAILRATE_TEXT + 1],
                        unsigned *wait) CP2FA_USE_RESULT;

/**
 * When a mail that could not be sent is tried again: 30 s after the first
 * try, then doubling to an hour. Returns that time, or -1 once it is not
 * worth it: a day after it was made, or past expires (0: never). Seconds.
 */
int64_t cp2fa_mailrate_retry(int64_t tries, int64_t created, int64_t expires,
                             int64_t now);

#endif
