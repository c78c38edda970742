/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_SSI_H
#define CP2FA_PAGES_SSI_H

#include <httpd.h>

/** The hook (post_perdir_config) that gives the module's pages, and the parts
 * of them, mod_include as it is without directives: what the site around them
 * has set (SSIStartTag, SSILegacyExprParser, XBitHack …) would send out their
 * source, or not understand it. Must run before cp2fa_request_inherit: requests
 * of one chain whose configuration was one object still share one. */
int cp2fa_ssi_as_it_comes(request_rec *r);

/** Registers the output filter that sends a page as a whole. */
void cp2fa_ssi_register(void);

/** Has a page, or a part of one, go out through mod_include. Its tags are the
 * virtual host's, so r->server becomes a copy with those that come with it. */
void cp2fa_ssi_read(request_rec *r);

#endif
