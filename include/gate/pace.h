/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_PACE_H
#define CP2FA_GATE_PACE_H

#include <apr_pools.h>
#include <apr_time.h>

/* An unknown name must not answer sooner than a wrong password. What a check
 * costs depends on the providers (bcrypt of any cost, a directory far away), so
 * it is learned from checks of names that they know, in memory that all
 * children share, and every refusal takes about that long. */

struct cp2fa_pace;

/** Makes one while the configuration is read, or NULL without shared memory. */
struct cp2fa_pace *cp2fa_pace_create(apr_pool_t *pconf);

/** Learns from a check of a known name, which took so long. */
void cp2fa_pace_learn(struct cp2fa_pace *pace, apr_interval_time_t took);

/** Before a refusal that took so long already: waits for the rest. Until
 * something was learned, it hashes the password as htpasswd -B does. */
void cp2fa_pace_fill(const struct cp2fa_pace *pace, apr_interval_time_t took,
                     const char *password);

#endif
