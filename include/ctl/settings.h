/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_SETTINGS_H
#define CP2FA_CTL_SETTINGS_H

#include <apr_tables.h>

#include "core/totp.h"

/** A virtual host that the configuration names. */
struct cp2fa_settings_host {
    const char *address; /* as <VirtualHost> has it: *:443 */
    const char *name;    /* ServerName, or "" */
    int guards;          /* TwoFactor optional or required in it */
    int redirects;       /* it sends everything elsewhere */
};

/** What httpd's configuration says that concerns us; NULL where it is
 * silent. Read-only once it was read. */
struct cp2fa_settings {
    const char *driver; /* TwoFactorDatabase */
    const char *params;
    const char *key_file;
    const char *mail;
    const char *mail_from;
    const char *mail_templates;
    const char *base_url;
    const char *path;
    const char *run_as; /* User */
    int64_t clock_skew; /* the widest */
    struct cp2fa_totp totp;
    int guards;                   /* TwoFactor is on outside any virtual host */
    int files;                    /* that were read */
    apr_array_header_t *hosts;    /* struct cp2fa_settings_host * */
    apr_array_header_t *places;   /* struct cp2fa_place *: ctl/realms.h */
    apr_array_header_t *problems; /* const char *: what could not be read */
};

/**
 * Reads a file of httpd's configuration and what it includes: Define,
 * IfDefine, ${NAME} (also of the environment), Include and IncludeOptional.
 * <IfModule>, <IfVersion> and the like count as true, negated ones as false.
 * defines: NAME=VALUE or NAME, given beforehand. Returns NULL, or what is
 * wrong, from p.
 */
const char *cp2fa_settings_read(apr_pool_t *p, const char *file,
                                const apr_array_header_t *defines,
                                struct cp2fa_settings *settings);

/** The defaults, where there is no configuration. */
void cp2fa_settings_clear(apr_pool_t *p, struct cp2fa_settings *settings);

#endif
