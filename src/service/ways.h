/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_WAYS_H
#define CP2FA_SERVICE_WAYS_H

#include "service/transport.h"

#define CP2FA_WAY_SECONDS 30 /* that one mail may take */

struct cp2fa_way;

struct cp2fa_transport {
    const struct cp2fa_way *way;
    const char *target;      /* a URL for curl, a program, a folder */
    const char *credentials; /* a file, or NULL */
    const char *ca;          /* a file of certificates to trust, or NULL */
    const char *user;
    const char *password;
};

typedef enum cp2fa_sent cp2fa_way_send(const struct cp2fa_transport *transport,
                                       apr_pool_t *p,
                                       const struct cp2fa_parcel *parcel,
                                       char problem[CP2FA_TRANSPORT_PROBLEM]);

/* Each in a file of its own. */
cp2fa_way_send cp2fa_smtp_send;
cp2fa_way_send cp2fa_sendmail_send;
cp2fa_way_send cp2fa_folder_send;

/* The mail with the line ends of files. */
char *cp2fa_transport_local(apr_pool_t *p, const struct cp2fa_parcel *parcel,
                            size_t *len);

#endif
