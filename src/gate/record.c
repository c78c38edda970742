/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/record.h"

#include <apr_strings.h>

#include "core/token.h"
#include "gate/conf.h"

/* A session in the cache: what begins it, four times, four texts. */
#define FORM    "s2" /* another form, of another version, is none */
#define TIMES   4
#define TEXTS   4
#define TEXT_AT (sizeof(FORM) - 1 + TIMES * sizeof(int64_t))

static int code_of(server_rec *s, const char *about, const char *record,
                   size_t len, uint8_t code[CP2FA_SHA256_LEN])
{
    const struct cp2fa_service *service = &cp2fa_conf_shared(s)->service;
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text("session cache"),
        cp2fa_crypto_text(about),
        {record, len},
    };

    return cp2fa_crypto_mac(
        service->crypto,
        cp2fa_keyring_key(service->keys, cp2fa_keyring_active(service->keys),
                          CP2FA_PURPOSE_SESSION),
        parts, sizeof(parts) / sizeof(*parts), code);
}

size_t cp2fa_record_seal(server_rec *s, const char *about,
                         char record[CP2FA_RECORD_MAX], size_t len)
{
    return len > 0 && len <= CP2FA_RECORD_MAX - CP2FA_SHA256_LEN
                   && code_of(s, about, record, len, (uint8_t *)record + len)
                          == 0
               ? len + CP2FA_SHA256_LEN
               : 0;
}

size_t cp2fa_record_open(server_rec *s, const char *about, const char *record,
                         size_t len)
{
    uint8_t code[CP2FA_SHA256_LEN];

    if (len <= CP2FA_SHA256_LEN) {
        return 0;
    }
    len -= CP2FA_SHA256_LEN;
    return code_of(s, about, record, len, code) == 0
                   && cp2fa_bytes_equal(code, record + len, sizeof(code))
               ? len
               : 0;
}

/* As machines have it that share a cache: the least byte first. */
static void write_time(uint8_t *out, int64_t time)
{
    for (size_t i = 0; i < sizeof(time); i++) {
        out[i] = (uint8_t)((uint64_t)time >> 8 * i);
    }
}

static int64_t read_time(const uint8_t *from)
{
    uint64_t time = 0;

    for (size_t i = 0; i < sizeof(time); i++) {
        time |= (uint64_t)from[i] << 8 * i;
    }
    return (int64_t)time;
}

struct cp2fa_session *cp2fa_record_read(server_rec *s, apr_pool_t *p,
                                        const char *hash, char *record,
                                        size_t len)
{
    const char *text[TEXTS];
    int64_t times[TIMES];
    char *rest = record + TEXT_AT;
    char *end;
    struct cp2fa_session *session;

    len = cp2fa_record_open(s, hash, record, len);
    end = record + len;
    if (len < TEXT_AT || memcmp(record, FORM, sizeof(FORM) - 1) != 0) {
        return NULL;
    }
    for (int i = 0; i < TEXTS; i++) {
        text[i] = rest;
        rest = memchr(rest, '\0', (size_t)(end - rest));
        if (!rest++) {
            return NULL;
        }
    }
    for (size_t i = 0; i < TIMES; i++) {
        times[i] = read_time((uint8_t *)record + sizeof(FORM) - 1
                             + i * sizeof(int64_t));
        if (times[i] < 0 || times[i] > INT64_MAX / 2) {
            return NULL;
        }
    }
    if (rest != end) {
        return NULL;
    }
    session = apr_palloc(p, sizeof(*session));
    *session = (struct cp2fa_session){
        .hash = apr_pmemdup(p, hash, CP2FA_HASH_TEXT + 1),
        .account = text[0],
        .realm = text[1],
        .name = text[2],
        .amr = text[3],
        .created = times[0],
        .auth_time = times[1],
        .last_seen = times[2],
        .ends = times[3],
    };
    return session;
}

size_t cp2fa_record_write(server_rec *s, const struct cp2fa_session *session,
                          char record[CP2FA_RECORD_MAX])
{
    const char *const text[TEXTS] = {session->account, session->realm,
                                     session->name, session->amr};
    const int64_t times[TIMES] = {session->created, session->auth_time,
                                  session->last_seen, session->ends};
    size_t len = TEXT_AT;

    memcpy(record, FORM, sizeof(FORM) - 1);
    for (size_t i = 0; i < TIMES; i++) {
        write_time((uint8_t *)record + sizeof(FORM) - 1 + i * sizeof(int64_t),
                   times[i]);
    }
    for (int i = 0; i < TEXTS; i++) {
        size_t n = strlen(text[i]) + 1;

        if (n > CP2FA_RECORD_MAX - len) {
            return 0;
        }
        memcpy(record + len, text[i], n);
        len += n;
    }
    return cp2fa_record_seal(s, session->hash, record, len);
}
