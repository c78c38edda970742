/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a user's name, a CR in it a line's end; the rest is a
 * template that uses it. */
#include "fuzz.h"

#include "core/template.h"
#include "core/text.h"

#define SIZE 4096

static unsigned lines_of(const char *text)
{
    unsigned count = 0;

    for (; *text; text++) {
        count += *text == '\n';
    }
    return count;
}

/* One more, done letter by letter. Returns NULL where it finds an error. */
static char *filled(const char *text, const struct cp2fa_value *values)
{
    size_t fields = strlen(text) / strlen("{{user}}");
    char *out = fuzz_alloc(strlen(text) + fields * strlen(values[0].text) + 1);
    size_t n = 0;

    while (*text) {
        size_t i = 0;

        if (text[0] != '{' || text[1] != '{') {
            out[n++] = *text++;
            continue;
        }
        for (; i < 2; i++) {
            size_t len = strlen(values[i].name);

            if (strncmp(text + 2, values[i].name, len) == 0
                && strncmp(text + 2 + len, "}}", 2) == 0) {
                memcpy(out + n, values[i].text, strlen(values[i].text));
                n += strlen(values[i].text);
                text += len + 4;
                break;
            }
        }
        if (i == 2) {
            free(out);
            return NULL;
        }
    }
    out[n] = '\0';
    return out;
}

static void check_filled(const char *text, const struct cp2fa_value *values,
                         const char *out, size_t n)
{
    char *expected = filled(text, values);
    char *tight = fuzz_alloc(n + 1);
    const char *wrong;

    CHECK(strlen(out) == n && n < SIZE);
    CHECK(expected && strlen(expected) == n);
    for (size_t i = 0; i < n; i++) {
        CHECK(out[i] == expected[i] || out[i] == ' ');
    }
    CHECK(lines_of(out) == lines_of(text));
    if (cp2fa_text_is_utf8(text, strlen(text))
        && cp2fa_text_is_utf8(values[0].text, strlen(values[0].text))) {
        CHECK(cp2fa_text_is_utf8(out, n));
    }
    CHECK(cp2fa_template_render(text, values, 2, tight, n + 1, &wrong)
          == (int)n);
    CHECK(!strcmp(tight, out));
    tight = fuzz_realloc(tight, n); /* a byte too short */
    CHECK(cp2fa_template_render(text, values, 2, tight, n, &wrong) == -1);
    CHECK(!wrong);
    free(tight);
    free(expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *user = fuzz_line(&data, &size);
    char *text = fuzz_text(data, size);
    char *out = fuzz_alloc(SIZE);
    const struct cp2fa_value values[] = {{"user", user}, {"site", "x.test"}};
    const char *wrong = text;
    int n;

    for (char *at = user; (at = strchr(at, '\r')) != NULL;) {
        *at = '\n';
    }
    n = cp2fa_template_render(text, values, 2, out, SIZE, &wrong);
    if (n >= 0) {
        CHECK(!wrong);
        check_filled(text, values, out, (size_t)n);
    }
    else if (wrong) {
        CHECK(wrong >= text && strncmp(wrong, "{{", 2) == 0);
        CHECK(!filled(text, values));
    }
    free(out);
    free(text);
    free(user);
    return 0;
}
