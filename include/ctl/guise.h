/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_GUISE_H
#define CP2FA_CTL_GUISE_H

#include "ctl/ctl.h"

/* A server on a socket believes who the kernel says is there, and a passfile
 * is its owner's: root connects as the user that httpd's children run as. */

/** Notes whom to connect as: ourselves, unless we are root and the
 * configuration names a User that there is. */
void cp2fa_guise_choose(struct cp2fa_ctl *ctl);

/** As struct cp2fa_store_options has it, connecting; baton is the ctl. */
void cp2fa_guise_turn(void *baton, int begins);

#endif
