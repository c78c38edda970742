/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_BODY_H
#define CP2FA_PAGES_BODY_H

#include "pages/page.h"

/**
 * Reads and parses the body of a POST. Returns OK, or a status with *code: a
 * foreign type 415, more than 8 KiB 413, a form that is none 400.
 */
int cp2fa_body_read(request_rec *r, struct cp2fa_form *form, const char **code);

/**
 * Whether a POST came from a page of this site, going by what browsers say
 * and pages can't forge: Sec-Fetch-Site; else Origin; else Referer. Returns 1
 * or 0; a request that says nothing is foreign.
 */
int cp2fa_body_same_origin(request_rec *r);

#endif
