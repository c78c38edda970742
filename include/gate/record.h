/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_RECORD_H
#define CP2FA_GATE_RECORD_H

#include <httpd.h>

#include "store/sessions.h"

/* What the session cache keeps ends in a code that only we can make, over it
 * and what it is about. A cache may be a server elsewhere, or a segment gone
 * bad: a record changed, cut, made up or about something else is none, and the
 * database, or the password's provider, is asked. */

#define CP2FA_RECORD_MAX 1024

/** Appends the code to a record of len bytes. Returns the new length, or 0. */
size_t cp2fa_record_seal(server_rec *s, const char *about,
                         char record[CP2FA_RECORD_MAX], size_t len);

/** Takes the code off. Returns the length without it, or 0: it is not that
 * record's. */
size_t cp2fa_record_open(server_rec *s, const char *about, const char *record,
                         size_t len);

/** Writes a session, without a code; the length, or 0 if it is too long for a
 * record. */
size_t cp2fa_record_write(const struct cp2fa_session *session,
                          char record[CP2FA_RECORD_MAX]);

/** Reads that, or NULL. The record, from p, becomes the session's. */
struct cp2fa_session *cp2fa_record_read(apr_pool_t *p, const char *hash,
                                        char *record, size_t len);

#endif
