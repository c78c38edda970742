/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_RECORD_H
#define CP2FA_GATE_RECORD_H

#include <httpd.h>

/* What the session cache keeps ends in a code that only we can make, over it
 * and the session's hash. A cache may be a server elsewhere, or a segment gone
 * bad: a record changed, cut, made up or of another session is none, and the
 * database is asked. */

/** Appends the code to a record of len bytes in a buffer of size. Returns the
 * new length, or -1. */
int cp2fa_record_seal(server_rec *s, const char *hash, void *record, int len,
                      size_t size);

/** Takes the code off. Returns 0, or -1 if it is not that record's. */
int cp2fa_record_open(server_rec *s, const char *hash, const void *record,
                      unsigned *len);

#endif
