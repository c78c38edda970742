/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/keytext.h"

#include <string.h>

#include "core/keyring.h"
#include "service/keyfile.h"
#include "service/operator.h"

int cp2fa_keytext_change(struct cp2fa_ctl *ctl, const char *active,
                         const char *drop, const char *add)
{
    char before[CP2FA_KEYFILE_MAX + 1] = "";
    char after[CP2FA_KEYFILE_MAX];
    uint8_t key[CP2FA_KEY_LEN];
    struct cp2fa_keyring *ring = NULL;
    unsigned line;
    int len = -1;
    const char *problem = cp2fa_keyfile_slurp(ctl->p, "key file", ctl->key_file,
                                              before, sizeof(before));

    if (!problem && ctl->service.random(key, sizeof(key)) != 0) {
        problem = "no random bytes for a new key";
    }
    if (!problem) {
        len = cp2fa_keyring_rewrite(before, strlen(before), active, drop, add,
                                    add ? key : NULL, after, sizeof(after));
        /* what a server would not read must not get there */
        if (len < 0
            || cp2fa_keyring_parse(ctl->crypto, after, (size_t)len, &ring,
                                   &line)
                   != CP2FA_KEYRING_OK) {
            problem = "the key file can't take the change: is it full?";
        }
        cp2fa_keyring_free(ring);
    }
    if (!problem) {
        problem =
            cp2fa_keyfile_replace(ctl->p, ctl->key_file, after, (size_t)len);
    }
    cp2fa_bytes_wipe(before, sizeof(before));
    cp2fa_bytes_wipe(after, sizeof(after));
    cp2fa_bytes_wipe(key, sizeof(key));
    if (problem) {
        cp2fa_ctl_say("%s", problem);
        return EX_CANTCREAT;
    }
    return cp2fa_ctl_open_keys(ctl);
}

int cp2fa_keytext_note(struct cp2fa_ctl *ctl, const char *kind,
                       const char *detail)
{
    struct cp2fa_who who = cp2fa_ctl_who(ctl, "", "");

    return cp2fa_ctl_exit(cp2fa_operator_note(&ctl->service, ctl->p, &who, kind,
                                              detail, ctl->now));
}
