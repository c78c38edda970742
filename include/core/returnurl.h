/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_RETURNURL_H
#define CP2FA_CORE_RETURNURL_H

#include <stddef.h>

#define CP2FA_RETURNURL_MAX 2048 /* bytes */

/**
 * Says whether a browser told to go to url stays on this origin, however it
 * reads the text: an absolute path of printable ASCII without backslashes,
 * empty or dot segments and fragment, and a query. Returns 1 or 0.
 */
int cp2fa_returnurl_safe(const char *url);

#endif
