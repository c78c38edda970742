/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/guise.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

/* What root is again afterwards. */
struct cp2fa_guise {
    const struct passwd *owner;
    const char *home;
    gid_t group;
    gid_t *groups;
    int count;
};

static int put_on(const struct cp2fa_guise *guise)
{
    const struct passwd *owner = guise->owner;

    /* libpq looks for certificates in HOME, and root's are not for him */
    return setenv("HOME", owner->pw_dir, 1) == 0
           && initgroups(owner->pw_name, owner->pw_gid) == 0
           && setegid(owner->pw_gid) == 0 && seteuid(owner->pw_uid) == 0;
}

static int take_off(const struct cp2fa_guise *guise)
{
    return seteuid(0) == 0 && setegid(guise->group) == 0
           && setgroups((size_t)guise->count, guise->groups) == 0
           && (guise->home ? setenv("HOME", guise->home, 1) : unsetenv("HOME"))
                  == 0;
}

void cp2fa_guise_turn(void *baton, int begins)
{
    struct cp2fa_ctl *ctl = baton;

    if (ctl->guise && !(begins ? put_on(ctl->guise) : take_off(ctl->guise))) {
        cp2fa_ctl_say("can't %s user %s: %s", begins ? "become" : "cease to be",
                      ctl->guise->owner->pw_name, strerror(errno));
        exit(EX_OSERR);
    }
}

static struct passwd *copy(apr_pool_t *p, const struct passwd *found)
{
    struct passwd *owner = apr_pmemdup(p, found, sizeof(*found));

    owner->pw_name = apr_pstrdup(p, found->pw_name);
    owner->pw_dir = apr_pstrdup(p, found->pw_dir);
    return owner;
}

void cp2fa_guise_choose(struct cp2fa_ctl *ctl)
{
    const char *name = ctl->settings.run_as;
    const struct passwd *found = geteuid() == 0 && name ? getpwnam(name) : NULL;
    const char *home = getenv("HOME");
    struct cp2fa_guise *guise;

    if (!found || found->pw_uid == 0) {
        return;
    }
    guise = apr_pcalloc(ctl->p, sizeof(*guise));
    guise->owner = copy(ctl->p, found);
    guise->home = home ? apr_pstrdup(ctl->p, home) : NULL;
    guise->group = getegid();
    guise->count = getgroups(0, NULL);
    if (guise->count > 0) {
        guise->groups =
            apr_pcalloc(ctl->p, (size_t)guise->count * sizeof(gid_t));
        guise->count = getgroups(guise->count, guise->groups);
    }
    if (guise->count >= 0) {
        ctl->guise = guise;
    }
}
