/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <string.h>

#include "ctl/terminal.h"
#include "service/operator.h"
#include "store/survey.h"

/* Calls one for every mail in the outbox. Returns an exit status. */
static int each(struct cp2fa_ctl *ctl, void *baton,
                int (*one)(struct cp2fa_ctl *ctl, void *baton,
                           const struct cp2fa_mail_line *line))
{
    struct cp2fa_mail_line *lines;
    enum cp2fa_db_result result;
    const char *after = "";
    int status = EX_OK;
    int count;

    while (status == EX_OK
           && (result = cp2fa_survey_mails(ctl->service.store, ctl->p, after,
                                           &lines, &count))
                  == CP2FA_DB_OK) {
        for (int i = 0; status == EX_OK && i < count; i++) {
            after = lines[i].mail.id;
            status = one(ctl, baton, &lines[i]);
        }
    }
    return status == EX_OK && result == CP2FA_DB_FAILED
               ? cp2fa_ctl_unavailable()
               : status;
}

static int add_row(struct cp2fa_ctl *ctl, void *baton,
                   const struct cp2fa_mail_line *line)
{
    (void)ctl;
    json_array_append_new(
        baton, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:o,s:o,s:o}", "id",
                         cp2fa_terminal_text(line->mail.id), "kind",
                         cp2fa_terminal_text(line->mail.kind), "realm",
                         cp2fa_terminal_text(line->mail.realm), "user",
                         cp2fa_terminal_text(line->mail.name), "recipient",
                         cp2fa_terminal_text(line->mail.recipient), "state",
                         cp2fa_terminal_text(line->state), "tries",
                         (int)line->mail.tries, "created",
                         cp2fa_terminal_time(line->mail.created), "next_try",
                         cp2fa_terminal_time(line->mail.next_try), "problem",
                         cp2fa_terminal_text(line->problem)));
    return EX_OK;
}

int cp2fa_mail_list(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    static cp2fa_columns columns = {"id",        "kind",    "user",
                                    "state",     "tries",   "next_try",
                                    "recipient", "problem", NULL};
    json_t *rows = json_array();
    int status = each(ctl, rows, add_row);

    (void)argc;
    (void)argv;
    if (status != EX_OK) {
        json_decref(rows);
        return status;
    }
    return cp2fa_terminal_list(ctl, rows, columns);
}

struct job {
    const char *id; /* NULL: every dead one */
    int done;
    int found;
};

static int is_meant(const struct job *job, const struct cp2fa_mail_line *line)
{
    return job->id ? strcmp(job->id, line->mail.id) == 0
                   : strcmp(line->state, "dead") == 0;
}

/* A mail with a token is of use for minutes, and a dead one has lost it. */
static int has_token(const struct cp2fa_mail_line *line)
{
    size_t len = strlen(line->mail.kind);

    return len > 6 && strcmp(line->mail.kind + len - 6, "-token") == 0;
}

static int retry(struct cp2fa_ctl *ctl, void *baton,
                 const struct cp2fa_mail_line *line)
{
    struct job *job = baton;

    if (!is_meant(job, line)) {
        return EX_OK;
    }
    job->found++;
    if (has_token(line)) {
        cp2fa_ctl_say("mail %s is not sent again: its token is over, the "
                      "user can ask for another",
                      line->mail.id);
        return EX_OK;
    }
    job->done++;
    return cp2fa_outbox_revive(ctl->service.store, ctl->p, line->mail.id,
                               ctl->now / CP2FA_SECOND)
                   == CP2FA_DB_FAILED
               ? cp2fa_ctl_unavailable()
               : EX_OK;
}

static int drop(struct cp2fa_ctl *ctl, void *baton,
                const struct cp2fa_mail_line *line)
{
    struct job *job = baton;

    if (!is_meant(job, line)) {
        return EX_OK;
    }
    job->found++;
    job->done++;
    return cp2fa_outbox_done(ctl->service.store, ctl->p, line->mail.id)
                   == CP2FA_DB_FAILED
               ? cp2fa_ctl_unavailable()
               : EX_OK;
}

static int with_jobs(struct cp2fa_ctl *ctl, int argc, char **argv,
                     int (*one)(struct cp2fa_ctl *ctl, void *baton,
                                const struct cp2fa_mail_line *line),
                     const char *kind)
{
    struct job job = {.id = argc > 0 ? argv[0] : NULL};
    struct cp2fa_who who = cp2fa_ctl_who(ctl, "", "");
    int status;

    if (!job.id == !ctl->options.all) {
        cp2fa_ctl_say("say which: an ID of mail list, or --all for every dead "
                      "letter");
        return EX_USAGE;
    }
    status = each(ctl, &job, one);
    if (status == EX_OK && job.id && job.found == 0) {
        cp2fa_ctl_say("no mail %s in the outbox", job.id);
        return EX_DATAERR;
    }
    if (status == EX_OK && job.done > 0) {
        status = cp2fa_ctl_exit(
            cp2fa_operator_note(&ctl->service, ctl->p, &who, kind,
                                job.id ? job.id : "dead letters", ctl->now));
    }
    return status == EX_OK && job.id && job.done == 0 ? EX_DATAERR : status;
}

int cp2fa_mail_retry(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    return with_jobs(ctl, argc, argv, retry, "mail-retried");
}

int cp2fa_mail_drop(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    int status = cp2fa_terminal_confirm(ctl, "Nobody will get that mail.");

    return status == EX_OK ? with_jobs(ctl, argc, argv, drop, "mail-dropped")
                           : status;
}
