/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_FORM_H
#define CP2FA_CORE_FORM_H

#include <stddef.h>

#include "core/bytes.h"

#define CP2FA_FORM_MAX    8192 /* bytes of a body */
#define CP2FA_FORM_FIELDS 32

/**
 * A parsed body of application/x-www-form-urlencoded. The names and values
 * point into body, which the parser decodes in place. Some are secrets, so
 * the owner of the struct wipes the whole of it.
 */
struct cp2fa_form {
    char body[CP2FA_FORM_MAX + 1];
    size_t len;
    struct {
        const char *name;
        const char *value;
    } fields[CP2FA_FORM_FIELDS];
    size_t count;
};

/**
 * Parses form->body[0 .. form->len]. Returns 0, or -1 for a field given
 * twice, a broken %-escape, a NUL, malformed UTF-8 or too many fields.
 */
int cp2fa_form_parse(struct cp2fa_form *form) CP2FA_USE_RESULT;

/** A field's value, or NULL. */
const char *cp2fa_form_get(const struct cp2fa_form *form, const char *name);

/** Decodes %XX and + in place (NUL-terminated). Returns 0, or -1 for a
 * broken escape, a NUL, or malformed UTF-8. */
int cp2fa_form_decode(char *text) CP2FA_USE_RESULT;

/** Percent-encodes all but RFC 3986 "unreserved" and the slash. Returns 0,
 * or -1 if it does not fit into size. */
int cp2fa_form_encode(const char *text, char *out,
                      size_t size) CP2FA_USE_RESULT;

#endif
