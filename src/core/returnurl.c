/* SPDX-License-Identifier: Apache-2.0 */
#include "core/returnurl.h"

#include <string.h>

/* WHATWG URL treats these spellings as dot segments, too. */
static int is_dot_segment(const char *segment, size_t len)
{
    static const char *const dots[] = {
        ".",    "%2e",  "%2E",    "..",     ".%2e",   ".%2E",
        "%2e.", "%2E.", "%2e%2e", "%2e%2E", "%2E%2e", "%2E%2E",
    };

    for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++) {
        if (strlen(dots[i]) == len && memcmp(dots[i], segment, len) == 0) {
            return 1;
        }
    }
    return 0;
}

int cp2fa_returnurl_safe(const char *url)
{
    size_t len = strlen(url);
    size_t path = strcspn(url, "?");

    if (url[0] != '/' || len > CP2FA_RETURNURL_MAX) {
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        if (url[i] <= ' ' || url[i] > '~' || url[i] == '\\' || url[i] == '#') {
            return 0;
        }
    }
    for (size_t at = 1; at < path;) {
        size_t n = strcspn(url + at, "/?");

        if (n == 0 || is_dot_segment(url + at, n)) {
            return 0;
        }
        at += n + 1;
    }
    return 1;
}
