/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_ENVVARS_H
#define CP2FA_CTL_ENVVARS_H

#include <apr_tables.h>

/**
 * The environment that apachectl gives httpd: `export NAME=value` of the file
 * envvars beside its configuration file, as far as the value stands there.
 * From p; empty where there is no such file.
 */
apr_table_t *cp2fa_envvars_read(apr_pool_t *p, const char *config);

#endif
