/* SPDX-License-Identifier: Apache-2.0 */
#include "core/template.h"

#include <stdint.h>
#include <string.h>

#define OPEN  "{{"
#define CLOSE "}}"

static const char *find(const struct cp2fa_value *values, size_t count,
                        const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(values[i].name) == len
            && memcmp(values[i].name, name, len) == 0) {
            return values[i].text;
        }
    }
    return NULL;
}

/* C0, DEL, and C1 as UTF-8 has it (C2 80 to C2 9F): both of its bytes. */
static void blank_controls(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];

        if (c < 0x20 || c == 0x7f) {
            text[i] = ' ';
        }
        else if (c == 0xc2 && i + 1 < len && (uint8_t)text[i + 1] < 0xa0) {
            text[i] = ' ';
            text[i + 1] = ' ';
        }
    }
}

int cp2fa_template_render(const char *text, const struct cp2fa_value *values,
                          size_t count, char *out, size_t size,
                          const char **wrong)
{
    size_t n = 0;

    *wrong = NULL;
    while (*text) {
        const char *open = strstr(text, OPEN);
        size_t plain = open ? (size_t)(open - text) : strlen(text);
        const char *value = "";
        const char *close = NULL;

        if (open) {
            const char *name = open + strlen(OPEN);

            close = strstr(name, CLOSE);
            value = close ? find(values, count, name, (size_t)(close - name))
                          : NULL;
            if (!value) {
                *wrong = open;
                return -1;
            }
        }
        if (plain + strlen(value) >= size - n) {
            return -1;
        }
        memcpy(out + n, text, plain);
        n += plain;
        memcpy(out + n, value, strlen(value));
        blank_controls(out + n, strlen(value));
        n += strlen(value);
        text = close ? close + strlen(CLOSE) : text + plain;
    }
    if (n >= size) {
        return -1;
    }
    out[n] = '\0';
    return (int)n;
}
