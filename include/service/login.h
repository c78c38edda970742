/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_LOGIN_H
#define CP2FA_SERVICE_LOGIN_H

#include "core/slowdown.h"
#include "service/grant.h"

/* The first factor, for AuthType TwoFactor: when a password may be tried, and
 * the session that a right one gives. Whether it is right, httpd's authn
 * providers say. */

/** Whom a wrong password is held against. */
enum cp2fa_login_origin {
    CP2FA_LOGIN_PAIR,    /* this name from this address */
    CP2FA_LOGIN_NAME,    /* this name, from wherever */
    CP2FA_LOGIN_ADDRESS, /* this address, whatever the name */
    CP2FA_LOGIN_ORIGINS
};

/** One try of a password, between asking and knowing. */
struct cp2fa_login_try {
    struct {
        char key[CP2FA_HASH_TEXT + 1];
        struct cp2fa_slowness before;
        struct cp2fa_slowness after; /* if reserved */
        int reserved;                /* counted as failed already */
    } origin[CP2FA_LOGIN_ORIGINS];
    unsigned wait; /* seconds, with CP2FA_OUTCOME_WAIT */
};

/**
 * Asks whether a password may be tried now; who->user is the name as typed,
 * who->address the client's. While nothing is on record nothing is written;
 * later tries are counted as failed, committed, before anything is checked, so
 * that a race gives no free guess. DONE, WAIT (nothing was written) or
 * UNAVAILABLE. DONE must be followed by one of the three below.
 */
enum cp2fa_outcome cp2fa_login_reserve(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_who *who, int64_t now,
    struct cp2fa_login_try *try) CP2FA_USE_RESULT;

/** It was wrong, and is counted. DONE or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_login_failed(
    const struct cp2fa_service *service, apr_pool_t *p, int64_t now,
    const struct cp2fa_login_try *try) CP2FA_USE_RESULT;

/** It was right: the failures of this name from this address are forgiven,
 * the others stay as they were. DONE or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_login_succeeded(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_login_try *try) CP2FA_USE_RESULT;

/** Nobody could tell: gives it back if it can. */
void cp2fa_login_void(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_login_try *try);

/**
 * Grants a session of the first factor alone (amr "pwd"); the account is made
 * if this is the first that we hear of it. old: the hash of the session that
 * this one replaces, or NULL. *enrolled: the account has a device. DONE or
 * UNAVAILABLE.
 */
enum cp2fa_outcome cp2fa_login_grant(const struct cp2fa_service *service,
                                     apr_pool_t *p,
                                     const struct cp2fa_rules *rules,
                                     const struct cp2fa_who *who,
                                     const char *old, int64_t now,
                                     struct cp2fa_grant *grant,
                                     int *enrolled) CP2FA_USE_RESULT;

#endif
