/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_BACK_H
#define CP2FA_PAGES_BACK_H

#include "pages/page.h"

/* Where a person was going before we asked for something. */

/** A parameter of the query as it arrived, decoded, or NULL. */
const char *cp2fa_back_query(request_rec *r, const char *name);

/** Where this page leads on to: what the form said that came back with an
 * error, else what the query says, if that is on this site; else the
 * profile. */
const char *cp2fa_back_find(struct cp2fa_page *page);

/** The same of a form that was posted. The answer outlives the form, which is
 * wiped before its page is shown again. */
const char *cp2fa_back_keep(struct cp2fa_page *page);

/** An address of ours, such as "token", that leads on to another. */
const char *cp2fa_back_to(struct cp2fa_page *page, const char *where,
                          const char *back);

#endif
