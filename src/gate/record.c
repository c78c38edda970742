/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/record.h"

#include <apr_strings.h>

#include "core/packed.h"
#include "core/token.h"
#include "gate/conf.h"

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

struct cp2fa_session *cp2fa_record_read(apr_pool_t *p, const char *hash,
                                        char *record, size_t len)
{
    struct cp2fa_packed packed;
    struct cp2fa_session *session;

    if (cp2fa_packed_read(record, len, &packed) != 0) {
        return NULL;
    }
    session = apr_palloc(p, sizeof(*session));
    *session = (struct cp2fa_session){
        .hash = apr_pmemdup(p, hash, CP2FA_HASH_TEXT + 1),
        .account = packed.texts[0],
        .realm = packed.texts[1],
        .name = packed.texts[2],
        .amr = packed.texts[3],
        .created = packed.times[0],
        .auth_time = packed.times[1],
        .last_seen = packed.times[2],
        .ends = packed.times[3],
    };
    return session;
}

size_t cp2fa_record_write(const struct cp2fa_session *session,
                          char record[CP2FA_RECORD_MAX])
{
    const struct cp2fa_packed packed = {
        .texts = {session->account, session->realm, session->name,
                  session->amr},
        .times = {session->created, session->auth_time, session->last_seen,
                  session->ends},
    };

    return cp2fa_packed_write(&packed, record, CP2FA_RECORD_MAX);
}
