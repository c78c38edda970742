/* SPDX-License-Identifier: Apache-2.0 */
#include "core/packed.h"

#include <string.h>

#define FORM     "s2" /* another version's is another */
#define FORM_LEN (sizeof(FORM) - 1)
#define TEXTS_AT (FORM_LEN + CP2FA_PACKED_TIMES * sizeof(int64_t))

static void write_time(char *out, int64_t time)
{
    for (size_t i = 0; i < sizeof(time); i++) {
        out[i] = (char)(uint8_t)((uint64_t)time >> 8 * i);
    }
}

static int64_t read_time(const char *from)
{
    uint64_t time = 0;

    for (size_t i = 0; i < sizeof(time); i++) {
        time |= (uint64_t)(uint8_t)from[i] << 8 * i;
    }
    return (int64_t)time;
}

size_t cp2fa_packed_write(const struct cp2fa_packed *from, char *out,
                          size_t size)
{
    size_t len = TEXTS_AT;

    if (size < len) {
        return 0;
    }
    memcpy(out, FORM, FORM_LEN);
    for (size_t i = 0; i < CP2FA_PACKED_TIMES; i++) {
        write_time(out + FORM_LEN + i * sizeof(int64_t), from->times[i]);
    }
    for (size_t i = 0; i < CP2FA_PACKED_TEXTS; i++) {
        size_t n = strlen(from->texts[i]) + 1;

        if (n > size - len) {
            return 0;
        }
        memcpy(out + len, from->texts[i], n);
        len += n;
    }
    return len;
}

int cp2fa_packed_read(const char *bytes, size_t len, struct cp2fa_packed *to)
{
    const char *end = bytes + len;
    const char *rest = bytes + TEXTS_AT;

    if (len < TEXTS_AT || memcmp(bytes, FORM, FORM_LEN) != 0) {
        return -1;
    }
    for (size_t i = 0; i < CP2FA_PACKED_TIMES; i++) {
        to->times[i] = read_time(bytes + FORM_LEN + i * sizeof(int64_t));
        if (to->times[i] < 0 || to->times[i] > CP2FA_PACKED_TIME_MAX) {
            return -1;
        }
    }
    for (size_t i = 0; i < CP2FA_PACKED_TEXTS; i++) {
        const char *nul = memchr(rest, '\0', (size_t)(end - rest));

        if (!nul) {
            return -1;
        }
        to->texts[i] = rest;
        rest = nul + 1;
    }
    return rest == end ? 0 : -1;
}
