/* SPDX-License-Identifier: Apache-2.0 */
#include "core/csrf.h"

#include <string.h>

static int make(const struct cp2fa_crypto *crypto,
                const struct cp2fa_keyring *ring, const char *key_id,
                const char *session, const char *realm, const char *user,
                char out[CP2FA_CSRF_TEXT + 1])
{
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text(session),
        cp2fa_crypto_text(realm),
        cp2fa_crypto_text(user),
    };
    const uint8_t *key = cp2fa_keyring_key(ring, key_id, CP2FA_PURPOSE_CSRF);
    uint8_t mac[CP2FA_SHA256_LEN];

    if (!key || cp2fa_crypto_mac(crypto, key, parts, 3, mac) != 0) {
        return -1;
    }
    cp2fa_bytes_to_hex(mac, sizeof(mac), out);
    return 0;
}

int cp2fa_csrf_make(const struct cp2fa_crypto *crypto,
                    const struct cp2fa_keyring *ring, const char *session,
                    const char *realm, const char *user,
                    char out[CP2FA_CSRF_TEXT + 1])
{
    return make(crypto, ring, cp2fa_keyring_active(ring), session, realm, user,
                out);
}

int cp2fa_csrf_check(const struct cp2fa_crypto *crypto,
                     const struct cp2fa_keyring *ring, const char *session,
                     const char *realm, const char *user, const char *field)
{
    char expected[CP2FA_CSRF_TEXT + 1];
    const char *id;

    if (strlen(field) != CP2FA_CSRF_TEXT) {
        return 0;
    }
    /* A form shown before a key rotation is still good after it. */
    for (size_t i = 0; (id = cp2fa_keyring_id(ring, i)) != NULL; i++) {
        if (make(crypto, ring, id, session, realm, user, expected) == 0
            && cp2fa_bytes_equal(expected, field, CP2FA_CSRF_TEXT)) {
            return 1;
        }
    }
    return 0;
}
