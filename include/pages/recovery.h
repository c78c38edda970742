/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_RECOVERY_H
#define CP2FA_PAGES_RECOVERY_H

#include "pages/page.h"
#include "store/accounts.h"

/** Sets the variables of how many recovery codes an account (or NULL) has
 * left. OK or FAILED. */
enum cp2fa_db_result cp2fa_recovery_tell(struct cp2fa_page *page,
                                         const struct cp2fa_account *account)
    CP2FA_USE_RESULT;

#endif
