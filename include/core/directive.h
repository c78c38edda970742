/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_DIRECTIVE_H
#define CP2FA_CORE_DIRECTIVE_H

#include "core/bytes.h"

/**
 * Splits a line of httpd's configuration into words, in place, as httpd does:
 * blanks between, quotes of either kind around, a backslash before a quote
 * within. A section's ">" is dropped. What is more than `most` words is left
 * out. Returns how many; 0 for a blank line or a comment.
 */
int cp2fa_directive_words(char *line, char **words, int most);

#endif
