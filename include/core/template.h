/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_TEMPLATE_H
#define CP2FA_CORE_TEMPLATE_H

#include <stddef.h>

#include "core/bytes.h"

/** What stands for {{name}} in a template. */
struct cp2fa_value {
    const char *name;
    const char *text;
};

/**
 * Fills in a mail's template. Values are taken as they are and not looked
 * through again; their control characters, line breaks above all, become
 * blanks. Returns the length, with a NUL behind it; or -1 with *wrong the
 * place in text where a name is unknown or unclosed, NULL if it does not fit.
 */
int cp2fa_template_render(const char *text, const struct cp2fa_value *values,
                          size_t count, char *out, size_t size,
                          const char **wrong) CP2FA_USE_RESULT;

#endif
