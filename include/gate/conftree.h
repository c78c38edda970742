/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_CONFTREE_H
#define CP2FA_GATE_CONFTREE_H

#include <httpd.h>

/**
 * Looks at the configuration's own text, for what other modules keep to
 * themselves. Returns NULL, or a sentence from p that names the line: an
 * AuthName by which a client could choose its realm, or, where
 * TwoFactorPasswordReuse is used, a section that names providers of its own and
 * doesn't say whether that is to hold there.
 */
const char *cp2fa_conftree_check(apr_pool_t *p, server_rec *main_server);

#endif
