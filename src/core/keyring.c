/* SPDX-License-Identifier: Apache-2.0 */
#include "core/keyring.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

struct key {
    char id[CP2FA_KEY_ID_MAX + 1];
    uint8_t derived[CP2FA_PURPOSES][CP2FA_KEY_LEN];
};

struct cp2fa_keyring {
    struct key keys[CP2FA_KEYS_MAX];
    size_t count;
    size_t active;
    int marked; /* an active key was named */
};

static const char *const purpose_info[CP2FA_PURPOSES] = {
    "mod_cp2fa seal",
    "mod_cp2fa csrf",
    "mod_cp2fa token",
    "mod_cp2fa session",
};

const char *cp2fa_keyring_strerror(enum cp2fa_keyring_error error)
{
    static const char *const texts[] = {
        [CP2FA_KEYRING_OK] = "no error",
        [CP2FA_KEYRING_EMPTY] = "it holds no key",
        [CP2FA_KEYRING_SYNTAX] = "not of the form id:base64[:active]",
        [CP2FA_KEYRING_BAD_ID] = "an id is 1 to 16 of A-Z a-z 0-9 _ -",
        [CP2FA_KEYRING_BAD_KEY] = "a key is 32 bytes in base64",
        [CP2FA_KEYRING_DUPLICATE_ID] = "two keys have the same id",
        [CP2FA_KEYRING_TOO_MANY] = "more than 16 keys",
        [CP2FA_KEYRING_NO_ACTIVE] = "of several keys none is marked :active",
        [CP2FA_KEYRING_TWO_ACTIVE] = "more than one key is marked :active",
        [CP2FA_KEYRING_CRYPTO] = "libcrypto could not derive the keys",
    };

    return texts[error];
}

static int derive(const struct cp2fa_crypto *crypto,
                  const uint8_t key[CP2FA_KEY_LEN], const char *info,
                  uint8_t out[CP2FA_KEY_LEN])
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key,
                                          CP2FA_KEY_LEN),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info,
                                          strlen(info)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(crypto->hkdf);
    int rv =
        ctx && EVP_KDF_derive(ctx, out, CP2FA_KEY_LEN, params) == 1 ? 0 : -1;

    EVP_KDF_CTX_free(ctx);
    return rv;
}

static int valid_id(const char *id, size_t len)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-";

    return len > 0 && len <= CP2FA_KEY_ID_MAX && strspn(id, allowed) >= len;
}

static enum cp2fa_keyring_error add_key(const struct cp2fa_crypto *crypto,
                                        struct cp2fa_keyring *ring,
                                        const char *id, size_t id_len,
                                        const char *base64, size_t base64_len)
{
    struct key *key = &ring->keys[ring->count];
    uint8_t raw[CP2FA_KEY_LEN];
    enum cp2fa_keyring_error error = CP2FA_KEYRING_OK;

    if (!valid_id(id, id_len)) {
        return CP2FA_KEYRING_BAD_ID;
    }
    if (ring->count == CP2FA_KEYS_MAX) {
        return CP2FA_KEYRING_TOO_MANY;
    }
    for (size_t i = 0; i < ring->count; i++) {
        if (strlen(ring->keys[i].id) == id_len
            && memcmp(ring->keys[i].id, id, id_len) == 0) {
            return CP2FA_KEYRING_DUPLICATE_ID;
        }
    }
    memcpy(key->id, id, id_len);
    key->id[id_len] = '\0';
    if (cp2fa_bytes_from_base64(base64, base64_len, raw, sizeof(raw))
        != CP2FA_KEY_LEN) {
        error = CP2FA_KEYRING_BAD_KEY;
        goto done;
    }
    for (size_t i = 0; i < CP2FA_PURPOSES; i++) {
        if (derive(crypto, raw, purpose_info[i], key->derived[i]) != 0) {
            error = CP2FA_KEYRING_CRYPTO;
            goto done;
        }
    }
    ring->count++;
done:
    cp2fa_bytes_wipe(raw, sizeof(raw));
    return error;
}

static enum cp2fa_keyring_error parse_line(const struct cp2fa_crypto *crypto,
                                           struct cp2fa_keyring *ring,
                                           const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    const char *key = colon ? colon + 1 : NULL;
    size_t key_len;
    const char *mark;
    enum cp2fa_keyring_error error;

    if (!colon) {
        return CP2FA_KEYRING_SYNTAX;
    }
    key_len = len - (size_t)(key - line);
    mark = memchr(key, ':', key_len);
    if (mark) {
        if (key_len - (size_t)(mark - key) != strlen(":active")
            || memcmp(mark, ":active", strlen(":active")) != 0) {
            return CP2FA_KEYRING_SYNTAX;
        }
        if (ring->marked) {
            return CP2FA_KEYRING_TWO_ACTIVE;
        }
        key_len = (size_t)(mark - key);
    }
    error = add_key(crypto, ring, line, (size_t)(colon - line), key, key_len);
    if (error == CP2FA_KEYRING_OK && mark) {
        ring->marked = 1;
        ring->active = ring->count - 1;
    }
    return error;
}

enum cp2fa_keyring_error cp2fa_keyring_parse(const struct cp2fa_crypto *crypto,
                                             const char *text, size_t len,
                                             struct cp2fa_keyring **ring,
                                             unsigned *line)
{
    struct cp2fa_keyring *made = OPENSSL_zalloc(sizeof(*made));
    enum cp2fa_keyring_error error = CP2FA_KEYRING_OK;

    *ring = NULL;
    *line = 0;
    if (!made) {
        return CP2FA_KEYRING_CRYPTO;
    }
    while (len > 0 && error == CP2FA_KEYRING_OK) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;

        (*line)++;
        if (n > 0 && text[0] != '#') {
            error = parse_line(crypto, made, text, n);
        }
        n = end ? n + 1 : n;
        text += n;
        len -= n;
    }
    if (error == CP2FA_KEYRING_OK) {
        *line = 0;
        if (made->count == 0) {
            error = CP2FA_KEYRING_EMPTY;
        }
        else if (made->count > 1 && !made->marked) {
            error = CP2FA_KEYRING_NO_ACTIVE;
        }
    }
    if (error != CP2FA_KEYRING_OK) {
        cp2fa_keyring_free(made);
        return error;
    }
    *ring = made;
    return CP2FA_KEYRING_OK;
}

void cp2fa_keyring_free(struct cp2fa_keyring *ring)
{
    OPENSSL_clear_free(ring, sizeof(*ring));
}

const char *cp2fa_keyring_active(const struct cp2fa_keyring *ring)
{
    return ring->keys[ring->active].id;
}

const char *cp2fa_keyring_id(const struct cp2fa_keyring *ring, size_t i)
{
    return i < ring->count ? ring->keys[i].id : NULL;
}

const uint8_t *cp2fa_keyring_key(const struct cp2fa_keyring *ring,
                                 const char *id, enum cp2fa_purpose purpose)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (strcmp(ring->keys[i].id, id) == 0) {
            return ring->keys[i].derived[purpose];
        }
    }
    return NULL;
}

int cp2fa_keyring_format(const char *id, const uint8_t key[CP2FA_KEY_LEN],
                         char *out, size_t size)
{
    char base64[CP2FA_BASE64_LEN(CP2FA_KEY_LEN) + 1];
    int n;

    cp2fa_bytes_to_base64(key, CP2FA_KEY_LEN, base64);
    n = snprintf(out, size,
                 "# Keys of mod_cp2fa: who reads them can open the secrets in "
                 "its database.\n%s:%s:active\n",
                 id, base64);
    cp2fa_bytes_wipe(base64, sizeof(base64));
    return n >= 0 && (size_t)n < size ? n : -1;
}

static int names(const char *line, size_t len, const char *id)
{
    size_t id_len = id ? strlen(id) : 0;

    return id && len > id_len && line[id_len] == ':'
           && memcmp(line, id, id_len) == 0;
}

int cp2fa_keyring_rewrite(const char *text, size_t len, const char *active,
                          const char *drop, const char *add_id,
                          const uint8_t *add, char *out, size_t size)
{
    static const char mark[] = ":active";
    char base64[CP2FA_BASE64_LEN(CP2FA_KEY_LEN) + 1];
    size_t used = 0;
    int found = 0;

    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        size_t next = end ? n + 1 : n;
        int here = names(text, n, active);

        if (n >= sizeof(mark) - 1 && text[0] != '#'
            && memcmp(text + n - (sizeof(mark) - 1), mark, sizeof(mark) - 1)
                   == 0) {
            n -= sizeof(mark) - 1;
        }
        if (used + n + sizeof(mark) + 1 > size) {
            return -1;
        }
        if (!names(text, n, drop)) {
            memcpy(out + used, text, n);
            used += n;
            if (here) {
                memcpy(out + used, mark, sizeof(mark) - 1);
                used += sizeof(mark) - 1;
                found = 1;
            }
            out[used++] = '\n';
        }
        text += next;
        len -= next;
    }
    if (add) {
        int n;

        cp2fa_bytes_to_base64(add, CP2FA_KEY_LEN, base64);
        n = snprintf(out + used, size - used, "%s:%s%s\n", add_id, base64,
                     strcmp(add_id, active) == 0 ? mark : "");
        cp2fa_bytes_wipe(base64, sizeof(base64));
        found |= strcmp(add_id, active) == 0;
        if (n < 0 || (size_t)n >= size - used) {
            return -1;
        }
        used += (size_t)n;
    }
    return found ? (int)used : -1;
}
