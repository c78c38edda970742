/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_PROGRAMS_H
#define CP2FA_PAGES_PROGRAMS_H

#include "pages/page.h"

/** The profile's section about application tokens: sets its variables. DONE
 * or UNAVAILABLE. */
enum cp2fa_outcome cp2fa_programs_tell(struct cp2fa_page *page)
    CP2FA_USE_RESULT;

#endif
