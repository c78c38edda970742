/* SPDX-License-Identifier: Apache-2.0 */
#include "service/letter.h"

#include <string.h>

#include <apr_strings.h>

#include "core/crockford.h"
#include "core/text.h"
#include "service/mailtoken.h"

#define DEFAULT_LANGUAGE "en"
#define AGENT_SHOWN      120 /* bytes of what a browser says of itself */
#define PARTS            6

/* A sealed token is of use in this very row alone: whoever can write to the
 * database can't have it sent to an address of his own. */
static void bind_to(struct cp2fa_part parts[PARTS],
                    const struct cp2fa_mail *mail)
{
    parts[0] = cp2fa_crypto_text("cp2fa_outbox.secret");
    parts[1] = cp2fa_crypto_text(mail->id);
    parts[2] = cp2fa_crypto_text(mail->realm);
    parts[3] = cp2fa_crypto_text(mail->name);
    parts[4] = cp2fa_crypto_text(mail->recipient);
    parts[5] = cp2fa_crypto_text(mail->kind);
}

static const char *seal(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_mail *mail, const uint8_t *token)
{
    struct cp2fa_part parts[PARTS];
    uint8_t nonce[CP2FA_SEAL_NONCE_LEN];
    char *text = apr_palloc(p, CP2FA_SEAL_TEXT_MAX);

    bind_to(parts, mail);
    return service->random(nonce, sizeof(nonce)) == 0
                   && cp2fa_seal_close(service->crypto, service->keys, nonce,
                                       parts, PARTS, token, CP2FA_MAILTOKEN_LEN,
                                       text)
                          == 0
               ? text
               : NULL;
}

/* A line break in a value would make another line of it. */
static const char *one_line(apr_pool_t *p, const char *value, size_t most)
{
    char *copy = apr_pstrndup(p, value ? value : "", most);

    for (char *at = copy; *at; at++) {
        if (*at == '\n' || *at == '\r') {
            *at = ' ';
        }
    }
    /* cut between characters, not within one */
    for (size_t len = strlen(copy);
         len > 0 && !cp2fa_text_is_utf8(copy, strlen(copy)); len--) {
        copy[len - 1] = '\0';
    }
    return copy;
}

static const char *params_of(apr_pool_t *p, const struct cp2fa_who *who,
                             const struct cp2fa_letter *letter)
{
    return apr_psprintf(
        p,
        "address=%s\nagent=%s\ndetail=%s\nissuer=%s\nsite=%s\n"
        "minutes=%" APR_INT64_T_FMT "\n",
        one_line(p, who->address, CP2FA_NAME_MAX),
        one_line(p, who->agent, AGENT_SHOWN),
        one_line(p, letter->detail, CP2FA_NAME_MAX),
        one_line(p, who->issuer ? who->issuer : who->realm, CP2FA_NAME_MAX),
        one_line(p, who->site, CP2FA_NAME_MAX), (apr_int64_t)letter->minutes);
}

enum cp2fa_db_result cp2fa_letter_post(const struct cp2fa_service *service,
                                       struct cp2fa_tx *tx, apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const struct cp2fa_letter *letter,
                                       int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;
    struct cp2fa_mail mail = {
        .id = cp2fa_service_rising_id(service, p, now),
        .account = letter->account,
        .recipient = letter->recipient,
        .kind = letter->kind,
        .language = who->language ? who->language : DEFAULT_LANGUAGE,
        .params = params_of(p, who, letter),
        .secret = "",
        .created = seconds,
        .next_try = seconds,
        .expires = letter->expires,
        .realm = who->realm,
        .name = who->user,
    };

    if (!service->mail) {
        return CP2FA_DB_OK;
    }
    if (mail.id && letter->token) {
        mail.secret = seal(service, p, &mail, letter->token);
    }
    return mail.id && mail.secret ? cp2fa_outbox_add(tx, p, &mail)
                                  : CP2FA_DB_FAILED;
}

/* The lines of params, a value each. */
static int split(apr_pool_t *p, const char *params, struct cp2fa_value *values,
                 int most)
{
    char *rest = apr_pstrdup(p, params);
    int n = 0;
    char *line;

    while (n < most && (line = apr_strtok(rest, "\n", &rest)) != NULL) {
        char *equals = strchr(line, '=');

        if (equals) {
            *equals = '\0';
            values[n++] = (struct cp2fa_value){line, equals + 1};
        }
    }
    return n;
}

static char *open_token(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_mail *mail)
{
    struct cp2fa_part parts[PARTS];
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];
    char *text = NULL;

    bind_to(parts, mail);
    if (cp2fa_seal_open(service->crypto, service->keys, mail->secret, parts,
                        PARTS, plain)
        == CP2FA_MAILTOKEN_LEN) {
        text = apr_palloc(p, CP2FA_CROCKFORD_LEN(CP2FA_MAILTOKEN_LEN) + 1);
        cp2fa_crockford_encode(plain, CP2FA_MAILTOKEN_LEN, text);
    }
    cp2fa_bytes_wipe(plain, sizeof(plain));
    return text;
}

int cp2fa_letter_values(const struct cp2fa_service *service, apr_pool_t *p,
                        const struct cp2fa_mail *mail,
                        struct cp2fa_value values[CP2FA_LETTER_VALUES],
                        char **secret)
{
    int n = 0;

    *secret = NULL;
    values[n++] = (struct cp2fa_value){"user", mail->name};
    values[n++] = (struct cp2fa_value){"realm", mail->realm};
    values[n++] =
        (struct cp2fa_value){"time", cp2fa_service_time(p, mail->created)};
    if (*mail->secret) {
        *secret = open_token(service, p, mail);
        if (!*secret) {
            return -1;
        }
        values[n++] = (struct cp2fa_value){"token", *secret};
    }
    return n + split(p, mail->params, values + n, CP2FA_LETTER_VALUES - n);
}
