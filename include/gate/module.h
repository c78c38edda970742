/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_MODULE_H
#define CP2FA_GATE_MODULE_H

#include <httpd.h>
#include <http_config.h>

/* A function that is not to be made part of one that every request runs
 * through, on whose way it seldom is. */
#define CP2FA_SELDOM __attribute__((cold, noinline))

/* The module record stands in mod_cp2fa.c. It is the key to what httpd keeps
 * for the module in a server, a location, or a request; and the one symbol
 * that the shared object shows to others. */
extern module AP_MODULE_DECLARE_DATA cp2fa_module
    __attribute__((visibility("default")));

#endif
