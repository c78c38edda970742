/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/record.h"

#include <string.h>

#include "gate/conf.h"

static int code_of(server_rec *s, const char *hash, const void *record,
                   size_t len, uint8_t code[CP2FA_SHA256_LEN])
{
    const struct cp2fa_service *service = &cp2fa_conf_shared(s)->service;
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text("session cache"),
        cp2fa_crypto_text(hash),
        {record, len},
    };

    return cp2fa_crypto_mac(
        service->crypto,
        cp2fa_keyring_key(service->keys, cp2fa_keyring_active(service->keys),
                          CP2FA_PURPOSE_SESSION),
        parts, sizeof(parts) / sizeof(*parts), code);
}

int cp2fa_record_seal(server_rec *s, const char *hash, void *record, int len,
                      size_t size)
{
    if (len < 0 || (size_t)len + CP2FA_SHA256_LEN > size
        || code_of(s, hash, record, (size_t)len, (uint8_t *)record + len)
               != 0) {
        return -1;
    }
    return len + CP2FA_SHA256_LEN;
}

int cp2fa_record_open(server_rec *s, const char *hash, const void *record,
                      unsigned *len)
{
    uint8_t code[CP2FA_SHA256_LEN];

    if (*len < CP2FA_SHA256_LEN) {
        return -1;
    }
    *len -= CP2FA_SHA256_LEN;
    return code_of(s, hash, record, *len, code) == 0
                   && cp2fa_bytes_equal(code, (const uint8_t *)record + *len,
                                        sizeof(code))
               ? 0
               : -1;
}
