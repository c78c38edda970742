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

#endif
