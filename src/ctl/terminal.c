/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/terminal.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"

#define COLUMNS_MAX 16
#define CELL_MAX    512

#define SECONDS_LEAST 100000000 /* since 1970: a time, not an age */

json_t *cp2fa_terminal_time(int64_t seconds)
{
    char text[32];
    time_t t = (time_t)seconds;
    struct tm tm;

    if (seconds == 0 || !gmtime_r(&t, &tm)) {
        return json_null();
    }
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return json_string(text);
}

/* What is no UTF-8 can't be told as it is, and its row must not be missing. */
static json_t *disarmed(const char *text)
{
    char copy[CELL_MAX];

    snprintf(copy, sizeof(copy), "%s", text);
    cp2fa_terminal_disarm(copy);
    return json_string(copy);
}

json_t *cp2fa_terminal_text(const char *text)
{
    json_t *string = text && *text ? json_string(text) : NULL;

    return string ? string : text && *text ? disarmed(text) : json_null();
}

void cp2fa_terminal_disarm(char *text)
{
    int is_utf8 = cp2fa_text_is_utf8(text, strlen(text));

    for (char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f
            || (!is_utf8 && (unsigned char)*at >= 0x80)) {
            *at = '?';
        }
        else if ((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80
                 && (unsigned char)at[1] < 0xa0) {
            at[0] = at[1] = '?'; /* C1: 0x9b is a CSI */
        }
    }
}

static void cell(const json_t *value, char out[CELL_MAX])
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        snprintf(out, CELL_MAX, "%s", json_string_value(value));
        break;
    case JSON_INTEGER:
        snprintf(out, CELL_MAX, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
        break;
    case JSON_TRUE:
        snprintf(out, CELL_MAX, "yes");
        break;
    case JSON_FALSE:
        snprintf(out, CELL_MAX, "no");
        break;
    case JSON_NULL:
    case JSON_REAL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        snprintf(out, CELL_MAX, "-");
        break;
    }
    cp2fa_terminal_disarm(out);
}

/* Characters, not bytes: names are UTF-8. */
static int width_of(const char *text)
{
    int n = 0;

    for (; *text; text++) {
        n += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return n;
}

static void put(const char *text, int width, int last)
{
    printf("%s%*s", text, last ? 0 : width - width_of(text) + 2, "");
}

static void list_text(const json_t *rows, const char *const columns[])
{
    int width[COLUMNS_MAX];
    char text[CELL_MAX];
    size_t index;
    json_t *row;
    int n = 0;

    for (; n < COLUMNS_MAX && columns[n]; n++) {
        width[n] = width_of(columns[n]);
        json_array_foreach(rows, index, row)
        {
            cell(json_object_get(row, columns[n]), text);
            width[n] = width_of(text) > width[n] ? width_of(text) : width[n];
        }
    }
    for (int i = 0; i < n; i++) {
        snprintf(text, sizeof(text), "%s", columns[i]);
        for (char *at = text; *at; at++) {
            *at = (char)toupper((unsigned char)*at);
        }
        put(text, width[i], i == n - 1);
    }
    putchar('\n');
    json_array_foreach(rows, index, row)
    {
        for (int i = 0; i < n; i++) {
            cell(json_object_get(row, columns[i]), text);
            put(text, width[i], i == n - 1);
        }
        putchar('\n');
    }
}

static int end_of(json_t *json)
{
    json_decref(json);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cp2fa_ctl_say("the output can't be written");
        return EX_IOERR;
    }
    return EX_OK;
}

int cp2fa_terminal_list(const struct cp2fa_ctl *ctl, json_t *rows,
                        const char *const columns[])
{
    if (ctl->options.json) {
        json_dumpf(rows, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    else {
        list_text(rows, columns);
    }
    return end_of(rows);
}

static void show_text(const json_t *object)
{
    char text[CELL_MAX];
    const char *key;
    json_t *value;
    size_t index;
    json_t *one;

    json_object_foreach((json_t *)object, key, value)
    {
        if (!json_is_array(value)) {
            cell(value, text);
            printf("%-16s%s\n", key, text);
            continue;
        }
        json_array_foreach(value, index, one)
        {
            const char *inner;
            json_t *part;

            printf("%-16s", index == 0 ? key : "");
            json_object_foreach(one, inner, part)
            {
                cell(part, text);
                printf("%s=%s  ", inner, text);
            }
            putchar('\n');
        }
    }
}

int cp2fa_terminal_show(const struct cp2fa_ctl *ctl, json_t *object)
{
    if (ctl->options.json) {
        json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    else {
        show_text(object);
    }
    return end_of(object);
}

int cp2fa_terminal_read(const char *prompt, char *out, size_t size)
{
    if (isatty(STDIN_FILENO)) {
        fprintf(stderr, "%s", prompt);
        fflush(stderr);
    }
    if (!fgets(out, (int)size, stdin)) {
        return -1;
    }
    out[strcspn(out, "\r\n")] = '\0';
    return 0;
}

int cp2fa_terminal_confirm(const struct cp2fa_ctl *ctl, const char *format, ...)
{
    char question[1024];
    char answer[16];
    va_list args;

    if (ctl->options.yes) {
        return EX_OK;
    }
    va_start(args, format);
    vsnprintf(question, sizeof(question), format, args);
    va_end(args);
    cp2fa_terminal_disarm(question);
    if (!isatty(STDIN_FILENO)) {
        cp2fa_ctl_say("%s There is no terminal to ask: say --yes", question);
        return EX_USAGE;
    }
    fprintf(stderr, "%s Go on?", question);
    if (cp2fa_terminal_read(" [y/N] ", answer, sizeof(answer)) != 0
        || (strcmp(answer, "y") != 0 && strcmp(answer, "yes") != 0)) {
        cp2fa_ctl_say("nothing was changed");
        return EX_USAGE;
    }
    return EX_OK;
}

int cp2fa_terminal_parse_time(const char *text, int64_t now, int64_t *seconds)
{
    static const char *const formats[] = {
        "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",     "%Y-%m-%d",
    };
    int64_t ago;

    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        struct tm tm = {0};
        const char *end = strptime(text, formats[i], &tm);

        if (end && *end == '\0') {
            *seconds = (int64_t)timegm(&tm);
            return 0;
        }
    }
    if (cp2fa_text_number(text, SECONDS_LEAST, INT64_MAX / 2, seconds) == 0) {
        return 0;
    }
    /* an age with its unit: of a bare number nobody knows what it is */
    if (!isdigit((unsigned char)text[text[0] ? strlen(text) - 1 : 0])
        && cp2fa_text_duration(text, &ago) == 0) {
        *seconds = now - ago;
        return 0;
    }
    return -1;
}
