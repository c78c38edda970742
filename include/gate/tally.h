/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_TALLY_H
#define CP2FA_GATE_TALLY_H

#include <httpd.h>

#include "gate/decision.h"
#include "gate/password.h"

/* What this node has done since it started (a graceful restart begins anew),
 * counted in memory that its children share. */

enum cp2fa_count {
    CP2FA_COUNT_CACHE_HIT,
    CP2FA_COUNT_CACHE_MISS,
    CP2FA_COUNT_COMPLAINT,   /* of the database: errors and time-outs */
    CP2FA_COUNT_UNAVAILABLE, /* requests answered 503 */
    CP2FA_COUNTS
};

struct cp2fa_tally;

/** Made in post_config, before there are children. NULL: no memory. */
struct cp2fa_tally *cp2fa_tally_create(apr_pool_t *pconf);

/* Each does nothing where tally is NULL. */
void cp2fa_tally_count(struct cp2fa_tally *tally, enum cp2fa_count what);
void cp2fa_tally_decided(struct cp2fa_tally *tally,
                         enum cp2fa_decision decision,
                         enum cp2fa_outcome outcome);
void cp2fa_tally_password(struct cp2fa_tally *tally, enum cp2fa_password said);

/** A number under its name; labels as Prometheus writes them, or "". */
struct cp2fa_sample {
    const char *name;
    const char *help;
    const char *labels;
    uint64_t value;
};
typedef void cp2fa_sample_fn(void *baton, const struct cp2fa_sample *sample);

/** Calls back with each number; those of one name follow each other. */
void cp2fa_tally_each(const struct cp2fa_tally *tally, apr_pool_t *p,
                      cp2fa_sample_fn *call, void *baton);

#endif
