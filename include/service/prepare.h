/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_PREPARE_H
#define CP2FA_SERVICE_PREPARE_H

#include <sys/types.h>

#include "service/service.h"

/**
 * Makes the tables in an empty database, and proves that the database and
 * the keys belong together: each key that ever sealed left a canary there,
 * which must open. Sets *made if the tables are new. Returns NULL, or what is
 * wrong, as a sentence from p that says what to change.
 */
const char *cp2fa_prepare(const struct cp2fa_service *service, apr_pool_t *p,
                          int *made);

/** The proof alone; nothing is written. */
const char *cp2fa_prepare_check(const struct cp2fa_service *service,
                                apr_pool_t *p);

/**
 * Whether a server that started since has read the key of that id (sealed: has
 * it sealed with it, too), as the notes of the database say
 * (cp2fa_schema_notes). The key must be in the ring.
 */
int cp2fa_prepare_knows(const struct cp2fa_service *service,
                        const struct cp2fa_rows *notes, const char *id,
                        int sealed);

/** Forgets a key that seals nothing any more. OK or FAILED. */
enum cp2fa_db_result cp2fa_prepare_forget(const struct cp2fa_service *service,
                                          apr_pool_t *p,
                                          const char *id) CP2FA_USE_RESULT;

/**
 * Makes the folder of a file if it is missing: for root, one that httpd's
 * children may add files to but where they can't touch root's (sticky, of
 * their group; -1: for nobody else). Returns NULL, or what is wrong.
 */
const char *cp2fa_prepare_folder(apr_pool_t *p, const char *file, gid_t group);

#endif
