/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_COMMANDS_H
#define CP2FA_CTL_COMMANDS_H

#include "ctl/ctl.h"

/* The commands, a file each group; main.c has their table. */

int cp2fa_user_list(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_user_show(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_user_email(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_user_unlock(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_user_disable(struct cp2fa_ctl *ctl, int argc, char **argv);

int cp2fa_key_new(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_key_status(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_key_retire(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_key_rotate(struct cp2fa_ctl *ctl, int argc, char **argv);

#endif
