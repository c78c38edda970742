/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_RECORD_H
#define CP2FA_GATE_RECORD_H

#include "store/sessions.h"

/* A session as the cache has it. */

#define CP2FA_RECORD_MAX 1024

/** Writes it; the length, or 0 if it is too long for one. */
size_t cp2fa_record_write(const struct cp2fa_session *session,
                          char record[CP2FA_RECORD_MAX]);

/** Reads it, from p, or NULL. The cache can be a server elsewhere: what it
 * says is checked like any input. The record, from p, becomes the session's. */
struct cp2fa_session *cp2fa_record_read(apr_pool_t *p, const char *hash,
                                        char *record, size_t len);

#endif
