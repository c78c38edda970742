/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <string.h>

#include <apr_strings.h>

#include "core/keyring.h"
#include "ctl/keytext.h"
#include "ctl/terminal.h"
#include "service/keyfile.h"
#include "service/operator.h"
#include "service/prepare.h"
#include "service/reseal.h"

int cp2fa_key_new(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    const char *problem = cp2fa_keyfile_make(ctl->p, argv[0], cp2fa_ctl_random);

    (void)argc;
    if (problem) {
        cp2fa_ctl_say("%s", problem);
        return EX_CANTCREAT;
    }
    cp2fa_ctl_say("made %s: keep a copy of it apart from the database's",
                  argv[0]);
    return EX_OK;
}

int cp2fa_key_status(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    static cp2fa_columns columns = {"id",          "in_file", "active",
                                    "read",        "secrets", "codes",
                                    "mail_tokens", "mails",   NULL};
    struct cp2fa_key_use uses[CP2FA_KEY_USES];
    json_t *rows;
    int count;

    (void)argc;
    (void)argv;
    if (cp2fa_reseal_count(&ctl->service, ctl->p, uses, &count)
        != CP2FA_DB_OK) {
        return cp2fa_ctl_unavailable();
    }
    rows = json_array();
    for (int i = 0; i < count; i++) {
        const struct cp2fa_key_use *use = &uses[i];

        json_array_append_new(
            rows,
            json_pack("{s:s,s:b,s:b,s:b,s:I,s:I,s:I,s:I}", "id", use->id,
                      "in_file", use->in_file, "active", use->active, "read",
                      use->known, "secrets", (json_int_t)use->secrets, "codes",
                      (json_int_t)use->codes, "mail_tokens",
                      (json_int_t)use->mail_tokens, "mails",
                      (json_int_t)use->mails));
    }
    return cp2fa_terminal_list(ctl, rows, columns);
}

static const struct cp2fa_key_use *find(const struct cp2fa_key_use *uses,
                                        int count, const char *id)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(uses[i].id, id) == 0) {
            return &uses[i];
        }
    }
    return NULL;
}

static int may_retire(const struct cp2fa_key_use *use, const char *id)
{
    if (!use || !use->in_file) {
        cp2fa_ctl_say("no key \"%s\" in the key file", id);
        return EX_DATAERR;
    }
    if (use->active) {
        cp2fa_ctl_say("key \"%s\" is the active one: cp2factl key rotate "
                      "makes another",
                      id);
        return EX_DATAERR;
    }
    if (use->secrets + use->codes + use->mail_tokens + use->mails > 0) {
        cp2fa_ctl_say(
            "key \"%s\" is still needed for %d secrets (cp2factl key rotate "
            "seals them anew), %d recovery codes and application tokens (until "
            "their owners make new ones), %d mailed tokens and %d mails (for a "
            "day)",
            id, (int)use->secrets, (int)use->codes, (int)use->mail_tokens,
            (int)use->mails);
        return EX_DATAERR;
    }
    return EX_OK;
}

static int look(struct cp2fa_ctl *ctl, const char *id)
{
    struct cp2fa_key_use uses[CP2FA_KEY_USES];
    int count;

    return cp2fa_reseal_count(&ctl->service, ctl->p, uses, &count)
                   == CP2FA_DB_OK
               ? may_retire(find(uses, count, id), id)
               : cp2fa_ctl_unavailable();
}

int cp2fa_key_retire(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    int status = look(ctl, argv[0]);

    (void)argc;
    if (status == EX_OK) {
        status = cp2fa_terminal_confirm(
            ctl,
            "This takes key \"%s\" out of the key file; backups of the "
            "database that were made under it need a copy of the key.",
            argv[0]);
    }
    /* an answer may take its time: a key that was needed by nobody may be the
     * active one by now */
    if (status == EX_OK) {
        status = cp2fa_ctl_open_keys(ctl);
    }
    if (status == EX_OK) {
        status = look(ctl, argv[0]);
    }
    /* first the notes: a server that finds one of a key that it does not have
     * does not start */
    if (status == EX_OK
        && cp2fa_prepare_forget(&ctl->service, ctl->p, argv[0])
               != CP2FA_DB_OK) {
        status = cp2fa_ctl_unavailable();
    }
    if (status == EX_OK) {
        status = cp2fa_keytext_change(
            ctl, cp2fa_keyring_active(ctl->service.keys), argv[0], NULL);
    }
    return status == EX_OK ? cp2fa_keytext_note(ctl, "key-retired", argv[0])
                           : status;
}
