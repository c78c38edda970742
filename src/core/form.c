/* SPDX-License-Identifier: Apache-2.0 */
#include "core/form.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) & 15 : -1;
}

int cp2fa_form_decode(char *text)
{
    char *to = text;
    char *start = text;

    for (; *text; text++) {
        if (*text == '+') {
            *to++ = ' ';
        }
        else if (*text == '%') {
            int high = hex_digit(text[1]);
            int low = high < 0 ? -1 : hex_digit(text[2]);

            if (low < 0 || (high == 0 && low == 0)) {
                return -1;
            }
            *to++ = (char)(high << 4 | low);
            text += 2;
        }
        else {
            *to++ = *text;
        }
    }
    *to = '\0';
    return cp2fa_text_is_utf8(start, (size_t)(to - start)) ? 0 : -1;
}

static int add_field(struct cp2fa_form *form, char *pair)
{
    char *value = strchr(pair, '=');

    if (form->count == CP2FA_FORM_FIELDS) {
        return -1;
    }
    if (value) {
        *value++ = '\0';
    }
    else {
        value = pair + strlen(pair);
    }
    if (cp2fa_form_decode(pair) != 0 || cp2fa_form_decode(value) != 0
        || cp2fa_form_get(form, pair)) {
        return -1;
    }
    form->fields[form->count].name = pair;
    form->fields[form->count].value = value;
    form->count++;
    return 0;
}

int cp2fa_form_parse(struct cp2fa_form *form)
{
    char *at = form->body;

    form->count = 0;
    form->body[form->len] = '\0';
    if (strlen(form->body) != form->len) {
        return -1;
    }
    while (*at) {
        char *end = at + strcspn(at, "&");
        char *next = *end ? end + 1 : end;

        *end = '\0';
        if (*at && add_field(form, at) != 0) {
            return -1;
        }
        at = next;
    }
    return 0;
}

const char *cp2fa_form_get(const struct cp2fa_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) == 0) {
            return form->fields[i].value;
        }
    }
    return NULL;
}

int cp2fa_form_encode(const char *text, char *out, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~/";

    for (; *text; text++) {
        size_t len = strchr(plain, *text) ? 1 : 3;

        if (size <= len) {
            return -1;
        }
        if (len == 1) {
            *out = *text;
        }
        else {
            snprintf(out, 4, "%%%02X", (unsigned)(unsigned char)*text);
        }
        out += len;
        size -= len;
    }
    if (size == 0) {
        return -1;
    }
    *out = '\0';
    return 0;
}
