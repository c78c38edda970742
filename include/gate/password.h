/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_PASSWORD_H
#define CP2FA_GATE_PASSWORD_H

#include <httpd.h>

#include "service/service.h"

/** What is known of a password. */
enum cp2fa_password {
    CP2FA_PASSWORD_RIGHT,
    CP2FA_PASSWORD_WRONG,       /* or nobody of that name; one can't tell */
    CP2FA_PASSWORD_WAIT,        /* too many were wrong; not looked at */
    CP2FA_PASSWORD_UNAVAILABLE, /* could not tell */
};

/** The word for it in logs and metrics. */
const char *cp2fa_password_word(enum cp2fa_password said);

/**
 * Checks a user's password with TwoFactorProvider's authn providers, in their
 * order, slowing down who guesses. who->user becomes the account's name, where
 * a provider may have another for it than was typed; *user is r->user as
 * Basic would set it. *wait is in seconds, for WAIT.
 */
enum cp2fa_password cp2fa_password_check(request_rec *r, const char *typed,
                                         const char *password,
                                         struct cp2fa_who *who,
                                         const char **user, unsigned *wait);

#endif
