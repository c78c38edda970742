/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_TERMINAL_H
#define CP2FA_CTL_TERMINAL_H

#include "ctl/ctl.h"

/** A column of a listing: the JSON's name, which is also its head. */
typedef const char *const cp2fa_columns[];

/** Prints rows, an array of objects: as JSON, or these columns as text. Frees
 * it. Returns EX_OK, or EX_IOERR. */
int cp2fa_terminal_list(const struct cp2fa_ctl *ctl, json_t *rows,
                        const char *const columns[]);

/** Prints one object: as JSON, or a line each. Frees it. */
int cp2fa_terminal_show(const struct cp2fa_ctl *ctl, json_t *object);

/** Makes question marks of what a terminal would obey, or a reader would take
 * for another line: control characters, and bytes that are no UTF-8. */
void cp2fa_terminal_disarm(char *text);

/** A time as RFC 3339 has it, in UTC, or null for 0. */
json_t *cp2fa_terminal_time(int64_t seconds);

/** Text that came from elsewhere; null where it is empty. */
json_t *cp2fa_terminal_text(const char *text);

/**
 * Asks before something is destroyed. EX_OK to go on; EX_USAGE where nobody
 * can be asked and --yes was not said, or the answer was not y.
 */
int cp2fa_terminal_confirm(const struct cp2fa_ctl *ctl, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Reads a line from the terminal or a pipe, without its end. Returns 0, or
 * -1 at the end of the file. */
int cp2fa_terminal_read(const char *prompt, char *out, size_t size);

/** A time: seconds since 1970, RFC 3339 (2026-11-24, 2026-11-24T06:45Z) in
 * UTC, or a duration such as 2h, which is that long ago. Returns 0 or -1. */
int cp2fa_terminal_parse_time(const char *text, int64_t now, int64_t *seconds);

#endif
