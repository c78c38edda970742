/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_ADMIT_H
#define CP2FA_PAGES_ADMIT_H

#include "pages/page.h"

/* Who is at a page, and whether it is for him. Each answers DECLINED to let
 * him in, or else as a page does. */

/** Begins a page: fills it in with who it is and what is known of him. */
void cp2fa_admit_open(struct cp2fa_page *page, request_rec *r);

/** Whether he has what the page's route needs. */
int cp2fa_admit(struct cp2fa_page *page);

/** Whether the form that he posted is one of ours, made for his session. */
int cp2fa_admit_form(struct cp2fa_page *page);

#endif
