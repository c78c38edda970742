/* SPDX-License-Identifier: Apache-2.0 */
#include "core/directive.h"

#include <string.h>

#define BLANKS " \t\r\n\v\f"

/* Ends the word that begins at *text, and leads *text behind it. */
static char *quoted(char **text)
{
    char quote = *(*text)++;
    char *word = *text;
    char *to = word;

    while (**text && **text != quote) {
        if (**text == '\\' && ((*text)[1] == quote || (*text)[1] == '\\')) {
            (*text)++;
        }
        *to++ = *(*text)++;
    }
    if (**text) {
        (*text)++;
    }
    *to = '\0';
    return word;
}

static char *plain(char **text)
{
    char *word = *text;

    *text += strcspn(*text, BLANKS);
    if (**text) {
        *(*text)++ = '\0';
    }
    return word;
}

static void drop_section_end(char *line)
{
    size_t len = strlen(line);

    while (len > 0 && strchr(BLANKS, line[len - 1])) {
        line[--len] = '\0';
    }
    if (len > 1 && line[0] == '<' && line[len - 1] == '>') {
        line[len - 1] = '\0';
    }
}

int cp2fa_directive_words(char *line, char **words, int most)
{
    int n = 0;

    line += strspn(line, BLANKS);
    if (*line == '#') {
        return 0;
    }
    drop_section_end(line);
    while (n < most) {
        line += strspn(line, BLANKS);
        if (*line == '\0') {
            break;
        }
        words[n++] =
            *line == '"' || *line == '\'' ? quoted(&line) : plain(&line);
    }
    return n;
}
