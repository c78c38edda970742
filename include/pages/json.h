/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_JSON_H
#define CP2FA_PAGES_JSON_H

#include <httpd.h>

/** Answers the GET of a page with its variables as JSON (docs/json.md), or,
 * where an error document was asked for, with problem+json. */
int cp2fa_json_send(request_rec *r);

#endif
