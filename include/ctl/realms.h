/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_REALMS_H
#define CP2FA_CTL_REALMS_H

#include "ctl/settings.h"

/* Which realms fold the case of user names: httpd says so by place, and
 * accounts are by realm. */

/** A place of the configuration: a section, a virtual host, or the server. */
struct cp2fa_place;

/** The server, around all other places. */
struct cp2fa_place *cp2fa_realms_server(apr_pool_t *p,
                                        struct cp2fa_settings *settings);

/** Goes into a section ("<Location", "/b") and returns it; a condition such as
 * <IfDefine is no place, and at is returned. */
struct cp2fa_place *cp2fa_realms_enter(apr_pool_t *p,
                                       struct cp2fa_settings *settings,
                                       struct cp2fa_place *at, const char *name,
                                       const char *argument);

/** Leaves a section ("/Location"): where that lies in. */
struct cp2fa_place *cp2fa_realms_leave(struct cp2fa_place *at,
                                       const char *name);

/** A directive there, which may be AuthName or one of ours. */
void cp2fa_realms_set(apr_pool_t *p, struct cp2fa_place *at, const char *name,
                      const char *value);

/** Whether TwoFactorFoldUserCase is on in any place of that realm; of a realm
 * that the configuration does not name, whether it is on at server level. */
int cp2fa_realms_fold(const struct cp2fa_settings *settings, const char *realm);

#endif
