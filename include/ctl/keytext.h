/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_KEYTEXT_H
#define CP2FA_CTL_KEYTEXT_H

#include "ctl/ctl.h"

/**
 * Writes the key file anew, as cp2fa_keyring_rewrite does, whole or not at
 * all, and reads it again; add: the id of a new key, which is made, or NULL.
 * Returns an exit status; what is wrong was said.
 */
int cp2fa_keytext_change(struct cp2fa_ctl *ctl, const char *active,
                         const char *drop, const char *add);

/** Records in the audit trail what became of a key. */
int cp2fa_keytext_note(struct cp2fa_ctl *ctl, const char *kind,
                       const char *detail);

#endif
