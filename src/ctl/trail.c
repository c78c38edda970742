/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <string.h>

#include <apr_time.h>

#include "ctl/terminal.h"
#include "service/operator.h"
#include "store/purge.h"
#include "store/survey.h"

/* between two steps of a purge, for who waits to write */
#define PAUSE apr_time_from_msec(10)

static json_t *row_of(const struct cp2fa_event *event)
{
    int by_operator = strcmp(event->address, CP2FA_OPERATOR) == 0;

    return json_pack("{s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:o}", "at",
                     cp2fa_terminal_time(event->at), "kind",
                     cp2fa_terminal_text(event->kind), "actor",
                     by_operator ? CP2FA_OPERATOR : "user", "realm",
                     cp2fa_terminal_text(event->realm), "user",
                     cp2fa_terminal_text(event->name), "address",
                     by_operator ? json_null()
                                 : cp2fa_terminal_text(event->address),
                     "agent", cp2fa_terminal_text(event->agent), "detail",
                     cp2fa_terminal_text(event->detail));
}

static int since_of(const struct cp2fa_ctl *ctl, int64_t *since)
{
    if (cp2fa_terminal_parse_time(ctl->options.since, ctl->now / CP2FA_SECOND,
                                  since)
        != 0) {
        cp2fa_ctl_say("--since is a time such as 2026-11-24T06:45Z or "
                      "2026-11-24, in UTC, or an age such as 2h");
        return EX_USAGE;
    }
    return EX_OK;
}

int cp2fa_log(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    static cp2fa_columns columns = {"at",    "kind",   "actor",
                                    "realm", "user",   "address",
                                    "agent", "detail", NULL};
    struct cp2fa_trail trail = {
        .after = "",
        .until = ctl->now / CP2FA_SECOND + 366 * 86400,
        .realm = ctl->options.realm ? ctl->options.realm : "",
        .name = ctl->options.user ? ctl->options.user : "",
    };
    json_t *rows;
    struct cp2fa_event *events;
    enum cp2fa_db_result result;
    int count;

    (void)argc;
    (void)argv;
    if (ctl->options.since && since_of(ctl, &trail.since) != EX_OK) {
        return EX_USAGE;
    }
    rows = json_array();
    while ((result = cp2fa_survey_events(ctl->service.store, ctl->p, &trail,
                                         &events, &count))
           == CP2FA_DB_OK) {
        for (int i = 0; i < count; i++) {
            json_array_append_new(rows, row_of(&events[i]));
        }
        trail.since = events[count - 1].at;
        trail.after = events[count - 1].id;
    }
    if (result == CP2FA_DB_FAILED) {
        json_decref(rows);
        return cp2fa_ctl_unavailable();
    }
    return cp2fa_terminal_list(ctl, rows, columns);
}

static int revoke_one(struct cp2fa_ctl *ctl,
                      const struct cp2fa_account_line *line, int64_t since)
{
    struct cp2fa_who who = cp2fa_ctl_who(ctl, line->realm, line->name);
    struct cp2fa_account *account;

    who.user = line->name;
    switch (cp2fa_accounts_find(ctl->service.store, ctl->p, line->realm,
                                line->name, &account)) {
    case CP2FA_DB_OK:
        return cp2fa_ctl_exit(
            cp2fa_operator_revoke(&ctl->service, ctl->p, &who, account, since,
                                  ctl->settings.clock_skew, ctl->now));
    case CP2FA_DB_NONE:
        return EX_OK;
    case CP2FA_DB_FAILED:
        break;
    }
    return cp2fa_ctl_unavailable();
}

int cp2fa_revoke(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    struct cp2fa_account_line *lines;
    enum cp2fa_db_result result = CP2FA_DB_OK;
    const char *after_realm = "";
    const char *after_name = "";
    int64_t since;
    int status;
    int total = 0;
    int count;

    (void)argc;
    (void)argv;
    if (!ctl->options.since || since_of(ctl, &since) != EX_OK) {
        cp2fa_ctl_say("say --since TIME: when the backup was made");
        return EX_USAGE;
    }
    status = cp2fa_terminal_confirm(
        ctl, "This ends sessions and voids recovery codes of before that "
             "time, of every account; PINs are not taken for some minutes.");
    while (status == EX_OK
           && (result = cp2fa_survey_accounts(
                   ctl->service.store, ctl->p,
                   ctl->options.realm ? ctl->options.realm : "", after_realm,
                   after_name, ctl->now / CP2FA_SECOND, &lines, &count))
                  == CP2FA_DB_OK) {
        for (int i = 0; status == EX_OK && i < count; i++, total++) {
            after_realm = lines[i].realm;
            after_name = lines[i].name;
            status = revoke_one(ctl, &lines[i], since);
        }
    }
    if (status != EX_OK) {
        return status;
    }
    cp2fa_ctl_say("%d accounts: what was used since that time is void", total);
    return result == CP2FA_DB_FAILED ? cp2fa_ctl_unavailable() : EX_OK;
}

int cp2fa_purge(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    int64_t now = ctl->now / CP2FA_SECOND;
    int64_t before = cp2fa_purge_left(ctl->service.store, ctl->p, now);
    int64_t left = before;
    int more = left > 0;

    (void)argc;
    (void)argv;
    while (more) {
        if (cp2fa_purge_run(ctl->service.store, ctl->p, now, &more)
            != CP2FA_DB_OK) {
            return cp2fa_ctl_unavailable();
        }
        if (more) {
            apr_sleep(PAUSE);
        }
    }
    if (before > 0) {
        left = cp2fa_purge_left(ctl->service.store, ctl->p, now);
    }
    if (left < 0) {
        return cp2fa_ctl_unavailable();
    }
    cp2fa_ctl_say("%d expired rows deleted", (int)(before - left));
    return EX_OK;
}
