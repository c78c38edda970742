/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever text is drawn, the markup has none of it. */
#include "fuzz.h"

#include "core/qr.h"

static unsigned count_of(const char *text, char c)
{
    unsigned count = 0;

    for (; *text; text++) {
        count += *text == c;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *svg = fuzz_alloc(CP2FA_QR_SVG_MAX);
    int n = cp2fa_qr_svg(text, svg, CP2FA_QR_SVG_MAX);
    static unsigned tags; /* as many as in the first one */

    if (n >= 0) {
        tags = tags ? tags : count_of(svg, '<');
        CHECK(strlen(svg) == (size_t)n);
        CHECK(strncmp(svg, "<svg ", 5) == 0);
        CHECK(!strcmp(svg + n - 7, "</svg>\n"));
        CHECK(count_of(svg, '<') == tags && count_of(svg, '>') == tags);
        svg = fuzz_realloc(svg, (size_t)n); /* a byte too short */
        CHECK(cp2fa_qr_svg(text, svg, (size_t)n) == -1);
    }
    free(svg);
    free(text);
    return 0;
}
