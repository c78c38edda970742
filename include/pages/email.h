/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_EMAIL_H
#define CP2FA_PAGES_EMAIL_H

#include "gate/email.h"
#include "pages/page.h"
#include "store/accounts.h"

/** The profile's section about the registered address: sets its variables.
 * account is NULL for who has none yet. OK, or an answer as of a page. */
int cp2fa_email_show(struct cp2fa_page *page,
                     const struct cp2fa_account *account);

#endif
