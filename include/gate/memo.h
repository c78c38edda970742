/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_MEMO_H
#define CP2FA_GATE_MEMO_H

#include <httpd.h>

#include "gate/version.h"
#include "store/sessions.h"

/* What a connection knows of its last request: browsers send the same cookies
 * again and again. It lives as long as the connection, which one request uses
 * at a time; a proxy before us may share it among browsers. Streams of HTTP/2
 * run at the same time, and nothing is noted for them. */

/**
 * The hash of the token (core/token.h) in the cookie of that name, from
 * r->pool, or NULL: there is none, or there are two, or it is malformed. A
 * Cookie header is compared as a whole with the last one, in constant time.
 */
const char *cp2fa_memo_hash(request_rec *r, const char *header,
                            const char *name);

/** What an application gets to see of that header; NULL where it is not known
 * yet. All of it: the header itself. */
const char *cp2fa_memo_left(request_rec *r, const char *header);

/** Notes that. */
void cp2fa_memo_leave(request_rec *r, const char *header, const char *left);

/** Notes a session that the cache gave, and as of which version. */
void cp2fa_memo_note(request_rec *r, const struct cp2fa_session *session,
                     const struct cp2fa_version *version);

#define CP2FA_PASS_TEXTS 768

/** A session, and what comes of it for a request that it lets in. */
struct cp2fa_pass {
    struct cp2fa_session session;
    const char *user; /* its name once more: r->user is anybody's to write */
    const char *auth_time; /* as text */
    int alone;             /* it came with no cookie but ours */
    size_t len;            /* of the texts that all these are in */
    char texts[CP2FA_PASS_TEXTS];
};

/**
 * Notes that a request was let in by the session noted, which has passed a
 * second factor: so is the same again, for so long, if nothing has changed.
 */
void cp2fa_memo_pass(request_rec *r, const struct cp2fa_session *session,
                     apr_time_t since, apr_time_t until);

/**
 * That pass, from r->pool, if this request is the same again: its cookies, its
 * host, all that the configuration says of its place, AuthType and AuthName
 * included. Else NULL.
 */
struct cp2fa_pass *cp2fa_memo_again(request_rec *r, apr_time_t now);

#endif
