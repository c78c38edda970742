/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cookie.h"

#include <string.h>

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at)
{
    while (is_blank(*at)) {
        at++;
    }
    return at;
}

/* Returns the value if the pair at the head of text has that name. */
static const char *value_if_named(const char *pair, const char *name,
                                  size_t *len)
{
    size_t name_len = strlen(name);
    const char *value;

    if (strncmp(pair, name, name_len) != 0) {
        return NULL;
    }
    value = skip_blanks(pair + name_len);
    if (*value != '=') {
        return NULL;
    }
    value = skip_blanks(value + 1);
    *len = strcspn(value, ";");
    while (*len > 0 && is_blank(value[*len - 1])) {
        (*len)--;
    }
    return value;
}

unsigned cp2fa_cookie_find(const char *header, const char *name,
                           const char **value, size_t *len)
{
    unsigned count = 0;

    while (*header) {
        const char *found;
        size_t n;

        while (is_blank(*header) || *header == ';') {
            header++;
        }
        found = value_if_named(header, name, &n);
        if (found && count++ == 0) {
            *value = found;
            *len = n;
        }
        header += strcspn(header, ";");
    }
    return count;
}

static int is_named(const char *pair, const char *name)
{
    size_t ignored;

    return value_if_named(pair, name, &ignored) != NULL;
}

static int is_of_a_realm(const char *pair, const char *name)
{
    size_t len = strlen(name);

    return strncmp(pair, name, len) == 0 && pair[len] == CP2FA_COOKIE_REALM;
}

/* How far a pair goes: to the next semicolon; or comma, with which httpd joins
 * fields, where one of those begins or ends. */
static size_t pair_len(const char *pair, const char *name,
                       int (*matches)(const char *pair, const char *name))
{
    int is_one = matches(pair, name);
    size_t len = strcspn(pair, ";,");

    while (pair[len] == ',' && !is_one
           && !matches(skip_blanks(pair + len + 1), name)) {
        len += 1 + strcspn(pair + len + 1, ";,");
    }
    return len;
}

static void remove_those(char *header, const char *name,
                         int (*matches)(const char *pair, const char *name))
{
    char *to = header;
    const char *from = header;
    int kept = 0;

    while (*from) {
        size_t blank = 0;
        size_t len;

        while (is_blank(from[blank]) || from[blank] == ';'
               || from[blank] == ',') {
            blank++;
        }
        len = pair_len(from + blank, name, matches);
        if (len > 0 && !matches(from + blank, name)) {
            if (!kept) {
                from += blank;
                blank = 0;
            }
            memmove(to, from, blank + len);
            to += blank + len;
            kept = 1;
        }
        from += blank + len;
    }
    *to = '\0';
}

void cp2fa_cookie_remove(char *header, const char *name)
{
    remove_those(header, name, is_named);
}

void cp2fa_cookie_remove_realms(char *header, const char *name)
{
    remove_those(header, name, is_of_a_realm);
}
