/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_TRANSPORT_H
#define CP2FA_SERVICE_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

#include "core/bytes.h"

/* Ways to hand a mail on: smtp://, smtps://, sendmail:, file:. */

struct cp2fa_transport;

/** A mail as it goes out. */
struct cp2fa_parcel {
    const char *id;
    int64_t created; /* seconds since 1970 */
    const char *from;
    const char *to;
    const char *data; /* with CRLF line ends */
    size_t len;
    /* Set from another thread when the server stops: give up soon. */
    volatile uint32_t *stop;
};

enum cp2fa_sent {
    CP2FA_SENT_OK,    /* taken over by the next one on the way */
    CP2FA_SENT_LATER, /* not now */
    CP2FA_SENT_NEVER, /* refused for good */
};

#define CP2FA_TRANSPORT_PROBLEM 256 /* bytes of a sentence, with its NUL */

/**
 * Reads TwoFactorMail's URL. *transport lives as long as p. Returns NULL, or
 * what is wrong, as the end of a sentence from p.
 */
const char *cp2fa_transport_parse(apr_pool_t *p, const char *url,
                                  struct cp2fa_transport **transport);

/** The file that holds "user:password" for it, or NULL. */
const char *cp2fa_transport_credentials(
    const struct cp2fa_transport *transport);

/** What stood there. Returns 0, or -1 if it is no such line; copied to p. */
int cp2fa_transport_log_in(struct cp2fa_transport *transport, apr_pool_t *p,
                           const char *line) CP2FA_USE_RESULT;

/** What can be seen to be wrong at the start: a program or folder that is not
 * there. Returns NULL or a sentence from p. */
const char *cp2fa_transport_check(const struct cp2fa_transport *transport,
                                  apr_pool_t *p);

/** Sends one mail; takes at most about half a minute. problem says why not. */
enum cp2fa_sent cp2fa_transport_send(
    const struct cp2fa_transport *transport, apr_pool_t *p,
    const struct cp2fa_parcel *parcel,
    char problem[CP2FA_TRANSPORT_PROBLEM]) CP2FA_USE_RESULT;

#endif
