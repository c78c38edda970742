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

int cp2fa_user_enroll(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_session_list(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_session_end(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_import_otpauth(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_import_authnotp(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_import_google(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_export(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_mail_list(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_mail_retry(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_mail_drop(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_log(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_revoke(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_purge(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_setup_init(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_setup_migrate(struct cp2fa_ctl *ctl, int argc, char **argv);
int cp2fa_check(struct cp2fa_ctl *ctl, int argc, char **argv);

/** The last step that no code of a device brought along may be of: all codes
 * that are good now are unused, and only those. */
int64_t cp2fa_enroll_before(const struct cp2fa_ctl *ctl,
                            const struct cp2fa_totp *totp);

#endif
