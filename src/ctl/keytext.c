/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/keytext.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/keyring.h"
#include "service/keyfile.h"
#include "service/operator.h"

/* Whether the file still has the keys by which we chose what to do. */
static int is_as_known(const struct cp2fa_ctl *ctl, const char *text)
{
    struct cp2fa_keyring *ring = NULL;
    unsigned line;
    size_t i = 0;
    int same =
        cp2fa_keyring_parse(ctl->crypto, text, strlen(text), &ring, &line)
            == CP2FA_KEYRING_OK
        && strcmp(cp2fa_keyring_active(ring), cp2fa_keyring_active(ctl->keys))
               == 0;

    for (; same && cp2fa_keyring_id(ring, i); i++) {
        const char *known = cp2fa_keyring_id(ctl->keys, i);

        same = known && strcmp(known, cp2fa_keyring_id(ring, i)) == 0;
    }
    same = same && !cp2fa_keyring_id(ctl->keys, i);
    cp2fa_keyring_free(ring);
    return same;
}

static const char *rewrite(struct cp2fa_ctl *ctl, const char *before,
                           const char *active, const char *drop,
                           const char *add)
{
    char after[CP2FA_KEYFILE_MAX];
    uint8_t key[CP2FA_KEY_LEN];
    struct cp2fa_keyring *ring = NULL;
    const char *problem;
    unsigned line;
    int len;

    if (ctl->service.random(key, sizeof(key)) != 0) {
        return "no random bytes for a new key";
    }
    len = cp2fa_keyring_rewrite(before, strlen(before), active, drop, add,
                                add ? key : NULL, after, sizeof(after));
    /* what a server would not read must not get there */
    problem =
        len < 0
                || cp2fa_keyring_parse(ctl->crypto, after, (size_t)len, &ring,
                                       &line)
                       != CP2FA_KEYRING_OK
            ? "the key file can't take the change: is it full?"
            : cp2fa_keyfile_replace(ctl->p, ctl->key_file, after, (size_t)len);
    cp2fa_keyring_free(ring);
    cp2fa_bytes_wipe(after, sizeof(after));
    cp2fa_bytes_wipe(key, sizeof(key));
    return problem;
}

/* The file is held from before it is read: else the key that another one adds
 * meanwhile would be lost, and a server that has read it could not start. */
int cp2fa_keytext_change(struct cp2fa_ctl *ctl, const char *active,
                         const char *drop, const char *add)
{
    char before[CP2FA_KEYFILE_MAX + 1] = "";
    int held = cp2fa_keyfile_hold(ctl->p, ctl->key_file);
    int status = EX_CANTCREAT;
    const char *problem =
        held < 0 ? strerror(errno)
                 : cp2fa_keyfile_slurp(ctl->p, "key file", ctl->key_file,
                                       before, sizeof(before));

    if (!problem && !is_as_known(ctl, before)) {
        problem = "somebody else has changed the key file meanwhile: look at "
                  "cp2factl key status, and say it again";
        status = EX_TEMPFAIL;
    }
    if (!problem) {
        problem = rewrite(ctl, before, active, drop, add);
    }
    if (held >= 0) {
        close(held);
    }
    cp2fa_bytes_wipe(before, sizeof(before));
    if (problem) {
        cp2fa_ctl_say("%s", problem);
        return status;
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
