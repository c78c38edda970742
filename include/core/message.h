/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_MESSAGE_H
#define CP2FA_CORE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

/** What a mail's header is made of. */
struct cp2fa_envelope {
    const char *id;   /* letters and digits; the Message-ID, at every try */
    const char *from; /* a valid address */
    const char *to;   /* a valid address */
    int64_t date;     /* seconds since 1970 */
};

/**
 * Writes a mail (RFC 5322, MIME) with CRLF line ends: plain text in UTF-8,
 * 7bit where it is that and quoted-printable elsewhere, so that it survives
 * every server on its way. text begins with "Subject: …" and an empty line,
 * as templates do; a subject that is not short ASCII is encoded (RFC 2047).
 * Returns the length; or -1 for an invalid address, a text without a
 * subject, one that is no UTF-8, or too long for size.
 */
int cp2fa_message_write(const struct cp2fa_envelope *envelope, const char *text,
                        char *out, size_t size) CP2FA_USE_RESULT;

#endif
