/* SPDX-License-Identifier: Apache-2.0 */
/* A cookie that was taken out isn't there, and the others are as they were. */
#include "fuzz.h"

#include "core/cookie.h"

#define NAME "id"

/* Without these at its begin, and without blanks at its end. */
static const char *trimmed(const char *from, size_t *len, const char *these)
{
    while (*len > 0 && strchr(" \t", from[*len - 1])) {
        (*len)--;
    }
    while (*len > 0 && strchr(these, *from)) {
        from++;
        (*len)--;
    }
    return from;
}

static int is_named(const char *pair, size_t len)
{
    const char *sign = memchr(pair, '=', len);
    size_t n = sign ? (size_t)(sign - pair) : 0;

    trimmed(pair, &n, " \t");
    return n == strlen(NAME) && memcmp(pair, NAME, n) == 0;
}

static int is_realms(const char *pair, size_t len)
{
    return len > strlen(NAME) && memcmp(pair, NAME "+", strlen(NAME) + 1) == 0;
}

/* Up to a comma only where something meant is on one of its sides. */
static size_t segment(const char *from, size_t len,
                      int (*meant)(const char *, size_t))
{
    size_t before = len;
    const char *first = trimmed(from, &before, " \t,");

    for (size_t i = (size_t)(first - from); i < len; i++) {
        size_t rest = len - i - 1;
        const char *next = from + i + 1;

        while (rest > 0 && (*next == ' ' || *next == '\t')) {
            next++;
            rest--;
        }
        if (from[i] == ',' && (meant(first, before) || meant(next, rest))) {
            return i;
        }
    }
    return len;
}

/* What is between commas, a line each: the two around one that is taken out
 * become one. */
static char *write_pieces(const char *pair, size_t len, char *out)
{
    while (len > 0) {
        const char *comma = memchr(pair, ',', len);
        size_t all = comma ? (size_t)(comma - pair) : len;
        size_t n = all;
        const char *piece = trimmed(pair, &n, " \t");

        memcpy(out, piece, n);
        out += n;
        if (n > 0) {
            *out++ = '\n';
        }
        pair += all + (comma != NULL);
        len -= all + (comma != NULL);
    }
    return out;
}

/* The pairs that aren't meant, one a line, in a way of our own. */
static unsigned others(const char *header, int (*meant)(const char *, size_t),
                       char *out)
{
    unsigned count = 0;

    while (*header) {
        size_t all = segment(header, strcspn(header, ";"), meant);
        size_t len = all;
        const char *pair = trimmed(header, &len, " \t,");

        if (len > 0 && meant(pair, len)) {
            count++;
        }
        else if (len > 0) {
            out = write_pieces(pair, len, out);
        }
        header += all + (header[all] != '\0');
    }
    *out = '\0';
    return count;
}

static unsigned check_removal(const char *header,
                              int (*meant)(const char *, size_t),
                              void (*removal)(char *, const char *))
{
    size_t len = strlen(header);
    char *left = fuzz_text((const uint8_t *)header, len);
    char *before = fuzz_alloc(len + 2);
    char *after = fuzz_alloc(len + 2);
    char *twice;
    unsigned count = others(header, meant, before);

    removal(left, NAME);
    CHECK(strlen(left) <= len);
    CHECK(others(left, meant, after) == 0);
    CHECK(!strcmp(before, after));
    twice = fuzz_text((const uint8_t *)left, strlen(left));
    removal(twice, NAME);
    CHECK(!strcmp(left, twice));
    free(twice);
    free(after);
    free(before);
    free(left);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *header = fuzz_text(data, size);
    const char *value = NULL;
    size_t len = 0;
    unsigned count = cp2fa_cookie_find(header, NAME, &value, &len);

    if (count > 0) {
        size_t n = len;

        CHECK(value >= header && value + len <= header + strlen(header));
        CHECK(!memchr(value, ';', len));
        CHECK(trimmed(value, &n, " \t") == value && n == len);
    }
    CHECK(count <= check_removal(header, is_named, cp2fa_cookie_remove));
    check_removal(header, is_realms, cp2fa_cookie_remove_realms);
    free(header);
    return 0;
}
