/* SPDX-License-Identifier: Apache-2.0 */
/* A string of times as a database may hold it, spoilt or not. */
#include "fuzz.h"

#include "core/mailrate.h"
#include "core/throttle.h"

#define NOW       INT64_C(1700000000000000)
#define LAST_TIME "9999999999999999 "

static void check_reserve(const char *times)
{
    const struct cp2fa_throttle throttle = {20, INT64_C(86400) * 1000000};
    struct cp2fa_attempts before = {"", 0, 0};
    struct cp2fa_attempts after;
    char entry[CP2FA_FAILURE_LEN + 1];
    size_t len;
    unsigned wait;

    memcpy(before.failures, times, strlen(times) + 1);
    CHECK(cp2fa_throttle_ask(&before, NOW, &wait) == CP2FA_THROTTLE_GO);
    cp2fa_throttle_reserve(&throttle, &before, NOW, &after, entry);
    len = strlen(after.failures);
    CHECK(cp2fa_throttle_valid(after.failures));
    CHECK(len >= CP2FA_FAILURE_LEN && len <= CP2FA_FAILURES_TEXT);
    CHECK(!strcmp(after.failures + len - CP2FA_FAILURE_LEN, entry));
    CHECK(!strstr(times, entry));
    CHECK((cp2fa_throttle_ask(&after, NOW, &wait) == CP2FA_THROTTLE_LOCKED)
          == (len >= 20 * CP2FA_FAILURE_LEN));
    CHECK(wait <= 3600);
    CHECK(cp2fa_throttle_count(&throttle, &after, NOW)
          == len / CP2FA_FAILURE_LEN);
}

static void check_mailrate(const char *times, int valid)
{
    char after[CP2FA_MAILRATE_TEXT + 1];
    unsigned wait;

    if (cp2fa_mailrate_next(times, NOW, after, &wait) == 0) {
        CHECK(valid && strlen(after) <= CP2FA_MAILRATE_TEXT);
        CHECK(cp2fa_mailrate_next(after, NOW, after, &wait) == -1);
    }
    CHECK(wait >= 1 && wait <= 86400);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *times = fuzz_text(data, size);
    int valid = cp2fa_throttle_valid(times);

    if (valid) {
        int tells = cp2fa_throttle_tells(times);

        CHECK(strlen(times) % CP2FA_FAILURE_LEN == 0);
        CHECK(tells == 0 || tells == 1);
        /* one more than the last would have 17 digits */
        if (!strstr(times, LAST_TIME)) {
            check_reserve(times);
        }
    }
    check_mailrate(times, valid);
    free(times);
    return 0;
}
