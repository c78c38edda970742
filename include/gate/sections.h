/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_SECTIONS_H
#define CP2FA_GATE_SECTIONS_H

#include <httpd.h>

/**
 * Looks through the sections of a server's configuration. Returns NULL, or
 * the first thing that can't work: TwoFactor without any authentication, pages
 * that are not there, that are outside the guarded place, or where other rules
 * hold than there. What patterns and expressions match, nobody can say before
 * a request comes. Sentences are from p.
 */
const char *cp2fa_sections_check(apr_pool_t *p, server_rec *s);

#endif
