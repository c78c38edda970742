/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_SERVICE_H
#define CP2FA_SERVICE_SERVICE_H

#include <apr_pools.h>

#include "core/keyring.h"
#include "core/throttle.h"
#include "core/totp.h"
#include "store/db.h"
#include "store/pool.h"

struct cp2fa_account;

#define CP2FA_SECOND 1000000 /* microseconds; `now` is in them everywhere */

/** What the use cases work with. Read-only once made; any thread. */
struct cp2fa_service {
    struct cp2fa_store *store;
    const struct cp2fa_crypto *crypto;
    const struct cp2fa_keyring *keys;
    /* Fills a buffer with unpredictable bytes; 0, or -1. */
    int (*random)(uint8_t *out, size_t n);
    int mail; /* mail can be sent: what is put into the outbox goes out */
    /* As in struct cp2fa_store_options: what an admin should hear. */
    void (*complain)(void *baton, const char *line);
    void *baton;
};

/** Whose account: the same name in two realms is two accounts. */
struct cp2fa_who {
    const char *realm;
    const char *user;
    /* Who asks, for the notices and the audit trail; each may be NULL. */
    const char *address;  /* the client's */
    const char *agent;    /* its User-Agent, UTF-8, at most 255 bytes */
    const char *language; /* of its mail: en, lv … */
    const char *email;    /* TwoFactorEmail's answer; NULL: the database's */
    const char *issuer;   /* as the mail names the site; NULL: the realm */
    const char *site;     /* the address of the pages, from configuration */
};

/** What an admin has set for a location. */
struct cp2fa_rules {
    const char *issuer;
    struct cp2fa_totp totp; /* for new devices */
    int64_t clock_skew;     /* seconds a device's clock may be off */
    struct cp2fa_throttle throttle;
    int64_t session_lifetime; /* seconds */
    int64_t session_idle;     /* seconds */
    int64_t remember;         /* seconds a browser stands for a token; 0: no */
};

/** How a use case ended. The pages have the answer to each in one table. */
enum cp2fa_outcome {
    CP2FA_OUTCOME_DONE,
    CP2FA_OUTCOME_MALFORMED,    /* not a token; nothing was counted */
    CP2FA_OUTCOME_INVALID,      /* wrong, and counted */
    CP2FA_OUTCOME_USED,         /* right, but used before; counted */
    CP2FA_OUTCOME_HALF,         /* right, and the next one is needed, too */
    CP2FA_OUTCOME_WAIT,         /* too soon; not looked at */
    CP2FA_OUTCOME_LOCKED,       /* the factor is locked; not looked at */
    CP2FA_OUTCOME_NOT_ENROLLED, /* the account has no device */
    CP2FA_OUTCOME_NOT_PENDING,  /* no enrolment to confirm in this session */
    CP2FA_OUTCOME_BAD_NAME,     /* a name that can't be stored */
    CP2FA_OUTCOME_NOT_ALLOWED,  /* the session ended in the meantime */
    CP2FA_OUTCOME_BAD_CODE,     /* no recovery code, or not any more */
    CP2FA_OUTCOME_NOT_ENABLED,  /* nothing to recover: there is no device */
    CP2FA_OUTCOME_NO_DEVICE,    /* no such device of this account */
    CP2FA_OUTCOME_LAST_DEVICE,  /* the only one; nothing was changed */
    CP2FA_OUTCOME_NO_SESSION,   /* no such session of this account */
    CP2FA_OUTCOME_BAD_PATH,     /* no path that a token can be limited to */
    CP2FA_OUTCOME_BAD_EXPIRY,   /* no time that a token can be limited to */
    CP2FA_OUTCOME_TOO_MANY,     /* the account has as many as it may */
    CP2FA_OUTCOME_NO_APP_TOKEN, /* no such application token of this account */
    CP2FA_OUTCOME_UNAVAILABLE,  /* could not tell */
};

#define CP2FA_OUTCOMES (CP2FA_OUTCOME_UNAVAILABLE + 1)

/** What the database's answer means to a use case: OK is DONE, NONE is what the
 * caller says, FAILED is UNAVAILABLE. */
enum cp2fa_outcome cp2fa_service_outcome(enum cp2fa_db_result result,
                                         enum cp2fa_outcome none);

/** The outcome's word in logs. */
const char *cp2fa_service_outcome_name(enum cp2fa_outcome outcome);

/** Whose account it is: found, or made if this is the first that we hear of it,
 * as by who sets an address before the first device. NULL: could not tell. */
struct cp2fa_account *cp2fa_service_account(const struct cp2fa_service *service,
                                            apr_pool_t *p,
                                            const struct cp2fa_who *who,
                                            int64_t now);

/** A time as people read it, from p: "2026-11-24 06:45 UTC". */
const char *cp2fa_service_time(apr_pool_t *p, int64_t seconds);

/** A new random id for a row, 32 hex digits from p, or NULL. */
const char *cp2fa_service_new_id(const struct cp2fa_service *service,
                                 apr_pool_t *p);

/** The same for a row whose ids rise with time, so that they tell the order of
 * what happened. */
const char *cp2fa_service_rising_id(const struct cp2fa_service *service,
                                    apr_pool_t *p, int64_t now);

#endif
