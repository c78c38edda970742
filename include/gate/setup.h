/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_SETUP_H
#define CP2FA_GATE_SETUP_H

#include <httpd.h>

/* From the configuration to a running server: what can't work stops
 * configtest, or the start, with one line that says what to change. */

/** Registers what must be registered before the configuration is read. */
int cp2fa_setup_pre_config(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp);

/** In configtest, too: modules, sections, key file. Changes nothing. */
int cp2fa_setup_check_config(apr_pool_t *pconf, apr_pool_t *plog,
                             apr_pool_t *ptemp, server_rec *s);

/** Makes key file and database where there are none, proves both. */
int cp2fa_setup_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                            apr_pool_t *ptemp, server_rec *s);

#endif
