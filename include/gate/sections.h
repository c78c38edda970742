/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_SECTIONS_H
#define CP2FA_GATE_SECTIONS_H

#include <httpd.h>

/**
 * Looks through every section of a server's configuration. Sets *used if
 * TwoFactor is on in one. Returns NULL, or the first thing that can't work:
 * TwoFactor without any authentication, pages that are not there, or that
 * are outside the guarded place. Sentences are from p.
 */
const char *cp2fa_sections_check(apr_pool_t *p, server_rec *s, int *used);

#endif
