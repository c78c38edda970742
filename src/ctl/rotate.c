/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "core/keyring.h"
#include "core/text.h"
#include "ctl/keytext.h"
#include "service/keyfile.h"
#include "service/prepare.h"
#include "service/reseal.h"
#include "store/schema.h"

#define SETTLE      5  /* seconds */
#define RELOAD_MOST 60 /* seconds that a reload may take */

/* Children read the keys when they start. So a new key is first given to all
 * of them and seals nothing; then it seals; and only when no child is left
 * that could not open what it sealed, is the rest sealed anew. That a server
 * has read a key, or sealed with it, is noted in the database at its start. */
enum step {
    STEP_ADD,
    STEP_READ,     /* a new key waits for the servers to read it */
    STEP_ACTIVATE, /* they have */
    STEP_SEAL,     /* the active key waits for the servers to use it */
    STEP_RESEAL,
    STEP_FAILED,
};

/* A key behind the active one in the file is new. */
static const char *new_key(const struct cp2fa_keyring *ring)
{
    const char *active = cp2fa_keyring_active(ring);
    const char *last = NULL;
    const char *id;

    for (size_t i = 0; (id = cp2fa_keyring_id(ring, i)); i++) {
        last = id;
    }
    return !last || strcmp(last, active) == 0 ? NULL : last;
}

static int is_noted(struct cp2fa_ctl *ctl, const char *id, int sealed)
{
    struct cp2fa_rows notes;

    return cp2fa_schema_notes(ctl->service.store, ctl->p, &notes) == CP2FA_DB_OK
           && cp2fa_prepare_knows(&ctl->service, &notes, id, sealed);
}

/* Secrets under other keys than the active one; -1: nobody can tell. */
static int64_t left_to_reseal(struct cp2fa_ctl *ctl)
{
    struct cp2fa_key_use uses[CP2FA_KEY_USES];
    int64_t left = 0;
    int count;

    if (cp2fa_reseal_count(&ctl->service, ctl->p, uses, &count)
        != CP2FA_DB_OK) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        left += uses[i].active ? 0 : uses[i].secrets;
    }
    return left;
}

static enum step next_step(struct cp2fa_ctl *ctl)
{
    const char *fresh = new_key(ctl->keys);
    int64_t left;

    if (fresh) {
        return is_noted(ctl, fresh, 0) ? STEP_ACTIVATE : STEP_READ;
    }
    if (!is_noted(ctl, cp2fa_keyring_active(ctl->keys), 1)) {
        return STEP_SEAL;
    }
    left = left_to_reseal(ctl);
    if (left < 0) {
        return STEP_FAILED;
    }
    return left > 0 ? STEP_RESEAL : STEP_ADD;
}

static int add(struct cp2fa_ctl *ctl)
{
    char id[CP2FA_KEY_ID_MAX + 1];
    int status;

    if (cp2fa_keyfile_new_id(ctl->service.random, id) != 0) {
        cp2fa_ctl_say("no random bytes for a new key");
        return EX_OSERR;
    }
    status =
        cp2fa_keytext_change(ctl, cp2fa_keyring_active(ctl->keys), NULL, id);
    if (status == EX_OK) {
        cp2fa_ctl_say("step 1 of 3: key \"%s\" is in %s, and seals nothing "
                      "yet",
                      id, ctl->key_file);
        status = cp2fa_keytext_note(ctl, "key-added", id);
    }
    return status;
}

static int activate(struct cp2fa_ctl *ctl)
{
    const char *id = apr_pstrdup(ctl->p, new_key(ctl->keys));
    int status = cp2fa_keytext_change(ctl, id, NULL, NULL);

    if (status == EX_OK) {
        cp2fa_ctl_say("step 2 of 3: key \"%s\" is the active one", id);
        status = cp2fa_keytext_note(ctl, "key-activated", id);
    }
    return status;
}

static int reseal(struct cp2fa_ctl *ctl)
{
    struct cp2fa_reseal walk = {.after = ""};
    apr_pool_t *turns[2]; /* the last id is in the one of before */
    enum cp2fa_db_result result;
    int turn = 0;

    apr_pool_create(&turns[0], ctl->p);
    apr_pool_create(&turns[1], ctl->p);
    while ((result = cp2fa_reseal_some(&ctl->service, turns[turn], &walk))
           == CP2FA_DB_OK) {
        turn = !turn;
        apr_pool_clear(turns[turn]);
    }
    if (result == CP2FA_DB_FAILED) {
        cp2fa_ctl_say("%d secrets are sealed anew; cp2factl key rotate goes "
                      "on with the rest",
                      (int)walk.resealed);
        return cp2fa_ctl_unavailable();
    }
    cp2fa_ctl_say("step 3 of 3: %d secrets are sealed anew under key \"%s\"; "
                  "cp2factl key status says what older keys are still "
                  "needed for",
                  (int)walk.resealed, cp2fa_keyring_active(ctl->keys));
    if (walk.unopened > 0) {
        cp2fa_ctl_say("%d secrets do not open: their owners must enrol anew",
                      (int)walk.unopened);
        return EX_DATAERR;
    }
    return cp2fa_keytext_note(ctl, "secrets-resealed",
                              cp2fa_keyring_active(ctl->keys));
}

/* Reloads the servers, and waits until the note is there. */
static int reload(struct cp2fa_ctl *ctl, const char *id, int sealed,
                  int64_t settle)
{
    apr_time_t until = apr_time_now() + apr_time_from_sec(RELOAD_MOST);

    if (!ctl->options.graceful) {
        cp2fa_ctl_say("now reload httpd on every node (apachectl graceful), "
                      "then say cp2factl key rotate again");
        return EX_OK;
    }
    if (system(ctl->options.graceful) != 0) { /* the operator's own words */
        cp2fa_ctl_say("--graceful: the command failed; when httpd is "
                      "reloaded, say cp2factl key rotate again");
        return EX_UNAVAILABLE;
    }
    while (!is_noted(ctl, id, sealed)) {
        if (apr_time_now() > until) {
            cp2fa_ctl_say("no server has read the key file within %d s of "
                          "its reload: look into its log",
                          RELOAD_MOST);
            return EX_TEMPFAIL;
        }
        apr_sleep(apr_time_from_msec(100));
    }
    apr_sleep(apr_time_from_sec(settle));
    return EX_OK;
}

static int take_step(struct cp2fa_ctl *ctl, enum step step, int64_t settle)
{
    int status = EX_OK;

    switch (step) {
    case STEP_ADD:
        status = add(ctl);
        return status == EX_OK ? reload(ctl, new_key(ctl->keys), 0, settle)
                               : status;
    case STEP_READ:
        cp2fa_ctl_say("no server has read key \"%s\" yet", new_key(ctl->keys));
        status = reload(ctl, new_key(ctl->keys), 0, settle);
        return ctl->options.graceful ? status : EX_TEMPFAIL;
    case STEP_ACTIVATE:
        status = activate(ctl);
        return status == EX_OK
                   ? reload(ctl, cp2fa_keyring_active(ctl->keys), 1, settle)
                   : status;
    case STEP_SEAL:
        cp2fa_ctl_say("no server has started with key \"%s\" as the active "
                      "one yet",
                      cp2fa_keyring_active(ctl->keys));
        status = reload(ctl, cp2fa_keyring_active(ctl->keys), 1, settle);
        return ctl->options.graceful ? status : EX_TEMPFAIL;
    case STEP_RESEAL:
        return reseal(ctl);
    case STEP_FAILED:
        break;
    }
    return cp2fa_ctl_unavailable();
}

int cp2fa_key_rotate(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    int64_t settle = SETTLE;
    enum step step = next_step(ctl);
    int status;

    (void)argc;
    (void)argv;
    if (ctl->options.settle
        && cp2fa_text_number(ctl->options.settle, 0, 3600, &settle) != 0) {
        cp2fa_ctl_say("--settle is a number of seconds up to 3600");
        return EX_USAGE;
    }
    status = take_step(ctl, step, settle);
    /* where the servers are reloaded by us, all steps in a row */
    while (status == EX_OK && ctl->options.graceful && step != STEP_RESEAL) {
        step = next_step(ctl);
        if (step == STEP_ADD) {
            return reseal(ctl); /* nobody has enrolled yet */
        }
        status = take_step(ctl, step, settle);
    }
    return status;
}
