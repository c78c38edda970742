/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_RESEAL_H
#define CP2FA_SERVICE_RESEAL_H

#include "service/service.h"

/* A rotation of keys, as far as the database goes. Secrets are sealed anew;
 * recovery codes and mailed tokens are HMACs, which nobody can make anew: they
 * stay under their key until they are used up. */

/** A walk over all secrets; all 0 and after "" at first. */
struct cp2fa_reseal {
    const char *after; /* id of the last device seen, from p */
    int64_t seen;
    int64_t resealed;
    int64_t unopened; /* do not open; each was complained of */
};

/**
 * Seals the next 50 secrets under the active key, each swapped for the very
 * one that was read, so that servers go on meanwhile. OK, NONE past the end,
 * or FAILED.
 */
enum cp2fa_db_result cp2fa_reseal_some(const struct cp2fa_service *service,
                                       apr_pool_t *p, struct cp2fa_reseal *walk)
    CP2FA_USE_RESULT;

/** What is under a key. */
struct cp2fa_key_use {
    char id[CP2FA_KEY_ID_MAX + 1];
    int in_file;
    int active;
    int known;  /* a server that started since has read it */
    int sealed; /* and has sealed with it */
    int64_t secrets;
    int64_t codes;
    int64_t mail_tokens;
    int64_t mails; /* in the outbox, with a token */
};

#define CP2FA_KEY_USES (2 * CP2FA_KEYS_MAX)

/** Counts, for the keys of the ring in its order, then for any others that
 * the database names. OK or FAILED. */
enum cp2fa_db_result cp2fa_reseal_count(
    const struct cp2fa_service *service, apr_pool_t *p,
    struct cp2fa_key_use uses[CP2FA_KEY_USES], int *count) CP2FA_USE_RESULT;

#endif
