/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_SIGNINS_H
#define CP2FA_PAGES_SIGNINS_H

#include "pages/page.h"

/** Sets the variables of the account's sessions. DONE or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_signins_tell(struct cp2fa_page *page) CP2FA_USE_RESULT;

#endif
