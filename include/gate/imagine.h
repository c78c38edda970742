/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_IMAGINE_H
#define CP2FA_GATE_IMAGINE_H

#include <http_core.h>
#include <httpd.h>

/** A request that never arrived, from p, so that httpd's own functions tell
 * what the configuration of server s means; without any section's. */
request_rec *cp2fa_imagine_any(apr_pool_t *p, server_rec *s);

/** One for a URL's path: <Location> sections as ap_location_walk merges them. */
request_rec *cp2fa_imagine_url(apr_pool_t *p, server_rec *s, const char *url);

/** One for a <Directory>, which inherits from those above it. */
request_rec *cp2fa_imagine_dir(apr_pool_t *p, server_rec *s,
                               const core_dir_config *dir);

/** Its AuthType, or NULL. */
const char *cp2fa_imagine_auth_type(request_rec *r);

/** TwoFactorRealm or AuthName; never NULL. */
const char *cp2fa_imagine_realm(request_rec *r);

#endif
