/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <string.h>

#include <apr_strings.h>

#include "ctl/terminal.h"
#include "service/operator.h"
#include "store/survey.h"

#define ID_SHOWN 16 /* of a hash's 64 digits */
#define ID_LEAST 8

/* Whether --realm and --user, where they are given, name this account. */
static int is_wanted(const struct cp2fa_ctl *ctl, const char *realm,
                     const char *name)
{
    const struct cp2fa_options *o = &ctl->options;

    return (!o->realm || strcmp(o->realm, realm) == 0)
           && (!o->user || strcmp(o->user, name) == 0);
}

/* Calls one for every session there is. Returns an exit status. */
static int each(struct cp2fa_ctl *ctl,
                int (*one)(struct cp2fa_ctl *ctl, void *baton,
                           const struct cp2fa_session *session),
                void *baton)
{
    struct cp2fa_session *sessions;
    enum cp2fa_db_result result;
    const char *after = "";
    int status = EX_OK;
    int count;

    while ((result = cp2fa_survey_sessions(ctl->service.store, ctl->p, after,
                                           ctl->now / CP2FA_SECOND, &sessions,
                                           &count))
           == CP2FA_DB_OK) {
        for (int i = 0; status == EX_OK && i < count; i++) {
            after = sessions[i].hash;
            status = one(ctl, baton, &sessions[i]);
        }
        if (status != EX_OK) {
            return status;
        }
    }
    return result == CP2FA_DB_FAILED ? cp2fa_ctl_unavailable() : EX_OK;
}

static int add_row(struct cp2fa_ctl *ctl, void *baton,
                   const struct cp2fa_session *session)
{
    if (is_wanted(ctl, session->realm, session->name)) {
        json_array_append_new(
            baton,
            json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
                      cp2fa_terminal_text(
                          apr_pstrndup(ctl->p, session->hash, ID_SHOWN)),
                      "realm", cp2fa_terminal_text(session->realm), "user",
                      cp2fa_terminal_text(session->name), "amr",
                      cp2fa_terminal_text(session->amr), "created",
                      cp2fa_terminal_time(session->created), "auth_time",
                      cp2fa_terminal_time(session->auth_time), "last_seen",
                      cp2fa_terminal_time(session->last_seen), "ends",
                      cp2fa_terminal_time(session->ends), "address",
                      cp2fa_terminal_text(session->address), "agent",
                      cp2fa_terminal_text(session->agent)));
    }
    return EX_OK;
}

int cp2fa_session_list(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    static cp2fa_columns columns = {"id",      "realm",   "user",
                                    "amr",     "created", "last_seen",
                                    "address", "agent",   NULL};
    json_t *rows = json_array();
    int status = each(ctl, add_row, rows);

    (void)argc;
    (void)argv;
    if (status != EX_OK) {
        json_decref(rows);
        return status;
    }
    return cp2fa_terminal_list(ctl, rows, columns);
}

struct search {
    const char *id; /* how its hash begins */
    struct cp2fa_session found;
    int count;
};

static int match(struct cp2fa_ctl *ctl, void *baton,
                 const struct cp2fa_session *session)
{
    struct search *search = baton;

    (void)ctl;
    if (strncmp(session->hash, search->id, strlen(search->id)) == 0) {
        search->found = *session;
        search->count++;
    }
    return EX_OK;
}

static int end_of(struct cp2fa_ctl *ctl, const struct cp2fa_session *session,
                  const char *hash, int *ended)
{
    struct cp2fa_who who = cp2fa_ctl_who(ctl, session->realm, session->name);
    struct cp2fa_account *account;

    *ended = 0;
    switch (cp2fa_accounts_find(ctl->service.store, ctl->p, session->realm,
                                session->name, &account)) {
    case CP2FA_DB_OK:
        who.user = session->name;
        return cp2fa_ctl_exit(cp2fa_operator_end_sessions(
            &ctl->service, ctl->p, &who, account, hash, ctl->now, ended));
    case CP2FA_DB_NONE:
        return EX_OK; /* gone meanwhile */
    case CP2FA_DB_FAILED:
        break;
    }
    return cp2fa_ctl_unavailable();
}

static int end_by_id(struct cp2fa_ctl *ctl, const char *id)
{
    struct search search = {.id = id};
    int ended;
    int status;

    if (strlen(id) < ID_LEAST) {
        cp2fa_ctl_say("an id has at least %d digits", ID_LEAST);
        return EX_USAGE;
    }
    status = each(ctl, match, &search);
    if (status == EX_OK && search.count != 1) {
        cp2fa_ctl_say("%s session begins with %s",
                      search.count == 0 ? "no" : "more than one", id);
        return EX_DATAERR;
    }
    return status == EX_OK
               ? end_of(ctl, &search.found, search.found.hash, &ended)
               : status;
}

/* The first session of an account takes the others with it. */
static int end_one(struct cp2fa_ctl *ctl, void *baton,
                   const struct cp2fa_session *session)
{
    int *total = baton;
    int ended = 0;
    int status = EX_OK;

    if (is_wanted(ctl, session->realm, session->name)) {
        status = end_of(ctl, session, NULL, &ended);
        *total += ended;
    }
    return status;
}

int cp2fa_session_end(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    const struct cp2fa_options *o = &ctl->options;
    int total = 0;
    int status;

    if ((argc == 1) + (o->user != NULL) + o->all != 1
        || (o->user && !o->realm)) {
        cp2fa_ctl_say("session end takes an ID, or --realm and --user, or "
                      "--all");
        return EX_USAGE;
    }
    if (argc == 1) {
        return end_by_id(ctl, argv[0]);
    }
    status = o->user ? EX_OK
                     : cp2fa_terminal_confirm(ctl, "This ends every session of "
                                                   "every account.");
    if (status == EX_OK) {
        status = each(ctl, end_one, &total);
        cp2fa_ctl_say("%d sessions ended", total);
    }
    return status;
}
