/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_COURIER_H
#define CP2FA_SERVICE_COURIER_H

#include "service/service.h"
#include "service/transport.h"
#include "store/outbox.h"

/** What became of a mail at one try. */
enum cp2fa_fate {
    CP2FA_FATE_SENT,
    CP2FA_FATE_LATER, /* it will be tried again */
    CP2FA_FATE_DEAD,  /* it won't: refused for good, or too late */
};

/** Who takes the mail out. Read-only; used from one thread. */
struct cp2fa_courier {
    const struct cp2fa_service *service;
    const struct cp2fa_transport *transport;
    const char *from;
    const char *templates;   /* a folder */
    volatile uint32_t *stop; /* set when the server stops */
    int64_t (*clock)(void);  /* microseconds: a round may take minutes */
    /* Called with each mail's fate and why it was not sent, or "". */
    void (*report)(void *baton, enum cp2fa_fate fate,
                   const struct cp2fa_mail *mail, const char *problem);
    void *baton;
};

/**
 * Takes out what is due, at most 20 mails. Each is claimed first, so that of
 * several couriers one takes it; one that dies with it leaves it to be tried
 * again: a mail arrives at least once, always under the same Message-ID.
 * Returns FAILED if the database could not be asked, else OK.
 */
enum cp2fa_db_result cp2fa_courier_round(const struct cp2fa_courier *courier,
                                         apr_pool_t *p) CP2FA_USE_RESULT;

#endif
