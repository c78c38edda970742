/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_MEMO_H
#define CP2FA_GATE_MEMO_H

#include <httpd.h>

/**
 * The hash of a token that came in a cookie (core/token.h), from r->pool, or
 * NULL if it is malformed. A connection remembers its last token until it is
 * closed, so that a browser's next request spares the work: what it sends is
 * compared as a whole, in constant time.
 */
const char *cp2fa_memo_hash(request_rec *r, const char *value, size_t len);

#endif
