/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <string.h>

#include "ctl/terminal.h"
#include "service/disable.h"
#include "service/facts.h"
#include "service/operator.h"
#include "store/codes.h"
#include "store/sessions.h"
#include "store/survey.h"

/* Failures are a string of times, of one length each. */
static int failures_in(const char *text)
{
    return (int)(strlen(text) / CP2FA_FAILURE_LEN);
}

static json_t *line_of(const struct cp2fa_account_line *line)
{
    return json_pack(
        "{s:o,s:o,s:b,s:i,s:i,s:i,s:i,s:b,s:o,s:o}", "realm",
        cp2fa_terminal_text(line->realm), "user",
        cp2fa_terminal_text(line->name), "enabled", line->devices > 0,
        "devices", line->devices, "codes", line->codes, "sessions",
        line->sessions, "failures", failures_in(line->failures), "locked",
        line->locked_at != 0, "email", cp2fa_terminal_text(line->email),
        "created", cp2fa_terminal_time(line->created));
}

int cp2fa_user_list(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    static cp2fa_columns columns = {"realm", "user",     "enabled",  "devices",
                                    "codes", "sessions", "failures", "locked",
                                    "email", NULL};
    const char *realm = ctl->options.realm ? ctl->options.realm : "";
    const char *after_realm = "";
    const char *after_name = "";
    json_t *rows = json_array();
    struct cp2fa_account_line *lines;
    enum cp2fa_db_result result;
    int count;

    (void)argc;
    (void)argv;
    while ((result = cp2fa_survey_accounts(
                ctl->service.store, ctl->p, realm, after_realm, after_name,
                ctl->now / CP2FA_SECOND, &lines, &count))
           == CP2FA_DB_OK) {
        for (int i = 0; i < count; i++) {
            json_array_append_new(rows, line_of(&lines[i]));
        }
        after_realm = lines[count - 1].realm;
        after_name = lines[count - 1].name;
    }
    if (result == CP2FA_DB_FAILED) {
        json_decref(rows);
        return cp2fa_ctl_unavailable();
    }
    return cp2fa_terminal_list(ctl, rows, columns);
}

static json_t *devices_of(const struct cp2fa_account *account)
{
    json_t *devices = json_array();

    for (int i = 0; i < account->device_count; i++) {
        const struct cp2fa_device *device = &account->devices[i];

        json_array_append_new(
            devices,
            json_pack("{s:o,s:s,s:i,s:i,s:o,s:o}", "name",
                      cp2fa_terminal_text(device->name), "algorithm",
                      cp2fa_totp_alg_name(device->totp.alg), "digits",
                      (int)device->totp.digits, "period",
                      (int)device->totp.period, "created",
                      cp2fa_terminal_time(device->created), "last_used",
                      cp2fa_terminal_time(device->last_used)));
    }
    return devices;
}

int cp2fa_user_show(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_account *account;
    struct cp2fa_session *sessions;
    struct cp2fa_who who;
    int shown = 0;
    int count = 0; /* of those that are sessions, not remembered browsers */
    int codes = 0;
    int status = cp2fa_ctl_account(ctl, argv[0], &who, &account);

    (void)argc;
    if (status != EX_OK) {
        return status;
    }
    if (cp2fa_sessions_show(ctl->service.store, ctl->p, account->id,
                            ctl->now / CP2FA_SECOND, &sessions, &shown)
            != CP2FA_DB_OK
        || cp2fa_codes_count(ctl->service.store, ctl->p, account->id, &codes)
               != CP2FA_DB_OK) {
        return cp2fa_ctl_unavailable();
    }
    for (int i = 0; i < shown; i++) {
        count += !cp2fa_facts_is_browser(&sessions[i]);
    }
    return cp2fa_terminal_show(
        ctl,
        json_pack(
            "{s:o,s:o,s:b,s:i,s:i,s:i,s:b,s:o,s:o,s:o,s:o}", "realm",
            cp2fa_terminal_text(account->realm), "user",
            cp2fa_terminal_text(account->name), "enabled",
            account->device_count > 0, "codes", codes, "sessions", count,
            "failures", failures_in(account->attempts.failures), "locked",
            account->attempts.locked_at != 0, "locked_at",
            cp2fa_terminal_time(account->attempts.locked_at / CP2FA_SECOND),
            "next_try",
            cp2fa_terminal_time(account->attempts.next_try / CP2FA_SECOND),
            "email", cp2fa_terminal_text(account->email), "devices",
            devices_of(account)));
}

int cp2fa_user_email(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_account *account;
    struct cp2fa_who who;
    enum cp2fa_outcome outcome;
    int status = cp2fa_ctl_account(ctl, argv[0], &who, &account);

    (void)argc;
    if (status == EX_OK) {
        status = cp2fa_terminal_confirm(
            ctl,
            "Who reads mail of that address can disable two-factor "
            "authentication of %s in %s with the password.",
            who.user, who.realm);
    }
    if (status != EX_OK) {
        return status;
    }
    outcome = cp2fa_operator_set_email(&ctl->service, ctl->p, &who, account,
                                       argv[1], ctl->now);
    if (outcome == CP2FA_OUTCOME_BAD_NAME) {
        cp2fa_ctl_say("that is no mail address; \"\" stands for none");
        return EX_DATAERR;
    }
    return cp2fa_ctl_exit(outcome);
}

int cp2fa_user_unlock(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_account *account;
    struct cp2fa_who who;
    int status = cp2fa_ctl_account(ctl, argv[0], &who, &account);

    (void)argc;
    return status == EX_OK ? cp2fa_ctl_exit(cp2fa_operator_unlock(
               &ctl->service, ctl->p, &who, account, ctl->now))
                           : status;
}

int cp2fa_user_disable(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_account *account;
    struct cp2fa_rows ended;
    struct cp2fa_who who;
    int status = cp2fa_ctl_account(ctl, argv[0], &who, &account);

    (void)argc;
    if (status == EX_OK) {
        status = cp2fa_terminal_confirm(
            ctl,
            "This removes every device and recovery code of %s in %s and "
            "ends all sessions; until the next enrolment the password alone "
            "is enough where TwoFactor is optional.",
            who.user, who.realm);
    }
    return status == EX_OK ? cp2fa_ctl_exit(cp2fa_disable_all(
               &ctl->service, ctl->p, &who, NULL,
               CP2FA_NOTICE_DISABLED_BY_OPERATOR, ctl->now, &ended))
                           : status;
}
