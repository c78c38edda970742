/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "core/authnotp.h"
#include "core/googleauth.h"
#include "core/otpauth.h"
#include "ctl/terminal.h"
#include "service/operator.h"

/* A file with one secret a line. */
struct import {
    struct cp2fa_ctl *ctl;
    const char *what; /* the devices' name */
    int line;
    int added;
    int known;   /* the account has that very secret */
    int skipped; /* said why */
};

static FILE *open_file(const char *path, int *status)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

    *status = EX_OK;
    if (!file) {
        *status = errno == EACCES ? EX_NOPERM : EX_NOINPUT;
        cp2fa_ctl_say("%s: %s", path, strerror(errno));
    }
    return file;
}

static void skip(struct import *import, const char *why)
{
    import->skipped++;
    cp2fa_ctl_say("line %d is skipped: %s", import->line, why);
}

/* Only a database that does not answer ends the import. */
static int bring(struct import *import, const char *realm, const char *user,
                 const struct cp2fa_brought *brought)
{
    struct cp2fa_ctl *ctl = import->ctl;
    struct cp2fa_who who = cp2fa_ctl_who(ctl, realm, user);
    int added;
    enum cp2fa_outcome outcome = cp2fa_operator_bring(
        &ctl->service, ctl->p, &who, brought, ctl->now, &added);

    if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
        return cp2fa_ctl_unavailable();
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        skip(import, outcome == CP2FA_OUTCOME_BAD_NAME
                         ? "no account can have that name"
                         : "its secret has less than 80 bits, or its "
                           "parameters are not supported");
        return EX_OK;
    }
    import->added += added;
    import->known += !added;
    return EX_OK;
}

static int summary(const struct import *import, int status)
{
    cp2fa_ctl_say("%d devices added, %d were there, %d skipped", import->added,
                  import->known, import->skipped);
    return status == EX_OK && import->skipped > 0 ? EX_DATAERR : status;
}

/* Each line to one, which returns an exit status. */
static int each_line(struct import *import, const char *path,
                     int (*one)(struct import *import, char *line))
{
    char line[CP2FA_OTPAUTH_MAX + 2];
    int status;
    FILE *file = open_file(path, &status);

    while (file && status == EX_OK && fgets(line, sizeof(line), file)) {
        size_t len = strcspn(line, "\r\n");

        import->line++;
        if (len == sizeof(line) - 1) {
            skip(import, "it is too long");
            while (fgets(line, sizeof(line), file)
                   && strlen(line) == sizeof(line) - 1
                   && line[sizeof(line) - 2] != '\n') {
            }
            continue;
        }
        line[len] = '\0';
        status = one(import, line);
    }
    cp2fa_bytes_wipe(line, sizeof(line));
    if (!file) {
        return status;
    }
    if (status == EX_OK && ferror(file)) { /* a folder, for one */
        cp2fa_ctl_say("%s can't be read: %s", path, strerror(errno));
        status = EX_IOERR;
    }
    if (file != stdin) {
        fclose(file);
    }
    return summary(import, status);
}

static int otpauth_line(struct import *import, char *line)
{
    struct cp2fa_ctl *ctl = import->ctl;
    struct cp2fa_otpauth uri;
    int status = EX_OK;

    if (line[0] == '\0' || line[0] == '#') {
        return EX_OK;
    }
    switch (cp2fa_otpauth_parse(line, &uri)) {
    case CP2FA_OTPAUTH_OK:
        if (!ctl->options.realm && !uri.issuer[0]) {
            skip(import, "it has no issuer: say --realm");
        }
        else {
            const struct cp2fa_brought brought = {
                .name = import->what,
                .totp = uri.totp,
                .secret = uri.secret,
                .len = uri.len,
                .last_step = cp2fa_enroll_before(ctl, &uri.totp),
            };

            status = bring(import,
                           ctl->options.realm ? ctl->options.realm : uri.issuer,
                           uri.account, &brought);
        }
        break;
    case CP2FA_OTPAUTH_COUNTER:
        skip(import, "codes by a counter (HOTP) are not supported");
        break;
    case CP2FA_OTPAUTH_UNSUPPORTED:
        skip(import, "its digits, period or algorithm are not supported");
        break;
    case CP2FA_OTPAUTH_MALFORMED:
        skip(import, "no otpauth URI with a name and a secret");
        break;
    }
    cp2fa_bytes_wipe(&uri, sizeof(uri));
    return status;
}

int cp2fa_import_otpauth(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct import import = {.ctl = ctl, .what = ctl->options.name};

    return each_line(&import, argc > 0 ? argv[0] : "-", otpauth_line);
}

static int authnotp_line(struct import *import, char *line)
{
    struct cp2fa_authnotp user;
    int status = EX_OK;

    switch (cp2fa_authnotp_parse(line, &user)) {
    case CP2FA_AUTHNOTP_OK: {
        const struct cp2fa_brought brought = {
            .name = import->what,
            .totp = user.totp,
            .secret = user.secret,
            .len = user.len,
            .last_step = cp2fa_enroll_before(import->ctl, &user.totp),
            .skew = user.skew,
        };

        status = bring(import, import->ctl->options.realm, user.user, &brought);
        break;
    }
    case CP2FA_AUTHNOTP_BLANK:
        break;
    case CP2FA_AUTHNOTP_COUNTER:
        skip(import, "codes by a counter (HOTP) are not supported");
        break;
    case CP2FA_AUTHNOTP_UNSUPPORTED:
        skip(import, "mOTP, or its digits or interval, are not supported");
        break;
    case CP2FA_AUTHNOTP_MALFORMED:
        skip(import, "not of the form: type user PIN key …");
        break;
    }
    cp2fa_bytes_wipe(&user, sizeof(user));
    return status;
}

static int need_realm(const struct cp2fa_ctl *ctl)
{
    if (!ctl->options.realm) {
        cp2fa_ctl_say("say --realm REALM: as AuthName or TwoFactorRealm has "
                      "it");
        return EX_USAGE;
    }
    return EX_OK;
}

int cp2fa_import_authnotp(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct import import = {.ctl = ctl, .what = ctl->options.name};
    int status = need_realm(ctl);

    (void)argc;
    return status == EX_OK ? each_line(&import, argv[0], authnotp_line)
                           : status;
}

static int bring_google(struct cp2fa_ctl *ctl,
                        const struct cp2fa_googleauth *parsed)
{
    struct import import = {.ctl = ctl, .line = 1};
    int64_t before = cp2fa_enroll_before(ctl, &parsed->totp);
    const struct cp2fa_brought brought = {
        .name = ctl->options.name,
        .totp = parsed->totp,
        .secret = parsed->secret,
        .len = parsed->len,
        .last_step = parsed->last_step > before ? parsed->last_step : before,
    };

    if (parsed->scratch_codes > 0) {
        cp2fa_ctl_say("%d emergency scratch codes are not taken along: let "
                      "the user make recovery codes in My Profile",
                      parsed->scratch_codes);
    }
    return summary(&import, bring(&import, ctl->options.realm,
                                  ctl->options.user, &brought));
}

int cp2fa_import_google(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_googleauth parsed;
    char text[4096];
    size_t len = 0;
    int status = need_realm(ctl);
    FILE *file = NULL;

    (void)argc;
    if (status == EX_OK && !ctl->options.user) {
        cp2fa_ctl_say("say --user USER: the file does not name its owner");
        status = EX_USAGE;
    }
    if (status == EX_OK) {
        file = open_file(argv[0], &status);
    }
    if (file) {
        len = fread(text, 1, sizeof(text), file);
        if (file != stdin) {
            fclose(file);
        }
        switch (cp2fa_googleauth_parse(text, len, &parsed)) {
        case CP2FA_GOOGLEAUTH_OK:
            status = bring_google(ctl, &parsed);
            break;
        case CP2FA_GOOGLEAUTH_COUNTER:
            cp2fa_ctl_say("codes by a counter (HOTP) are not supported");
            status = EX_DATAERR;
            break;
        case CP2FA_GOOGLEAUTH_MALFORMED:
            cp2fa_ctl_say("%s is no file of google-authenticator", argv[0]);
            status = EX_DATAERR;
            break;
        }
        cp2fa_bytes_wipe(&parsed, sizeof(parsed));
        cp2fa_bytes_wipe(text, sizeof(text));
    }
    return status;
}
