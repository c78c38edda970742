/* SPDX-License-Identifier: Apache-2.0 */
#include "service/tokenmac.h"

#include <string.h>

int cp2fa_tokenmac_make(const struct cp2fa_service *service, const char *key_id,
                        const char *purpose, const char *account,
                        const uint8_t *bytes, size_t len,
                        char out[CP2FA_TOKENMAC_TEXT + 1])
{
    const char *id = key_id ? key_id : cp2fa_keyring_active(service->keys);
    const uint8_t *key =
        cp2fa_keyring_key(service->keys, id, CP2FA_PURPOSE_TOKEN);
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text(purpose),
        cp2fa_crypto_text(account),
        {bytes, len},
    };
    uint8_t mac[CP2FA_SHA256_LEN];
    size_t id_len = strlen(id);

    if (!key || cp2fa_crypto_mac(service->crypto, key, parts, 3, mac) != 0) {
        return -1;
    }
    memcpy(out, id, id_len);
    out[id_len] = ':';
    cp2fa_bytes_to_hex(mac, sizeof(mac), out + id_len + 1);
    return 0;
}
