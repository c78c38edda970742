/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "core/otpauth.h"
#include "ctl/terminal.h"
#include "service/operator.h"
#include "service/secret.h"
#include "store/survey.h"

static int is_wanted(const struct cp2fa_ctl *ctl,
                     const struct cp2fa_device_line *line)
{
    const struct cp2fa_options *o = &ctl->options;

    return strcmp(line->state, "active") == 0
           && (!o->realm || strcmp(o->realm, line->realm) == 0)
           && (!o->user || strcmp(o->user, line->name) == 0);
}

/* 0, or -1 if it does not open, which was complained of. */
static int print(const struct cp2fa_ctl *ctl, apr_pool_t *p,
                 const struct cp2fa_device_line *line)
{
    const struct cp2fa_who who = {.realm = line->realm, .user = line->name};
    uint8_t secret[CP2FA_SEAL_PLAIN_MAX];
    char uri[CP2FA_OTPAUTH_MAX];
    int len = cp2fa_secret_open(&ctl->service, p, &who, &line->device, secret);
    int rv = -1;

    if (len > 0
        && cp2fa_otpauth_uri(&line->device.totp, line->realm, line->name,
                             secret, (size_t)len, uri, sizeof(uri))
               == 0) {
        printf("%s\n", uri);
        rv = 0;
    }
    cp2fa_bytes_wipe(secret, sizeof(secret));
    cp2fa_bytes_wipe(uri, sizeof(uri));
    return rv;
}

static int print_all(struct cp2fa_ctl *ctl)
{
    struct cp2fa_device_line *lines;
    enum cp2fa_db_result result;
    char after[64] = "";
    int unopened = 0;
    int count;
    apr_pool_t *some; /* of a million devices, fifty at a time */

    apr_pool_create(&some, ctl->p);
    while ((result = cp2fa_survey_devices(ctl->service.store, some, after,
                                          &lines, &count))
           == CP2FA_DB_OK) {
        for (int i = 0; i < count; i++) {
            if (is_wanted(ctl, &lines[i])) {
                unopened += print(ctl, some, &lines[i]) != 0;
            }
        }
        apr_cpystrn(after, lines[count - 1].device.id, sizeof(after));
        apr_pool_clear(some);
    }
    apr_pool_destroy(some);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cp2fa_ctl_say("the output can't be written");
        return EX_IOERR;
    }
    if (result == CP2FA_DB_FAILED) {
        return cp2fa_ctl_unavailable();
    }
    return unopened > 0 ? EX_DATAERR : EX_OK;
}

int cp2fa_export(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_who who =
        cp2fa_ctl_who(ctl, ctl->options.realm ? ctl->options.realm : "",
                      ctl->options.user ? ctl->options.user : "");
    int status;

    (void)argc;
    (void)argv;
    cp2fa_ctl_say("what follows is every secret in the clear: whoever reads "
                  "it can make these users' PINs");
    status = cp2fa_terminal_confirm(ctl, "Secrets go to stdout, sealed to "
                                         "nobody.");
    /* the trail first: nothing leaves unheard */
    if (status == EX_OK) {
        status = cp2fa_ctl_exit(cp2fa_operator_note(&ctl->service, ctl->p, &who,
                                                    "exported", "", ctl->now));
    }
    return status == EX_OK ? print_all(ctl) : status;
}
