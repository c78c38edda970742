/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_FRESH_H
#define CP2FA_PAGES_FRESH_H

#include "pages/page.h"

/* Step-up: who changes factors has shown one a short while ago. */

/**
 * Whether this session's second factor, a token or a recovery code, is no
 * older than TwoFactorStepUp; or there is none to ask for: no device, or the
 * last recovery code of who has lost it. Returns 1, or 0 (also if the store
 * can't be asked).
 */
int cp2fa_fresh_enough(struct cp2fa_page *page);

/** Asks for it: a browser is sent to the token page, which leads back to the
 * page of the form; anything else is told. */
int cp2fa_fresh_ask(struct cp2fa_page *page);

#endif
