/* SPDX-License-Identifier: Apache-2.0 */
#include "core/accept.h"

#include <string.h>
#include <strings.h>

#define BLANK " \t"

/* Weight 0 is "0", "0." and up to three more zeros. */
static int is_refused(const char *params, const char *end)
{
    while (params < end) {
        const char *at = params + strspn(params, BLANK ";");

        if ((*at == 'q' || *at == 'Q') && at[1] == '=') {
            return at + 2 + strspn(at + 2, "0.") >= end
                   || strchr(BLANK ";,", at[2 + strspn(at + 2, "0.")]);
        }
        params = at + strcspn(at, ";,");
        if (params == at) {
            break;
        }
    }
    return 0;
}

int cp2fa_accept_names(const char *accept, const char *type)
{
    size_t len = strlen(type);

    while (*accept) {
        const char *at = accept + strspn(accept, BLANK ",");
        const char *end = at + strcspn(at, ",");

        if (strncasecmp(at, type, len) == 0 && strchr(BLANK ";,", at[len])
            && !is_refused(at + len, end)) {
            return 1;
        }
        accept = end;
    }
    return 0;
}
