/* SPDX-License-Identifier: Apache-2.0 */
#include "service/courier.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core/address.h"
#include "core/mailrate.h"
#include "core/message.h"
#include "service/letter.h"

#define CLAIM_SECONDS    180 /* longer than any transport takes */
#define TEMPLATE_MAX     8192
#define MESSAGE_MAX      32768
#define DEFAULT_LANGUAGE "en"

/* The words of a mail, in clear text with a token in it: wiped after use. */
struct draft {
    char text[TEMPLATE_MAX];
    char filled[MESSAGE_MAX / 2];
    char message[MESSAGE_MAX];
    int len;
};

/* What names a file must not lead out of the folder. */
static int is_word(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= 32
           && strspn(text, "abcdefghijklmnopqrstuvwxyz-") == len;
}

static int read_template(const struct cp2fa_courier *courier, apr_pool_t *p,
                         const char *kind, const char *language,
                         char out[TEMPLATE_MAX])
{
    const char *name =
        apr_psprintf(p, "%s/%s.txt.%s", courier->templates, kind, language);
    apr_file_t *file;
    apr_size_t len = 0;
    apr_status_t rv;

    if (!is_word(kind) || !is_word(language)
        || apr_file_open(&file, name, APR_READ, 0, p) != APR_SUCCESS) {
        return -1;
    }
    rv = apr_file_read_full(file, out, TEMPLATE_MAX - 1, &len);
    apr_file_close(file);
    out[len] = '\0';
    return (rv == APR_SUCCESS || APR_STATUS_IS_EOF(rv))
                   && len < TEMPLATE_MAX - 1
               ? 0
               : -1;
}

/* The template, filled in: a reason why not, or NULL. */
static const char *fill_in(const struct cp2fa_courier *courier, apr_pool_t *p,
                           const struct cp2fa_mail *mail, struct draft *draft,
                           enum cp2fa_sent *sent)
{
    struct cp2fa_value values[CP2FA_LETTER_VALUES];
    const char *wrong;
    char *secret;
    int count = cp2fa_letter_values(courier->service, p, mail, values, &secret);
    int rv;

    if (count < 0) {
        *sent = CP2FA_SENT_NEVER;
        return "its token does not open: its key is not in the key file, or "
               "the row was changed";
    }
    if (read_template(courier, p, mail->kind, mail->language, draft->text) != 0
        && read_template(courier, p, mail->kind, DEFAULT_LANGUAGE, draft->text)
               != 0) {
        rv = -1;
        wrong = apr_psprintf(p, "no file %s/%s.txt.%s", courier->templates,
                             mail->kind, DEFAULT_LANGUAGE);
    }
    else {
        rv =
            cp2fa_template_render(draft->text, values, (size_t)count,
                                  draft->filled, sizeof(draft->filled), &wrong);
        wrong = wrong ? apr_psprintf(p,
                                     "template %s.txt: unknown name at "
                                     "%.30s",
                                     mail->kind, wrong)
                      : "its template is too long";
    }
    if (secret) {
        cp2fa_bytes_wipe(secret, strlen(secret));
    }
    return rv < 0 ? wrong : NULL;
}

static const char *write_out(const struct cp2fa_courier *courier,
                             const struct cp2fa_mail *mail, struct draft *draft,
                             enum cp2fa_sent *sent)
{
    const struct cp2fa_envelope envelope = {
        .id = mail->id,
        .from = courier->from,
        .to = mail->recipient,
        .date = mail->created,
    };

    draft->len = cp2fa_message_write(&envelope, draft->filled, draft->message,
                                     sizeof(draft->message));
    if (draft->len >= 0) {
        return NULL;
    }
    if (!cp2fa_address_valid(mail->recipient)) {
        *sent = CP2FA_SENT_NEVER;
        return "its recipient is no valid address";
    }
    return "its template begins with no Subject line, or is no UTF-8";
}

static enum cp2fa_sent hand_on(const struct cp2fa_courier *courier,
                               apr_pool_t *p, const struct cp2fa_mail *mail,
                               char problem[CP2FA_TRANSPORT_PROBLEM])
{
    enum cp2fa_sent sent = CP2FA_SENT_LATER;
    struct draft *draft = apr_palloc(p, sizeof(*draft));
    const char *wrong = fill_in(courier, p, mail, draft, &sent);

    if (!wrong) {
        wrong = write_out(courier, mail, draft, &sent);
    }
    if (wrong) {
        apr_cpystrn(problem, wrong, CP2FA_TRANSPORT_PROBLEM);
    }
    else {
        const struct cp2fa_parcel parcel = {
            .id = mail->id,
            .created = mail->created,
            .from = courier->from,
            .to = mail->recipient,
            .data = draft->message,
            .len = (size_t)draft->len,
            .stop = courier->stop,
        };

        sent = cp2fa_transport_send(courier->transport, p, &parcel, problem);
    }
    cp2fa_bytes_wipe(draft, sizeof(*draft));
    return sent;
}

/* Writes down what became of it. A mail whose end can't be written down stays
 * claimed, and is sent once more when the claim runs out. */
static enum cp2fa_fate settle(const struct cp2fa_courier *courier,
                              apr_pool_t *p, const struct cp2fa_mail *mail,
                              enum cp2fa_sent sent, const char *problem)
{
    struct cp2fa_store *store = courier->service->store;
    int64_t again =
        cp2fa_mailrate_retry(mail->tries + 1, mail->created, mail->expires,
                             courier->clock() / CP2FA_SECOND);
    enum cp2fa_fate fate = CP2FA_FATE_LATER;
    enum cp2fa_db_result result = CP2FA_DB_OK;

    if (sent == CP2FA_SENT_OK) {
        result = cp2fa_outbox_done(store, p, mail->id);
        fate = CP2FA_FATE_SENT;
    }
    else if (sent == CP2FA_SENT_NEVER || again < 0) {
        result = cp2fa_outbox_dead(store, p, mail->id, problem);
        fate = CP2FA_FATE_DEAD;
    }
    else {
        result = cp2fa_outbox_retry(store, p, mail->id, again, problem);
    }
    if (result == CP2FA_DB_FAILED) {
        courier->service->complain(
            courier->service->baton,
            "what became of a mail could not be written down");
    }
    return fate;
}

static void take_out(const struct cp2fa_courier *courier, apr_pool_t *p,
                     const struct cp2fa_mail *mail)
{
    char problem[CP2FA_TRANSPORT_PROBLEM] = "";
    enum cp2fa_sent sent = CP2FA_SENT_NEVER;
    enum cp2fa_fate fate;

    if (mail->expires != 0
        && courier->clock() / CP2FA_SECOND >= mail->expires) {
        apr_cpystrn(problem, "too late: its token has expired",
                    sizeof(problem));
    }
    else {
        sent = hand_on(courier, p, mail, problem);
    }
    fate = settle(courier, p, mail, sent, problem);
    courier->report(courier->baton, fate, mail, problem);
}

enum cp2fa_db_result cp2fa_courier_round(const struct cp2fa_courier *courier,
                                         apr_pool_t *p)
{
    struct cp2fa_store *store = courier->service->store;
    struct cp2fa_mail *mails;
    apr_pool_t *loop;
    int count;

    if (cp2fa_outbox_due(store, p, courier->clock() / CP2FA_SECOND, &mails,
                         &count)
        != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    apr_pool_create(&loop, p);
    for (int i = 0; i < count && !*courier->stop; i++) {
        apr_pool_clear(loop);
        switch (cp2fa_outbox_claim(store, loop, &mails[i],
                                   courier->clock() / CP2FA_SECOND
                                       + CLAIM_SECONDS)) {
        case CP2FA_DB_OK:
            take_out(courier, loop, &mails[i]);
            break;
        case CP2FA_DB_NONE:
            break; /* another courier has it */
        case CP2FA_DB_FAILED:
            return CP2FA_DB_FAILED;
        }
    }
    return CP2FA_DB_OK;
}
