/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_JANITOR_H
#define CP2FA_GATE_JANITOR_H

#include <httpd.h>

/* What is done behind the requests, by a thread of mod_watchdog in one child
 * of the server: mail goes out, and what has expired is cleared away. */

/** Reads what mail needs, the credentials file above all, as the user that
 * starts the server. Returns NULL, or what is wrong. In configtest, too. */
const char *cp2fa_janitor_check(apr_pool_t *pconf, server_rec *s);

/** Hires the janitor: in post_config, before mod_watchdog looks who is there.
 * Returns NULL, or what is wrong. */
const char *cp2fa_janitor_hire(apr_pool_t *pconf, server_rec *s);

#endif
