/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <stdio.h>
#include <string.h>

#include "core/otpauth.h"
#include "core/qr.h"
#include "core/text.h"
#include "ctl/terminal.h"
#include "service/operator.h"

#define TRIES 3

static int show(const struct cp2fa_who *who,
                const struct cp2fa_brought *brought)
{
    static char drawing[CP2FA_QR_TERMINAL_MAX];
    char uri[CP2FA_OTPAUTH_MAX];
    int rv = cp2fa_otpauth_uri(&brought->totp, who->realm, who->user,
                               brought->secret, brought->len, uri, sizeof(uri));

    if (rv == 0) {
        if (cp2fa_qr_terminal(uri, drawing, sizeof(drawing)) > 0) {
            fputs(drawing, stdout);
        }
        printf("%s\n", uri);
        fflush(stdout);
    }
    cp2fa_bytes_wipe(uri, sizeof(uri));
    cp2fa_bytes_wipe(drawing, sizeof(drawing));
    return rv;
}

/* Which step a typed code is of; -1: none within the clock skew. */
static int64_t step_of(const struct cp2fa_ctl *ctl,
                       const struct cp2fa_brought *brought, const char *typed,
                       int64_t here)
{
    int64_t reach = ctl->settings.clock_skew / brought->totp.period;
    char token[CP2FA_TOTP_DIGITS_MAX + 1];
    uint64_t matches = 0;

    if (cp2fa_totp_normalise(&brought->totp, typed, strlen(typed), token) != 0
        || cp2fa_totp_match(ctl->crypto, &brought->totp, brought->secret,
                            brought->len, here - reach,
                            (unsigned)(2 * reach + 1), token, &matches)
               != 0) {
        return -1;
    }
    for (int64_t i = 2 * reach; i >= 0; i--) {
        if (matches >> i & 1) {
            return here - reach + i;
        }
    }
    return -1;
}

static int confirm(const struct cp2fa_ctl *ctl, struct cp2fa_brought *brought)
{
    char typed[64];

    for (int i = 0; i < TRIES; i++) {
        int64_t here =
            cp2fa_totp_step(&brought->totp, apr_time_now() / CP2FA_SECOND);
        int64_t step;

        if (cp2fa_terminal_read("PIN that the app shows: ", typed,
                                sizeof(typed))
            != 0) {
            break;
        }
        step = step_of(ctl, brought, typed, here);
        if (step >= 0) {
            brought->last_step = step;
            brought->skew = step - here;
            return EX_OK;
        }
        cp2fa_ctl_say("PIN isn't valid: the device's clock must be within "
                      "%d minutes of the correct time",
                      (int)(ctl->settings.clock_skew / 60));
    }
    cp2fa_ctl_say("not confirmed: nothing was changed");
    return EX_DATAERR;
}

int64_t cp2fa_enroll_before(const struct cp2fa_ctl *ctl,
                            const struct cp2fa_totp *totp)
{
    return cp2fa_totp_step(totp,
                           ctl->now / CP2FA_SECOND - ctl->settings.clock_skew)
           - 1;
}

int cp2fa_user_enroll(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    uint8_t secret[CP2FA_TOTP_SECRET_LEN];
    struct cp2fa_brought brought = {
        .name = ctl->options.name,
        .totp = ctl->settings.totp,
        .secret = secret,
        .len = sizeof(secret),
    };
    struct cp2fa_who who;
    int status = EX_OK;
    int added;

    (void)argc;
    if (!ctl->options.realm) {
        cp2fa_ctl_say("say --realm REALM: as AuthName or TwoFactorRealm has "
                      "it");
        return EX_USAGE;
    }
    who = cp2fa_ctl_who(ctl, ctl->options.realm, argv[0]);
    brought.last_step = cp2fa_enroll_before(ctl, &brought.totp);
    if (!cp2fa_text_is_user(who.user) || !cp2fa_text_is_name(who.realm)
        || (brought.name && !cp2fa_text_is_name(brought.name))) {
        cp2fa_ctl_say("bad name");
        return EX_DATAERR;
    }
    if (ctl->service.random(secret, sizeof(secret)) != 0) {
        cp2fa_ctl_say("no random bytes for a new secret");
        return EX_OSERR;
    }
    if (show(&who, &brought) != 0) {
        status = EX_DATAERR;
    }
    if (status == EX_OK && !ctl->options.no_confirm) {
        status = confirm(ctl, &brought);
    }
    if (status == EX_OK) {
        ctl->now = apr_time_now();
        status = cp2fa_ctl_exit(cp2fa_operator_bring(
            &ctl->service, ctl->p, &who, &brought, ctl->now, &added));
    }
    cp2fa_bytes_wipe(secret, sizeof(secret));
    return status;
}
