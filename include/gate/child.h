/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_CHILD_H
#define CP2FA_GATE_CHILD_H

#include <httpd.h>

/** What a child can't inherit: connections, the cache's mutex. */
void cp2fa_child_init(apr_pool_t *p, server_rec *s);

/** Logs what a database answered; baton is the main server. */
void cp2fa_child_complain(void *baton, const char *line);

#endif
