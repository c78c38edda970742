/* SPDX-License-Identifier: Apache-2.0 */
/* Other media types beside it, and its case, don't change the answer. */
#include "fuzz.h"

#include <ctype.h>

#include "core/accept.h"

#define TYPE  "application/json"
#define OTHER "text/html;q=0.9"

static int with(const char *before, const char *accept, const char *after)
{
    size_t size = strlen(before) + strlen(accept) + strlen(after) + 1;
    char *text = fuzz_alloc(size);
    int answer;

    snprintf(text, size, "%s%s%s", before, accept, after);
    answer = cp2fa_accept_names(text, TYPE);
    free(text);
    return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *accept = fuzz_text(data, size);
    int answer = cp2fa_accept_names(accept, TYPE);

    CHECK(answer == 0 || answer == 1);
    CHECK(with(OTHER ", ", accept, "") == answer);
    CHECK(with("", accept, ", " OTHER) == answer);
    CHECK(with("", accept, ", " TYPE) == 1);
    CHECK(with("", accept, "," TYPE ";q=0") == answer);
    CHECK(with("", accept, "," TYPE ";q=0.001") == 1);
    for (char *at = accept; *at; at++) {
        *at = (char)toupper((uint8_t)*at);
    }
    CHECK(cp2fa_accept_names(accept, TYPE) == answer);
    if (answer) {
        CHECK(strstr(accept, "APPLICATION/JSON"));
    }
    free(accept);
    return 0;
}
