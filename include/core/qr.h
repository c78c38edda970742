/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_QR_H
#define CP2FA_CORE_QR_H

#include <stddef.h>

#include "core/bytes.h"

#define CP2FA_QR_SVG_MAX 65536

/**
 * Draws text as a QR code: one SVG, black on white with the quiet zone of
 * four modules, all dark modules in one path. The whole project's only
 * markup in C. Returns its length, or -1 if the text is too long for a code,
 * the SVG for size, or there is no memory.
 */
int cp2fa_qr_svg(const char *text, char *out, size_t size) CP2FA_USE_RESULT;

#define CP2FA_QR_TERMINAL_MAX 65536

/**
 * Draws it for a terminal that knows UTF-8 and ANSI colours: two rows of
 * modules a line in half blocks, black on white whatever the terminal's own
 * colours are, with the quiet zone. Returns as above.
 */
int cp2fa_qr_terminal(const char *text, char *out,
                      size_t size) CP2FA_USE_RESULT;

#endif
